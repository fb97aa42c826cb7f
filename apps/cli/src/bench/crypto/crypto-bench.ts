import { availableParallelism } from "node:os";

import { machineConditions } from "../harness/bench-conditions.ts";
import type { BenchResult } from "../harness/bench-result.ts";
import type { BenchScope } from "../harness/bench-scope.ts";
import { median, rounded } from "../harness/statistics.ts";
import { OPERATIONS } from "./crypto-core.ts";
import type { AdapterName, CryptoTask, OperationName } from "./crypto-core.ts";
import { SIGNATURE_LIMIT, signatureLimit, startCryptoCores } from "./crypto-cores.ts";
import type { CryptoCores } from "./crypto-cores.ts";

/** How `siphms bench crypto` was called. */
export interface CryptoBenchOptions {
  /** Of one measurement; a round has one for each operation, adapter, and number of cores. */
  readonly seconds: number;
  readonly rounds: number;
}

/** An envelope of 60 heart rates. */
const ENVELOPE_BYTES = 402;
const ADAPTERS: readonly AdapterName[] = ["nodeCrypto", "webCrypto"];
const MICROSECONDS = 1e6;

/** Operations a second, by name. */
type Rates = Readonly<Record<OperationName, number>>;

/**
 * Measures what the protocol's cryptography costs on this machine: with node:crypto, synchronous, and with WebCrypto, one call
 * at a time; on one core and on all. The ratio says how far all cores together come towards so many times one core.
 */
export async function runCryptoBench(
  scope: BenchScope,
  { seconds, rounds }: CryptoBenchOptions,
): Promise<BenchResult> {
  const cores = startCryptoCores(scope, availableParallelism());
  const cpuBefore = process.cpuUsage();
  const measured = new Map<string, number[]>();
  for (let round = 1; round <= rounds; round += 1) {
    scope.say(`Round ${round} of ${rounds} ...`);
    await measureRound(cores, seconds * 1_000, measured);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const rates = (adapter: AdapterName, count: number): Rates =>
    ratesOf(OPERATIONS, (operation) => {
      const key = keyOf({ adapter, operation, bytes: ENVELOPE_BYTES }, count);
      return rounded(median(measured.get(key) ?? []));
    });
  const one = rates("nodeCrypto", 1);
  const all = rates("nodeCrypto", cores.cores);
  const scaled = one.verify * cores.cores;
  return {
    bench: "crypto",
    value: {
      nodeCrypto: { oneCorePerSecond: one, allCoresPerSecond: all },
      webCrypto: {
        oneCorePerSecond: rates("webCrypto", 1),
        allCoresPerSecond: rates("webCrypto", cores.cores),
      },
      ingestLimit: {
        name: SIGNATURE_LIMIT,
        perSecond: rounded(signatureLimit(all.verify, all.sign)),
      },
    },
    limit: { name: "cores × verify on one core, sync node:crypto", perSecond: rounded(scaled) },
    ratio: rounded(all.verify / scaled),
    p50Ms: null,
    p99Ms: null,
    conditions: {
      ...(await machineConditions()),
      seconds,
      rounds,
      envelopeBytes: ENVELOPE_BYTES,
      cpuSeconds: { bench: rounded((user + system) / MICROSECONDS) },
    },
  };
}

async function measureRound(
  { cores, measure }: CryptoCores,
  forMs: number,
  measured: Map<string, number[]>,
): Promise<void> {
  const tasks = ADAPTERS.flatMap((adapter) =>
    OPERATIONS.map((operation): CryptoTask => ({ adapter, operation, bytes: ENVELOPE_BYTES })),
  );
  // On a machine of one core there is nothing to tell apart.
  for (const count of new Set([1, cores])) {
    for (const task of tasks) {
      const rate = await measure(task, { cores: count, forMs });
      const key = keyOf(task, count);
      measured.set(key, [...(measured.get(key) ?? []), rate]);
    }
  }
}

function keyOf({ adapter, operation }: CryptoTask, cores: number): string {
  return `${adapter} ${operation} ${cores}`;
}

function ratesOf(
  operations: readonly OperationName[],
  rateOf: (operation: OperationName) => number,
): Rates {
  const entries = operations.map((name): [OperationName, number] => [name, rateOf(name)]);
  // One entry for each name.
  return Object.fromEntries(entries) as Rates;
}
