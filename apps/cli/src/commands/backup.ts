import path from "node:path";

import type { Command } from "commander";

import { wrongUse } from "../cli-error.ts";
import { layoutOf } from "../installation/layout.ts";
import { runHospitalTask } from "../installation/hospital-task.ts";
import { withProgress } from "../output.ts";
import type { CommandContext } from "./context.ts";
import { operatorCommand } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

interface BackupOptions extends OperatorOptions {
  readonly to?: string;
}

/** What the hospital's program prints of a backup. */
interface MadeBackup {
  readonly folder: string;
  readonly rows: number;
  readonly bytes: number;
  readonly durationMs: number;
}

/** Adds `siphms backup`. */
export function addBackupCommand(program: Command, context: CommandContext): void {
  operatorCommand(
    program
      .command("backup")
      .description(
        "make a backup of the hospital's database, running or not; the key-encryption key is never in it",
      ),
    "siphms backup --to /mnt/backups",
  )
    .option("--to <dir>", "folder of the backups (else SIPHMS_HOSPITAL_BACKUP_FOLDER)")
    .action((options: BackupOptions) => backup(options, context));
}

/**
 * Makes sure that the folder of the backups is said somewhere.
 *
 * @throws {CliError} of wrong use.
 */
export function requireFolder(
  given: string | undefined,
  option: string,
  environment: CommandContext["environment"],
): void {
  const settings = ["SIPHMS_HOSPITAL_BACKUP_FOLDER", "SIPHMS_HOSPITAL_SETTINGS"];
  if (given !== undefined || settings.some((name) => (environment[name] ?? "") !== "")) return;
  throw wrongUse(`Name the folder of the backups with ${option} or SIPHMS_HOSPITAL_BACKUP_FOLDER.`);
}

async function backup(options: BackupOptions, context: CommandContext): Promise<void> {
  const { output, environment } = context;
  requireFolder(options.to, "--to", environment);
  const folder = options.to === undefined ? [] : [path.resolve(options.to)];
  const task = runHospitalTask({
    ...{ layout: layoutOf(options.data), environment, say: (line) => output.note(line) },
    parameters: ["backup", ...folder],
  });
  const line = (await withProgress(output, "Making the backup", task)).trim();
  if (options.json) {
    output.print(line);
    return;
  }
  const made = JSON.parse(line) as MadeBackup;
  output.print(`Backup made and read back: ${made.folder}`);
  output.print(
    `${made.rows} rows, ${made.bytes} bytes, in ${(made.durationMs / 1000).toFixed(1)} s.`,
  );
  output.print(
    "Keep a copy on another machine, and the key-encryption key apart from it: without the key it opens for nobody.",
  );
}
