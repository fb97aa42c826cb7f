import path from "node:path";

import type { Command } from "commander";

import { layoutOf, makeFolders } from "../installation/layout.ts";
import { namesDatabase, runHospitalTask } from "../installation/hospital-task.ts";
import { claimMode } from "../installation/mode.ts";
import { withProgress } from "../output.ts";
import type { CommandContext } from "./context.ts";
import { operatorCommand } from "./with-operator.ts";
import type { OperatorOptions } from "./with-operator.ts";

interface RestoreOptions extends OperatorOptions {
  readonly keys?: string;
  readonly demo?: true;
}

/** What the hospital's program prints of a restore. */
interface Restored {
  readonly auditIntact: boolean;
  readonly leftOut: readonly string[];
  readonly hospital: string;
  readonly madeAt: number;
  readonly rows: number;
  readonly durationMs: number;
}

/** What is said of a backup whose audit log does not fit its newest head. */
export const ALTERED_LOG =
  "The audit log in this backup is not what its newest head says: it was altered before the backup was made. The records are as they were then. `siphms audit verify` says where; find out who could.";

/** Adds `siphms restore`. */
export function addRestoreCommand(program: Command, context: CommandContext): void {
  operatorCommand(
    program
      .command("restore")
      .description(
        "restore a backup into an empty database, or into a new data folder whose secrets/kek you have put there",
      )
      .argument("<backup>", "the backup's folder"),
    "siphms restore /mnt/backups/siphms-20261123T171500Z-0123456789abcdef --data restored",
  )
    .option(
      "--keys <dir>",
      "a newer backup's folder, whose keys are taken: whoever was erased since stays erased",
    )
    .option("--demo", "the backup is of a demo; it can then never run with real patients")
    .action((backup: string, options: RestoreOptions) => restore(backup, options, context));
}

async function restore(
  backup: string,
  options: RestoreOptions,
  context: CommandContext,
): Promise<void> {
  const { output, environment } = context;
  const layout = layoutOf(options.data);
  const isLocal = !namesDatabase(environment);
  if (isLocal) {
    await makeFolders(layout);
    // A link is a session in a demo: what held real patients must never start as one.
    await claimMode(layout, options.demo === true ? "demo" : "real");
  }
  const keys = options.keys === undefined ? [] : [path.resolve(options.keys)];
  const task = runHospitalTask({
    ...{ layout, environment, say: (line) => output.note(line), alone: true },
    parameters: ["restore", path.resolve(backup), ...keys],
  });
  const line = (await withProgress(output, "Restoring", task)).trim();
  const restored = JSON.parse(line) as Restored;
  if (!restored.auditIntact) output.note(ALTERED_LOG);
  if (restored.leftOut.length > 0) {
    output.note(`Left out, because no release knows it: ${restored.leftOut.join(", ")}.`);
  }
  if (options.json) {
    output.print(line);
    return;
  }
  const made = new Date(restored.madeAt).toISOString();
  output.print(`Restored ${restored.hospital} as it was at ${made}.`);
  output.print(
    `${restored.rows} rows, compared with the backup, in ${(restored.durationMs / 1000).toFixed(1)} s.`,
  );
  output.print(
    "Every session is closed: staff sign in anew, devices begin new sessions by themselves. What was revoked after the backup has to be revoked again.",
  );
  output.print(
    isLocal
      ? `Start it with: siphms up --data '${options.data}'${options.demo === true ? " --demo" : ""}`
      : "Start it with: siphms hospital. Its audit log goes on under a new name: have each gateway admit it again.",
  );
}
