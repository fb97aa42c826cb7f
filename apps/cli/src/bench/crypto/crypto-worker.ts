import { parentPort } from "node:worker_threads";

import { prepareTask } from "./crypto-core.ts";
import type { CoreRate, CryptoTask } from "./crypto-core.ts";

/** What a worker is sent: a task, how long, and the gate at which all wait for each other. */
export interface CoreOrder {
  readonly task: CryptoTask;
  readonly forMs: number;
  readonly cores: number;
  /** Counts those who are ready. */
  readonly gate: Int32Array;
}

/** Short of the real work: keys are known to the engine, the code is compiled. */
const WARM_UP_MS = 50;

async function carryOut({ task, forMs, cores, gate }: CoreOrder): Promise<CoreRate> {
  const run = await prepareTask(task);
  await run(WARM_UP_MS);
  const ready = Atomics.add(gate, 0, 1) + 1;
  if (ready === cores) Atomics.notify(gate, 0);
  // Wakes when the last one is ready; the value is looked at again because it may have changed before the wait.
  for (let seen = ready; seen < cores; seen = Atomics.load(gate, 0)) Atomics.wait(gate, 0, seen);
  return run(forMs);
}

parentPort?.on("message", (order: CoreOrder) => {
  void carryOut(order).then((rate) => parentPort?.postMessage(rate));
});
