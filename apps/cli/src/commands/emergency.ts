import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";

import type { Command } from "commander";

import { mergeReportSchema, OPERATOR_PATHS, parseApi, type MergeReport } from "@siphms/api";

import { CliError } from "../cli-error.ts";
import { layoutOf, type Layout } from "../installation/layout.ts";
import { HOSPITAL_NODE_FLAGS } from "../installation/node-flags.ts";
import { createOperatorRequests } from "../installation/operator-requests.ts";
import { findProgram } from "../installation/program-path.ts";
import { threadPool } from "../installation/program-settings.ts";
import { runForeground } from "../installation/run-foreground.ts";
import { table, withProgress } from "../output.ts";
import type { CommandContext } from "./context.ts";
import { operatorCommand, type OperatorOptions } from "./with-operator.ts";

/** Where the hospital looks for what emergency mode has noted, in its data folder. */
const ENTRIES_FOLDER = "emergency";
const ENTRIES_FILE = /^[0-9a-f]{16}\.(entries|merged)$/;

/** Adds `siphms emergency`. */
export function addEmergencyCommand(program: Command, context: CommandContext): void {
  operatorCommand(
    program
      .command("emergency")
      .description(
        "while the hospital is away: show the records of a read-only copy of its database, each look noted in a file; settings\n" +
          "come from the environment, as for `siphms hospital`",
      ),
    "DATABASE_URL=postgresql://...@replica/... SIPHMS_CONSOLE_DIR=... siphms emergency --data /srv/siphms-emergency",
  ).action((options: OperatorOptions) => runEmergency(options, context));
}

/** Adds `merge` to `siphms audit`. */
export function addMergeCommand(audit: Command, context: CommandContext): void {
  operatorCommand(
    audit
      .command("merge [files...]")
      .description(
        "take what emergency mode noted into the log of the running hospital, each entry once; files of another machine are\n" +
          "copied into the data folder first",
      ),
    "siphms audit merge /mnt/replica/emergency/*.entries",
  ).action((files: readonly string[], options: OperatorOptions) =>
    mergeEntries(files, options, context),
  );
}

async function runEmergency(
  options: OperatorOptions,
  { environment }: CommandContext,
): Promise<void> {
  await runForeground({
    main: await findProgram("hospital"),
    parameters: ["emergency"],
    nodeFlags: HOSPITAL_NODE_FLAGS,
    environment: { SIPHMS_DATA: layoutOf(options.data).data, ...threadPool(), ...environment },
  });
}

async function mergeEntries(
  files: readonly string[],
  options: OperatorOptions,
  { output }: CommandContext,
): Promise<void> {
  const layout = layoutOf(options.data);
  for (const file of files) await bring(file, layout);
  const task = askForMerge(layout);
  const report = await withProgress(output, "Taking the entries into the log", task);
  output.print(options.json ? JSON.stringify(report) : describe(report));
  const refused = report.files.filter(({ kind }) => kind === "refused");
  if (refused.length === 0) return;
  throw new CliError(
    `Refused ${String(refused.length)} of ${String(report.files.length)} files: from some place on not as emergency mode of this installation wrote them. What stands before that is in the log. They are kept in the data folder, in ${ENTRIES_FOLDER}, with names of their own; find out who could write to them.`,
  );
}

/** Puts a copy where the hospital looks; of two copies of one file the longer one counts. */
async function bring(file: string, layout: Layout): Promise<void> {
  const name = path.basename(file);
  if (!ENTRIES_FILE.test(name)) {
    throw new CliError(
      `${file} has not the name of a file of entries, such as 0123456789abcdef.entries. Give the files that lie in the folder ${ENTRIES_FOLDER} of the emergency mode's data folder.`,
      { exitCode: 2 },
    );
  }
  const folder = path.join(layout.data, ENTRIES_FOLDER);
  const place = path.join(folder, name.replace(/merged$/, "entries"));
  const brought = await readFileOf(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const known = await readFile(place).catch(() => undefined);
  // One that is cut to nothing is brought too: the hospital notes it.
  if (known !== undefined && startsWith(known, brought)) return;
  if (known !== undefined && !startsWith(brought, known)) {
    throw new CliError(
      `${place} is there already and says something else. Keep both files, and find out which of them was changed.`,
    );
  }
  const half = `${place}.half`;
  await writeFile(half, brought, { mode: 0o600 });
  await rename(half, place);
}

async function readFileOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new CliError(`Cannot read ${file}. Look at the path and the permissions.`, { cause });
  }
}

function startsWith(whole: Buffer, begin: Buffer): boolean {
  return whole.length >= begin.length && whole.subarray(0, begin.length).equals(begin);
}

async function askForMerge(layout: Layout): Promise<MergeReport> {
  const requests = createOperatorRequests(layout.operatorSocket);
  try {
    return parseApi(
      mergeReportSchema,
      await requests.ask({ method: "POST", path: OPERATOR_PATHS.mergeEntries }),
    );
  } finally {
    requests.close();
  }
}

function describe({ files }: MergeReport): string {
  if (files.length === 0) return "There is no file of entries in the data folder: nothing to take.";
  const rows = files.map((one) =>
    one.kind === "refused"
      ? [one.file, String(one.entries), String(one.added), "", String(one.refusedBytes)]
      : [one.file, String(one.entries), String(one.added), String(one.tornBytes), ""],
  );
  return table([["FILE", "ENTRIES", "ADDED", "TORN BYTES", "REFUSED BYTES"], ...rows]);
}
