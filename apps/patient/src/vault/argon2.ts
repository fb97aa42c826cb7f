import { argon2id } from "hash-wasm";
import type { PinKdf } from "./wrapping.ts";

/** Argon2id itself. It takes a second of one core: the app runs it in a worker ({@link createWorkerKdf}). */
export const argon2Kdf: PinKdf = async (pin, salt, cost) => {
  const key = await argon2id({
    password: pin,
    salt,
    memorySize: cost.memoryKiB,
    iterations: cost.iterations,
    parallelism: cost.parallelism,
    hashLength: 32,
    outputType: "binary",
  });
  return new Uint8Array(key);
};
