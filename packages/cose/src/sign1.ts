import { asBytes, concatBytes, type Bytes } from "./bytes.ts";
import { decodeCbor } from "./cbor-decode.ts";
import { byteStringHead, encodeCbor } from "./cbor-encode.ts";
import type { CborMap } from "./cbor-value.ts";
import {
  ALG_ES256,
  hasAlgorithm,
  parseCoseArray,
  parseProtected,
  UNPROTECTED,
} from "./cose-header.ts";
import { CoseError } from "./cose-error.ts";
import type { Crypto, SigningKey, VerifyKey } from "./crypto.ts";

/** An array of four that begins with the text "Signature1". */
const SIG_STRUCTURE_HEAD = concatBytes(Uint8Array.of(0x84), encodeCbor("Signature1"));
/** Length of an ES256 signature, r‖s. */
const SIGNATURE_BYTES = 64;
const ARRAY_OF_FOUR = 0x84;
const EMPTY_MAP = 0xa0;

/** A COSE_Sign1 as the protocol has it: untagged, nothing unprotected, ES256. */
export interface Sign1 {
  /** The protected header as it came: what is signed. */
  readonly protectedBytes: Bytes;
  /** The same, decoded. Its `alg` is ES256; everything else in it is the caller's to check. */
  readonly protectedMap: CborMap;
  readonly payload: Bytes;
  /** r‖s, 64 bytes. Malleable: never an identity. */
  readonly signature: Bytes;
}

/**
 * Takes a COSE_Sign1 apart. Checks its form, not its signature.
 *
 * @throws {CoseError} `CBOR_MALFORMED` or `CBOR_LIMIT` where it is not strict CBOR; `COSE_MALFORMED` where
 *   it is tagged, has an unprotected header, a `crit` header, another `alg` than ES256 in the protected
 *   header, no payload of its own, or a signature that is not 64 bytes long.
 * @see RFC 9052 §4.2
 */
export function parseSign1(bytes: Uint8Array): Sign1 {
  const parts = parseCoseArray(decodeCbor(bytes), 4);
  const [protectedBytes, , payload, signature] = parts;
  if (!(payload instanceof Uint8Array) || !(signature instanceof Uint8Array)) {
    throw new CoseError("COSE_MALFORMED", "COSE_Sign1: payload and signature are byte strings.");
  }
  if (signature.length !== SIGNATURE_BYTES) {
    throw new CoseError("COSE_MALFORMED", "COSE_Sign1: an ES256 signature is 64 bytes long.");
  }
  const header = parseProtected(protectedBytes, ALG_ES256);
  return { ...header, payload, signature };
}

/**
 * The payload of a COSE_Sign1 that was parsed and verified when it came, and has been kept where nobody could change it since:
 * looks at its outer form alone and copies nothing, for readers of thousands.
 *
 * @returns A view into `bytes`.
 * @throws {CoseError} `COSE_MALFORMED` where the outer form is not what {@link encodeSign1} makes.
 */
export function payloadOfSign1(bytes: Uint8Array): Uint8Array {
  const header = bytes[0] === ARRAY_OF_FOUR ? byteStringAt(bytes, 1) : undefined;
  const isBare = header !== undefined && bytes[header.end] === EMPTY_MAP;
  const payload = isBare ? byteStringAt(bytes, header.end + 1) : undefined;
  const signature = payload === undefined ? undefined : byteStringAt(bytes, payload.end);
  if (
    payload === undefined ||
    signature?.end !== bytes.length ||
    signature.end - signature.start !== SIGNATURE_BYTES
  ) {
    throw new CoseError("COSE_MALFORMED", "COSE_Sign1: not as it was when it was verified.");
  }
  return bytes.subarray(payload.start, payload.end);
}

/** Where the content of a byte string lies whose head is at `at`. RFC 8949 §3.1: major type 2, up to 65,535 bytes. */
function byteStringAt(
  bytes: Uint8Array,
  at: number,
): { readonly start: number; readonly end: number } | undefined {
  const head = bytes[at] ?? 0;
  const first = bytes[at + 1] ?? 0;
  if (head >= 0x40 && head < 0x58) return { start: at + 1, end: at + 1 + head - 0x40 };
  if (head === 0x58) return { start: at + 2, end: at + 2 + first };
  if (head === 0x59) return { start: at + 3, end: at + 3 + first * 256 + (bytes[at + 2] ?? 0) };
  return undefined;
}

/** Puts a COSE_Sign1 together, untagged and with an empty unprotected header. */
export function encodeSign1(sign1: Omit<Sign1, "protectedMap">): Bytes {
  return encodeCbor([sign1.protectedBytes, UNPROTECTED, sign1.payload, sign1.signature]);
}

/**
 * The bytes that are signed. Their SHA-256 is the message's *name*.
 *
 * @see RFC 9052 §4.4 (Sig_structure)
 */
export function sigStructure(
  protectedBytes: Uint8Array,
  externalAad: Uint8Array,
  payload: Uint8Array,
): Bytes {
  return concatBytes(
    SIG_STRUCTURE_HEAD,
    byteStringHead(protectedBytes.length),
    protectedBytes,
    byteStringHead(externalAad.length),
    externalAad,
    byteStringHead(payload.length),
    payload,
  );
}

/** What goes into a new COSE_Sign1. */
export interface Sign1Input {
  /** Must hold `1: -7` (ES256). */
  readonly protectedMap: CborMap;
  readonly externalAad: Uint8Array;
  readonly payload: Uint8Array;
}

/**
 * Signs a payload as COSE_Sign1 with ES256.
 *
 * @returns The encoded COSE_Sign1, and its name: SHA-256 of the Sig_structure.
 * @throws {RangeError} When the protected header does not say ES256.
 * @see RFC 9052 §4.4
 */
export async function signSign1(
  input: Sign1Input,
  key: SigningKey,
  crypto: Crypto,
): Promise<{ readonly bytes: Bytes; readonly name: Bytes }> {
  if (!hasAlgorithm(input.protectedMap, ALG_ES256)) {
    throw new RangeError("protectedMap: alg must be ES256");
  }
  const protectedBytes = encodeCbor(input.protectedMap);
  const signed = sigStructure(protectedBytes, input.externalAad, input.payload);
  const [signature, name] = await Promise.all([crypto.sign(key, signed), crypto.sha256(signed)]);
  return {
    bytes: encodeSign1({ protectedBytes, payload: asBytes(input.payload), signature }),
    name,
  };
}

/**
 * Checks the signature of a parsed COSE_Sign1.
 *
 * @returns Whether the signature is good, and the message's name (SHA-256 of the Sig_structure), which means
 *   nothing unless it is.
 * @see RFC 9052 §4.4
 */
export async function verifySign1(
  sign1: Sign1,
  externalAad: Uint8Array,
  verifier: { readonly key: VerifyKey; readonly crypto: Crypto },
): Promise<{ readonly valid: boolean; readonly name: Bytes }> {
  const { key, crypto } = verifier;
  const signed = sigStructure(sign1.protectedBytes, externalAad, sign1.payload);
  const [valid, name] = await Promise.all([
    crypto.verify(key, sign1.signature, signed),
    crypto.sha256(signed),
  ]);
  return { valid, name };
}
