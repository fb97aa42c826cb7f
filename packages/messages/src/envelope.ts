import {
  type Bytes,
  concatBytes,
  CoseError,
  type Crypto,
  type Encrypt0,
  encodeEncrypt0,
  encStructure,
  parseEncrypt0,
} from "@siphms/cose";
import { MessageError } from "./error.ts";
import type { SessionKeys } from "./session-keys.ts";

/** Which way an envelope goes: 0 to the hospital, 1 to the device. Authenticated, and each way has its own key. */
export type Direction = 0 | 1;

/** Every hospital and gateway takes envelopes up to this size. */
export const MAX_ENVELOPE_BYTES = 65_536;
/** The largest item that a device builds: small enough for any way there. */
export const MAX_ITEM_BYTES = 16_384;
/** The last sequence number of a session and direction; behind it a new session begins. */
export const MAX_SEQ: number = 2 ** 24 - 1;

const ALG_A256GCM = 3;
const HEADER_ALG = 1;
/** Partial IV (RFC 9052 §3.1). */
const HEADER_SEQ = 6;

/** An envelope whose outside is right, still sealed. */
export interface Envelope {
  readonly seq: number;
  readonly encrypt0: Encrypt0;
}

/** What a cipher needs to seal or open one envelope, and what is then to be put around it. */
export interface EnvelopeCipher {
  readonly seq: number;
  readonly protectedBytes: Bytes;
  /** 32 bytes. */
  readonly key: Bytes;
  /** 12 bytes. */
  readonly nonce: Bytes;
  readonly aad: Bytes;
}

/**
 * Prepares the sealing of one envelope, for callers with a cipher of their own: {@link encodeEnvelope} is the other half.
 *
 * @throws {RangeError} for a `seq` out of range.
 */
export function prepareSealing(
  keys: SessionKeys,
  direction: Direction,
  seq: number,
): EnvelopeCipher {
  const protectedBytes = encodeProtected(encodeSeq(seq));
  return { seq, protectedBytes, ...cipherFor(keys, direction, { seq, protectedBytes }) };
}

/**
 * Puts an envelope together.
 *
 * @param ciphertext - With its tag.
 * @throws {MessageError} `ENVELOPE_TOO_LARGE`.
 */
export function encodeEnvelope(protectedBytes: Bytes, ciphertext: Bytes): Bytes {
  const bytes = encodeEncrypt0(protectedBytes, ciphertext);
  if (bytes.length > MAX_ENVELOPE_BYTES) throw new MessageError("ENVELOPE_TOO_LARGE", "size");
  return bytes;
}

/**
 * Seals a signed message under a session.
 *
 * The caller owns the counter: no two plaintexts may ever be sealed with the same keys, direction and `seq`, or AES-GCM
 * gives both away. Where that is in doubt, a new session is the answer (protocol section 6, "Nonces").
 *
 * @param input - `seq` 0 to {@link MAX_SEQ}; `signed` as {@link signMessage} made it.
 * @throws {RangeError} for a `seq` out of range.
 * @throws {MessageError} `ENVELOPE_TOO_LARGE`.
 * @see RFC 9052 §5.2, protocol section 6
 */
export async function sealEnvelope(
  input: {
    readonly keys: SessionKeys;
    readonly direction: Direction;
    readonly seq: number;
    readonly signed: Uint8Array;
  },
  crypto: Crypto,
): Promise<Bytes> {
  const { keys, direction, seq, signed } = input;
  const { protectedBytes, key, nonce, aad } = prepareSealing(keys, direction, seq);
  return encodeEnvelope(protectedBytes, await crypto.seal(key, nonce, aad, signed));
}

/**
 * Prepares the opening of one envelope, for callers with a cipher of their own.
 *
 * @throws {MessageError} `ENVELOPE_TOO_LARGE`, `ENVELOPE_MALFORMED`.
 */
export function prepareOpening(
  bytes: Uint8Array,
  keys: SessionKeys,
  direction: Direction,
): EnvelopeCipher & { readonly ciphertext: Bytes } {
  const { seq, encrypt0 } = parseEnvelope(bytes);
  const { protectedBytes, ciphertext } = encrypt0;
  return {
    seq,
    protectedBytes,
    ciphertext,
    ...cipherFor(keys, direction, { seq, protectedBytes }),
  };
}

/**
 * Opens an envelope that came for a session.
 *
 * Changes nothing: whether `seq` was used before is for the transaction that stores the message.
 *
 * @returns The signed message, not yet verified, and the sequence number, authenticated.
 * @throws {MessageError} `ENVELOPE_TOO_LARGE`, `ENVELOPE_MALFORMED`, `ENVELOPE_UNAUTHENTIC`.
 * @see RFC 9052 §5.3, protocol section 6
 */
