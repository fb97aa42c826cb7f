import { execFile } from "node:child_process";
import { statfs } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import type { BenchInstallation } from "./bench-installation.ts";
import type { BenchValue } from "./bench-result.ts";

const GIBIBYTE = 1_073_741_824;
/** `f_type` of statfs(2): on some of these a sync costs nothing, so a figure means nothing without the name. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: "ext4",
  0x01021994: "tmpfs",
  0x794c7630: "overlay",
  0x58465342: "xfs",
  0x9123683e: "btrfs",
};

/** The machine and the code that was measured: the beginning of every result's conditions. */
export async function machineConditions(): Promise<Record<string, BenchValue>> {
  return {
    node: process.version,
    cores: availableParallelism(),
    cpu: cpus()[0]?.model ?? "unknown",
    memoryGib: Math.round(totalmem() / GIBIBYTE),
    commit: await commit(),
  };
}

/** The installation that was measured: PostgreSQL, as it shows itself, and where its files lie. */
export async function installationConditions(
  installation: BenchInstallation,
): Promise<Record<string, BenchValue>> {
  const { type } = await statfs(installation.databaseFolder);
  return {
    ...(await installation.database.conditions()),
    fileSystem: FILE_SYSTEMS[type] ?? `type 0x${type.toString(16)}`,
  };
}

/** Of the checkout that this runs from, `-changed` where it has changes; null outside a checkout. */
async function commit(): Promise<string | null> {
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  const git = ["describe", "--always", "--abbrev=12", "--exclude=*", "--dirty=-changed"];
  return promisify(execFile)("git", git, { cwd }).then(
    ({ stdout }) => stdout.trim(),
    () => null,
  );
}
