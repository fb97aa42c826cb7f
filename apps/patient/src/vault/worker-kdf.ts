import type { Bytes } from "@siphms/cose";
import type { Pin } from "./pin.ts";
import type { KdfCost } from "./record.ts";
import type { PinKdf } from "./wrapping.ts";

/** What the worker is asked. */
export interface KdfRequest {
  readonly pin: Pin;
  readonly salt: Bytes;
  readonly cost: KdfCost;
}

/** The part of a worker that is needed. */
export type KdfWorker = Pick<Worker, "addEventListener" | "postMessage" | "terminate">;

/**
 * Argon2id in a worker, so that the screen goes on moving. Each derivation has a worker of its own, ended when it has
 * answered: 64 MiB are given back, and no copy of the PIN stays.
 *
 * @param start - Starts the worker of `argon2-worker.ts`.
 */
export function createWorkerKdf(start: () => KdfWorker): PinKdf {
  return async (pin, salt, cost) => {
    const worker = start();
    try {
      return await ask(worker, { pin, salt, cost });
    } finally {
      worker.terminate();
    }
  };
}

function ask(worker: KdfWorker, request: KdfRequest): Promise<Bytes> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error("Argon2id could not be run: too little memory?"));
    worker.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (data instanceof Uint8Array && data.length === 32) resolve(new Uint8Array(data));
      else fail();
    });
    worker.addEventListener("error", fail);
    worker.addEventListener("messageerror", fail);
    worker.postMessage(request);
  });
}
