import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { LOG_PATHS, verifyLog, type LogReport, type LogSink } from "@siphms/audit";
import { createWebEd25519, parsePolicy } from "@siphms/tlog";

import { createFolderSource } from "../../audit-log/folder-log.ts";
import { CliError } from "../../cli-error.ts";
import type { BenchScope } from "../harness/bench-scope.ts";
import { rounded } from "../harness/statistics.ts";
import { writeInventedLog } from "./invented-log.ts";

/** What the verification of one exported log took. */
export interface VerifyFigures {
  readonly [name: string]: number;
  readonly entries: number;
  readonly seconds: number;
  readonly entriesPerSecond: number;
  readonly cpuSeconds: number;
  /** Of this process, at its largest. */
  readonly memoryMib: number;
}

/**
 * Measures how long `siphms audit verify --from` takes for an exported log of so many invented entries: every entry, every
 * tile, every program's chain.
 *
 * @throws {CliError} unless the log is found sound.
 */
export async function measureVerify(
  scope: BenchScope,
  { entries }: { readonly entries: number },
): Promise<VerifyFigures> {
  const folder = await mkdtemp(path.join(tmpdir(), "siphms-bench-audit-"));
  scope.hold({ stop: () => rm(folder, { recursive: true, force: true }) });
  scope.say(`Writing a log of ${entries} entries ...`);
  await writeInventedLog(plainSink(folder), entries);
  const source = createFolderSource(folder);
  const policy = parsePolicy((await source.read(LOG_PATHS.policy)) ?? new Uint8Array());
  scope.say("Verifying it ...");
  const [cpuBefore, before] = [process.cpuUsage(), performance.now()];
  const report = await verifyLog(source, { policy, ed25519: createWebEd25519() });
  const seconds = (performance.now() - before) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  checkSound(report, entries);
  return {
    entries,
    seconds: rounded(seconds),
    entriesPerSecond: rounded(entries / seconds),
    cpuSeconds: rounded((user + system) / 1e6),
    memoryMib: Math.round(process.resourceUsage().maxRSS / 1_024),
  };
}

function checkSound({ findings, entries }: LogReport, expected: number): void {
  if (findings.length === 0 && entries === expected) return;
  throw new CliError("The log that was just written does not verify.");
}

/** Without syncs: what is measured is reading. */
function plainSink(folder: string): LogSink {
  return {
    has: () => Promise.resolve(false),
    async write(name, bytes) {
      const file = path.join(folder, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, bytes);
    },
  };
}
