import { mkdir } from "node:fs/promises";

import { exportLog } from "@siphms/audit";

import type { CommandContext } from "../commands/context.ts";
import { createFolderSink, createFolderSource } from "./folder-log.ts";
import { withLog, type LogOptions } from "./open-log.ts";
import { judgeLog, printVerdict, refuseFaults, verdictJson } from "./verify-audit.ts";

/** Copies the log of the running hospital into a folder, and verifies the copy. @throws {CliError} when it is not sound. */
export async function exportAudit(
  folder: string,
  options: LogOptions,
  { output }: CommandContext,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const why = "export";
  const verdict = await withLog({ ...options, why }, output, async ({ source, trust }) => {
    output.note(`Copying the log to ${folder} ...`);
    const missing = await exportLog(source, createFolderSink(folder));
    if (missing > 0) output.note(`${missing} files of the log are not there.`);
    output.note("Verifying the copy ...");
    return judgeLog({ source: createFolderSource(folder), trust, operator: undefined }, [], output);
  });
  if (options.json) output.print(JSON.stringify({ folder, ...verdictJson(verdict) }));
  else printVerdict(verdict, output);
  refuseFaults(verdict);
}