export async function openEnvelope(
  input: { readonly bytes: Uint8Array; readonly keys: SessionKeys; readonly direction: Direction },
  crypto: Crypto,
): Promise<{ readonly seq: number; readonly signed: Bytes }> {
  const { bytes, keys, direction } = input;
  const { seq, key, nonce, aad, ciphertext } = prepareOpening(bytes, keys, direction);
  const signed = await crypto.open(key, nonce, aad, ciphertext);
  if (signed === undefined) throw new MessageError("ENVELOPE_UNAUTHENTIC", "aead");
  return { seq, signed };
}

function cipherFor(
  keys: SessionKeys,
  direction: Direction,
  { seq, protectedBytes }: { readonly seq: number; readonly protectedBytes: Bytes },
): Pick<EnvelopeCipher, "key" | "nonce" | "aad"> {
  const { key, iv } = directionKeys(keys, direction);
  const aad = encStructure(protectedBytes, envelopeAad(direction, keys.sid));
  return { key, nonce: nonceFor(iv, seq), aad };
}

/** The map {1: 3, 6: seq}, which always has these heads. */
function encodeProtected(seq: Bytes): Bytes {
  return concatBytes(
    new Uint8Array([0xa2, HEADER_ALG, ALG_A256GCM, HEADER_SEQ, 0x40 + seq.length]),
    seq,
  );
}

/**
 * Parses an envelope without opening it: size, COSE_Encrypt0, and the one header that the profile has.
 *
 * @throws {MessageError} `ENVELOPE_TOO_LARGE`, `ENVELOPE_MALFORMED` (reasons `cbor`, `structure`, `header`, `seq`).
 */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length > MAX_ENVELOPE_BYTES) throw new MessageError("ENVELOPE_TOO_LARGE", "size");
  const encrypt0 = parseStructure(bytes);
  const header = encrypt0.protectedMap;
  if (header.size !== 2 || header.get(HEADER_ALG) !== ALG_A256GCM || !header.has(HEADER_SEQ))
    throw new MessageError("ENVELOPE_MALFORMED", "header");
  return { seq: parseSeq(header.get(HEADER_SEQ)), encrypt0 };
}

/** The nonce of one envelope: the base IV with the sequence number, padded on the left, XORed in. */
export function nonceFor(baseIv: Uint8Array, seq: number): Bytes {
  const nonce = new Uint8Array(baseIv);
  const last = nonce.length - 1;
  // A seq has 24 bits at most.
  for (let i = 0; i < 3; i++) nonce[last - i] = (nonce[last - i] ?? 0) ^ ((seq >> (8 * i)) & 0xff);
  return nonce;
}

/** The `external_aad` of an envelope: version 1, direction, session. Constant for a session and direction. */
export function envelopeAad(direction: Direction, sid: Uint8Array): Bytes {
  // The array [1, direction, sid] with a 16-byte sid always has these four bytes in front.
  return concatBytes(new Uint8Array([0x83, 0x01, direction, 0x50]), sid);
}

/** Key and base IV of one direction of a session. */
export function directionKeys(
  keys: SessionKeys,
  direction: Direction,
): { readonly key: Bytes; readonly iv: Bytes } {
  return direction === 0
    ? { key: keys.keyUp, iv: keys.ivUp }
    : { key: keys.keyDown, iv: keys.ivDown };
}

/** The shortest big-endian form, h'00' for the first. */
function encodeSeq(seq: number): Bytes {
  if (!Number.isInteger(seq) || seq < 0 || seq > MAX_SEQ) throw new RangeError("seq: out of range");
  if (seq <= 0xff) return new Uint8Array([seq]);
  if (seq <= 0xffff) return new Uint8Array([seq >> 8, seq & 0xff]);
  return new Uint8Array([seq >> 16, (seq >> 8) & 0xff, seq & 0xff]);
}

function parseSeq(value: unknown): number {
  const isShortest =
    value instanceof Uint8Array &&
    value.length >= 1 &&
    value.length <= 3 &&
    // A leading zero would give one number two forms, and so two envelopes one nonce.
    (value.length === 1 || value[0] !== 0);
  if (!isShortest) throw new MessageError("ENVELOPE_MALFORMED", "seq");
  return value.reduce((seq, byte) => seq * 256 + byte, 0);
}

function parseStructure(bytes: Uint8Array): Encrypt0 {
  try {
    return parseEncrypt0(bytes);
  } catch (error) {
    if (!(error instanceof CoseError)) throw error;
    const reason = error.code === "COSE_MALFORMED" ? "structure" : "cbor";
    throw new MessageError("ENVELOPE_MALFORMED", reason, { cause: error });
  }
}
