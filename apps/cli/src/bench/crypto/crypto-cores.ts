import { once } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

import type { BenchScope } from "../harness/bench-scope.ts";
import type { CoreRate, CryptoTask } from "./crypto-core.ts";
import type { CoreOrder } from "./crypto-worker.ts";

/** Workers, one for each core, that measure cryptography; between measurements they sleep. */
export interface CryptoCores {
  readonly cores: number;
  /** Operations a second on `cores` cores together, all started at the same instant. */
  readonly measure: (
    task: CryptoTask,
    options: { readonly cores: number; readonly forMs: number },
  ) => Promise<number>;
}

/** Starts the workers; they end with the scope. */
export function startCryptoCores(scope: BenchScope, cores: number): CryptoCores {
  const file = `crypto-worker${path.extname(fileURLToPath(import.meta.url))}`;
  const workers = Array.from({ length: cores }, () => new Worker(new URL(file, import.meta.url)));
  for (const worker of workers) {
    scope.hold({
      stop: async () => {
        await worker.terminate();
      },
    });
  }
  return {
    cores,
    async measure(task, { cores: wanted, forMs }) {
      const gate = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      const order: CoreOrder = { task, forMs, cores: wanted, gate };
      const rates = await Promise.all(workers.slice(0, wanted).map((worker) => ask(worker, order)));
      return rates.reduce((sum, { count, seconds }) => sum + count / seconds, 0);
    },
  };
}

async function ask(worker: Worker, order: CoreOrder): Promise<CoreRate> {
  worker.postMessage(order);
  const [rate] = (await once(worker, "message")) as [CoreRate];
  return rate;
}

/** How long each half of a look at the limit takes. */
const LIMIT_MS = 500;

/**
 * What no hospital on this machine can pass: each item has one signature verified and one receipt signed, so
 * 1 / (1/verify + 1/sign) items a second, by synchronous node:crypto on all cores.
 */
export async function measureSignatureLimit(
  { measure, cores }: CryptoCores,
  bytes: number,
): Promise<number> {
  const rate = (operation: "verify" | "sign"): Promise<number> =>
    measure({ adapter: "nodeCrypto", operation, bytes }, { cores, forMs: LIMIT_MS });
  return signatureLimit(await rate("verify"), await rate("sign"));
}

/** Items a second of which each takes one verification and one signature. */
export function signatureLimit(verifyPerSecond: number, signPerSecond: number): number {
  return 1 / (1 / verifyPerSecond + 1 / signPerSecond);
}

/** Name of {@link signatureLimit} in results. */
export const SIGNATURE_LIMIT = "1 / (1/verify + 1/sign), sync node:crypto on all cores";
