import { CliError } from "../cli-error.ts";
import { systemClock } from "../device-state/system-clock.ts";
import type { BenchInstallation } from "./harness/bench-installation.ts";
import type { BenchProcess } from "./harness/bench-process.ts";
import type { BenchValue } from "./harness/bench-result.ts";
import type { BenchScope } from "./harness/bench-scope.ts";
import { measureCpu } from "./harness/cpu-accounting.ts";
import { rounded } from "./harness/statistics.ts";
import type { LoadCalls } from "./load/load-calls.ts";
import { startFloor } from "./scale-floor.ts";
import { visibleFamilyMemory } from "./scale-memory.ts";
import type { MemoryProbe, ProgramMemory } from "./scale-memory.ts";

/** What the stages of the scale bench work with. */
export interface ScaleBench {
  readonly scope: BenchScope;
  readonly installation: BenchInstallation;
  readonly load: BenchProcess<LoadCalls>;
  readonly probe: MemoryProbe;
}

/** Servers that have nothing to do. */
interface IdleServers {
  readonly sessions: number;
  readonly gateway: ProgramMemory;
  readonly hospital: ProgramMemory;
  /** Bytes of all its processes; null where they cannot be read. */
  readonly postgres: number | null;
  /** CPU seconds a second. */
  readonly cores: Readonly<Record<"gateway" | "hospital" | "postgres", number>>;
}

const WAITS_LIMIT_MS = 120_000;
const LOOK_EVERY_MS = 100;
const MEBIBYTE = 1_048_576;

/** How the memory of idle sessions is measured. */
export interface IdleOptions {
  /** Numbers of sessions, growing; at least two. */
  readonly sessions: readonly number[];
  /** How long nothing happens before memory is read: engines give back step by step what a burst needed. */
  readonly idleSeconds: number;
}

/**
 * Measures memory and CPU for each number of sessions, each with a mailbox wait on a connection of its own as an idle device has; then,
 * for the largest number, memory when those devices have gone to sleep. Beside it what a bare server of node:http needs to hold as
 * many requests.
 *
 * Waits are left open for what comes next.
 */
export async function measureIdle(
  bench: ScaleBench,
  options: IdleOptions,
): Promise<Record<string, BenchValue>> {
  const { scope, load, installation } = bench;
  const { gateway: port } = installation.ports;
  const waiting: IdleServers[] = [];
  for (const count of options.sessions) {
    scope.say(`${count} sessions with a mailbox wait ...`);
    await load.ask("openSessions", count);
    await holdWaits(bench, { port, count });
    waiting.push(await watchServers(bench, count, options));
  }
  await load.ask("endWaits", null);
  const most = options.sessions.at(-1) ?? 0;
  scope.say("The same sessions without ...");
  const asleep = await watchServers(bench, most, options);
  const floor = await measureFloor(bench, options);
  await holdWaits(bench, { port, count: most });
  return {
    waiting: byCount(waiting),
    asleep: byCount([asleep]),
    bytesPerSession: {
      waiting: serversPerSession(waiting[0], waiting.at(-1)),
      asleep: serversPerSession(waiting[0], asleep),
      bareServerWaiting: floor,
    },
  };
}

async function measureFloor(
  bench: ScaleBench,
  { sessions, idleSeconds }: IdleOptions,
): Promise<BenchValue> {
  bench.scope.say("A bare server of node:http beside it ...");
  const { port, read } = await startFloor(bench.scope);
  const [first = 0, last = 0] = [sessions[0], sessions.at(-1)];
  const readAt = async (count: number): Promise<ProgramMemory> => {
    await holdWaits(bench, { port, count });
    await systemClock.sleep(idleSeconds * 1_000, bench.scope.signal);
    return read();
  };
  const few = await readAt(first);
  const many = await readAt(last);
  await bench.load.ask("endWaits", null);
  return perSession(few, many, last - first);
}

function serversPerSession(
  few: IdleServers | undefined,
  many: IdleServers | undefined,
): BenchValue {
  if (few === undefined || many === undefined) return null;
  const more = many.sessions - few.sessions;
  return {
    gateway: perSession(few.gateway, many.gateway, more),
    hospital: perSession(few.hospital, many.hospital, more),
    postgres:
      many.postgres === null || few.postgres === null
        ? null
        : rounded((many.postgres - few.postgres) / more, 3),
  };
}

/** What each session more costs a program: bytes, by each way in which memory is counted. */
export function perSession(
  few: ProgramMemory,
  many: ProgramMemory,
  more: number,
): Record<keyof ProgramMemory, number> {
  const each = (name: keyof ProgramMemory): number => rounded((many[name] - few[name]) / more, 3);
  return {
    rss: each("rss"),
    anonymous: each("anonymous"),
    heap: each("heap"),
    external: each("external"),
  };
}

async function holdWaits(
  { load, scope }: ScaleBench,
  wanted: { readonly port: number; readonly count: number },
): Promise<void> {
  const deadline = systemClock.monotonic() + WAITS_LIMIT_MS;
  for (;;) {
    const { open, failed } = await load.ask("holdWaits", wanted);
    if (failed > 0) throw new CliError(`${failed} mailbox waits were refused or lost.`);
    if (open === wanted.count) return;
    if (systemClock.monotonic() > deadline) throw new CliError("Not all mailbox waits are open.");
    await systemClock.sleep(LOOK_EVERY_MS, scope.signal);
  }
}

async function watchServers(
  { installation, probe, scope }: ScaleBench,
  sessions: number,
  { idleSeconds }: IdleOptions,
): Promise<IdleServers> {
  const { gateway = 0, hospital, postgres } = installation.pids;
  const { cpu, seconds } = await measureCpu({ gateway, hospital, postgres }, () =>
    systemClock.sleep(idleSeconds * 1_000, scope.signal),
  );
  return {
    sessions,
    gateway: await probe.read(gateway),
    hospital: await probe.read(hospital),
    postgres: await visibleFamilyMemory(postgres),
    cores: {
      gateway: rounded(cpu.gateway / seconds, 3),
      hospital: rounded(cpu.hospital / seconds, 3),
      postgres: rounded(cpu.postgres / seconds, 3),
    },
  };
}

function byCount(measured: readonly IdleServers[]): BenchValue {
  return Object.fromEntries(measured.map((one) => [`${one.sessions} sessions`, idleValue(one)]));
}

function idleValue({ gateway, hospital, postgres, cores }: IdleServers): BenchValue {
  const mebibytes = ({ rss, anonymous, heap, external }: ProgramMemory): BenchValue => ({
    rssMib: rounded(rss / MEBIBYTE),
    anonymousMib: rounded(anonymous / MEBIBYTE),
    heapMib: rounded(heap / MEBIBYTE),
    externalMib: rounded(external / MEBIBYTE),
  });
  return {
    gateway: mebibytes(gateway),
    hospital: mebibytes(hospital),
    postgresMib: postgres === null ? null : rounded(postgres / MEBIBYTE),
    cores,
  };
}
