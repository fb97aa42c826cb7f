import { wrongUse } from "../cli-error.ts";
import { installationConditions, machineConditions } from "./harness/bench-conditions.ts";
import { startBenchInstallation } from "./harness/bench-installation.ts";
import { startBenchProcess } from "./harness/bench-process.ts";
import type { BenchResult } from "./harness/bench-result.ts";
import type { BenchScope } from "./harness/bench-scope.ts";
import type { LoadCalls } from "./load/load-calls.ts";
import { measureIdle } from "./scale-idle.ts";
import { measureOverload, OVERLOAD_CONDITIONS } from "./scale-overload.ts";
import { createMemoryProbe } from "./scale-memory.ts";

/** How `siphms bench scale` measures. */
export interface ScaleOptions {
  /** Numbers of sessions, growing. */
  readonly sessions: readonly number[];
  /** Length of each step of the load. */
  readonly seconds: number;
  /** Devices that open the sessions in turn. */
  readonly devices: number;
  /** How long idle sessions are watched before memory is read; a wait lasts 30 s. */
  readonly idleSeconds: number;
}

/** The most that settings allow: all devices of the generator come from one address. */
const GATEWAY_SETTINGS = { SIPHMS_GATEWAY_ADDRESS_PER_MINUTE: "10000000" };
/** The most that a pass can allow. */
const HOSPITAL_SETTINGS = { SIPHMS_HOSPITAL_ENVELOPES_PER_MINUTE: "6000" };

/**
 * Measures memory of the servers for so many sessions, and then, with all of them open, latency against load up to saturation and
 * beyond, and how long an overload is felt after it has ended.
 *
 * @throws {CliError} for numbers that do not grow, and unless everything that was acknowledged is stored in the end.
 */
export async function runScaleBench(
  scope: BenchScope,
  options: ScaleOptions,
): Promise<BenchResult> {
  checkSessions(options.sessions);
  const probe = await createMemoryProbe(scope);
  const installation = await startBenchInstallation(scope, {
    gateway: { ...GATEWAY_SETTINGS, ...probe.setting },
    hospital: { ...HOSPITAL_SETTINGS, ...probe.setting },
  });
  const { gatewayUrl, operatorSocket } = installation;
  const load = await startBenchProcess<LoadCalls>(scope, "./load/load-main", import.meta.url);
  await load.ask("enrol", { gatewayUrl, operatorSocket, devices: options.devices });
  const bench = { scope, installation, load, probe };
  const idle = await measureIdle(bench, options);
  // A process of its own: holding ten thousand waits is as much work as the servers have with them.
  const sender = await startBenchProcess<LoadCalls>(scope, "./load/load-main", import.meta.url);
  const fleet = { gatewayUrl, operatorSocket, devices: options.devices, prefix: "SENDER" };
  await sender.ask("enrol", fleet);
  const overload = await measureOverload({ ...bench, sender }, options);
  return {
    bench: "scale",
    value: { ...idle, ...overload.value },
    limit: { name: "the most receipts a second at any load", perSecond: overload.peakPerSecond },
    ratio: overload.ratio,
    p50Ms: overload.p50Ms,
    p99Ms: overload.p99Ms,
    conditions: {
      ...(await machineConditions()),
      ...(await installationConditions(installation)),
      ...options,
      gatewaySettings: GATEWAY_SETTINGS,
      hospitalSettings: HOSPITAL_SETTINGS,
      ...OVERLOAD_CONDITIONS,
      cpuSeconds: overload.cpuSeconds,
      memory:
        "bytes after garbage collection; rss with mapped files, anonymous without; postgres: what its processes share counted once",
    },
  };
}

function checkSessions(sessions: readonly number[]): void {
  const grows = sessions.every((count, index) => index === 0 || count > (sessions[index - 1] ?? 0));
  if (sessions.length < 2 || !grows) {
    throw wrongUse("Give at least two numbers of sessions, each larger than the one before.");
  }
}
