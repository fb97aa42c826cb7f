import { joinBytes, type Bytes } from "./bytes.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { SIGNATURE_BYTES, type NoteSigner } from "./ed25519.ts";
import type { NoteSignature } from "./note.ts";
import { toUtf8 } from "./text.ts";

const TIMESTAMP_BYTES = 8;

/** A cosignature's two parts: when it was made, and the signature over that time and the checkpoint. */
export interface TimestampedSignature {
  /** Seconds since 1970; from 1 to 2^53 − 1. */
  readonly timestampS: number;
  /** 64 bytes. */
  readonly signature: Bytes;
}

/**
 * Cosigns a checkpoint: states that of all consistent trees of this log that the signer has seen, this is the largest.
 *
 * Only after {@link considerCheckpoint} has accepted it and that is stored.
 *
 * @param statement - The checkpoint's text as it came, extension lines included, and the time in seconds since 1970.
 * @returns A signature line to be added to the checkpoint's note.
 * @throws {RangeError} When the signer's key is no cosigner's, or the time is not from 1 to 2^53 − 1.
 * @throws {TlogError} `CHECKPOINT_MALFORMED`
 * @see tlog-cosignature, "Ed25519 signed message"
 */
export async function cosignCheckpoint(
  statement: { readonly text: string; readonly timestampS: number },
  signer: NoteSigner,
): Promise<NoteSignature> {
  const { text, timestampS } = statement;
  if (signer.key.kind !== "cosignature") throw new RangeError("signer has a cosigner's key.");
  if (!isTimestamp(timestampS)) throw new RangeError("timestampS is from 1 to 2^53 - 1.");
  parseCheckpoint(text);
  const signature = await signer.sign(cosignedMessage(text, timestampS));
  if (signature.length !== SIGNATURE_BYTES) throw new RangeError("signer gives 64 bytes.");
  const time = new Uint8Array(TIMESTAMP_BYTES);
  new DataView(time.buffer).setBigUint64(0, BigInt(timestampS));
  const { name, keyId } = signer.key;
  return { name, keyId, signature: joinBytes([time, signature]) };
}

/**
 * Takes a cosignature's bytes apart; `undefined` for another length, the time 0, and times from 2^53 on.
 *
 * @see tlog-cosignature, "Format"
 */
export function parseTimestampedSignature(bytes: Bytes): TimestampedSignature | undefined {
  if (bytes.length !== TIMESTAMP_BYTES + SIGNATURE_BYTES) return undefined;
  const timestampS = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0));
  if (!isTimestamp(timestampS)) return undefined;
  return { timestampS, signature: bytes.slice(TIMESTAMP_BYTES) };
}

/** The bytes that a cosigner signs: a heading, the time, and the whole text of the checkpoint. */
export function cosignedMessage(text: string, timestampS: number): Bytes {
  return toUtf8(`cosignature/v1\ntime ${timestampS}\n${text}`);
}

function isTimestamp(timestampS: number): boolean {
  return Number.isSafeInteger(timestampS) && timestampS > 0;
}
