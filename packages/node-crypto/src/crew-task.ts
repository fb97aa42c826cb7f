import { sign, verify, type KeyObject } from "node:crypto";

/** One half of a key pair with its number, sent to a worker before its first use there. */
export type NumberedKey = readonly [number: number, key: KeyObject];

/** What a worker is asked for: one signature operation for each text. */
export interface CrewTask {
  readonly id: number;
  readonly work: "sign" | "verify";
  /** Keys that this worker does not have yet. */
  readonly newKeys: readonly NumberedKey[];
  /** True where the worker has to forget all keys first: its memory has an end. */
  readonly forget: boolean;
  /** The key's number for each text. */
  readonly keys: Float64Array;
  /** All texts, one behind the other; each with its signature of 64 bytes in front where it is to be verified. */
  readonly texts: Uint8Array;
  /** How many bytes of `texts` belong to each. */
  readonly lengths: Uint32Array;
}

/** What comes back: signatures of 64 bytes each, or one byte each, 1 for a good signature. */
export interface CrewResult {
  readonly id: number;
  readonly bytes: Uint8Array;
}

/** r‖s. */
export const SIGNATURE_BYTES = 64;

/** Does a whole task, synchronously: a worker has nothing else to do. */
export function runCrewTask(task: CrewTask, known: Map<number, KeyObject>): CrewResult {
  if (task.forget) known.clear();
  for (const [number, key] of task.newKeys) known.set(number, key);
  const isSigning = task.work === "sign";
  const bytes = new Uint8Array(task.lengths.length * (isSigning ? SIGNATURE_BYTES : 1));
  let at = 0;
  for (const [index, length] of task.lengths.entries()) {
    const text = task.texts.subarray(at, at + length);
    at += length;
    const key = known.get(task.keys[index] ?? 0);
    if (key === undefined) throw new TypeError("crew: a key that was never sent");
    const es256 = { key, dsaEncoding: "ieee-p1363" as const };
    if (isSigning) bytes.set(sign("sha256", text, es256), index * SIGNATURE_BYTES);
    else bytes[index] = isGood(text, es256) ? 1 : 0;
  }
  return { id: task.id, bytes };
}

function isGood(
  text: Uint8Array,
  key: { readonly key: KeyObject; readonly dsaEncoding: "ieee-p1363" },
): boolean {
  const signature = text.subarray(0, SIGNATURE_BYTES);
  return verify("sha256", text.subarray(SIGNATURE_BYTES), key, signature);
}
