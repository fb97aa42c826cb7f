import path from "node:path";

import type { Command } from "commander";
import { createScratchDatabase } from "@siphms/local-postgres";

import { CliError } from "../cli-error.ts";
import { layoutOf } from "../installation/layout.ts";
import { runHospitalTask } from "../installation/hospital-task.ts";
import { table, withProgress } from "../output.ts";
import { requireFolder } from "./backup.ts";
import type { CommandContext } from "./context.ts";
import { ALTERED_LOG } from "./restore.ts";
import { operatorCommand } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

interface DrillOptions extends OperatorOptions {
  readonly from?: string;
}

/** What the hospital's program prints of a drill. */
interface Drilled {
  readonly folder: string;
  readonly durationMs: number;
  readonly ageMs: number;
  readonly lost: { readonly messages: number; readonly auditEntries: number };
  readonly restored: { readonly rows: number; readonly auditIntact: boolean };
}

/** Adds `siphms drill`. */
export function addDrillCommand(program: Command, context: CommandContext): void {
  operatorCommand(
    program
      .command("drill")
      .description(
        "restore the newest backup into a scratch database, and say how long that takes and what would be lost",
      ),
    "siphms drill --from /mnt/backups",
  )
    .option("--from <dir>", "folder of the backups (else SIPHMS_HOSPITAL_BACKUP_FOLDER)")
    .action((options: DrillOptions) => drill(options, context));
}

async function drill(options: DrillOptions, context: CommandContext): Promise<void> {
  const { output, environment } = context;
  requireFolder(options.from, "--from", environment);
  const folder = options.from === undefined ? [] : [path.resolve(options.from)];
  const task = runHospitalTask({
    ...{ layout: layoutOf(options.data), environment, say: (line) => output.note(line) },
    parameters: ["drill", ...folder],
    async prepare(database) {
      const scratch = await createScratchDatabase(database);
      const settings = { SIPHMS_HOSPITAL_DRILL_URL: scratch.url };
      return { settings, close: () => scratch.drop() };
    },
  });
  const line = (await withProgress(output, "Restoring the newest backup", task)).trim();
  const drilled = JSON.parse(line) as Drilled;
  output.print(options.json ? line : reportOf(drilled));
  if (!drilled.restored.auditIntact) throw new CliError(ALTERED_LOG);
}

function reportOf({ folder, durationMs, ageMs, lost, restored }: Drilled): string {
  return table([
    ["Backup", folder],
    ["Rows restored", String(restored.rows)],
    ["A restore takes (RTO)", `${(durationMs / 1000).toFixed(1)} s`],
    ["Would be lost (RPO)", `the last ${ageText(ageMs)}`],
    ["  messages of readings", String(lost.messages)],
    ["  entries of the audit log", String(lost.auditEntries)],
  ]);
}

function ageText(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
