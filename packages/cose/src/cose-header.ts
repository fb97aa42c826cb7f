import type { Bytes } from "./bytes.ts";
import { decodeCbor } from "./cbor-decode.ts";
import { isCborArray, isCborMap, type CborMap, type CborValue } from "./cbor-value.ts";
import { CoseError } from "./cose-error.ts";

/** COSE algorithm ES256 (RFC 9053 §2.1). */
export const ALG_ES256 = -7;
/** COSE algorithm A256GCM (RFC 9053 §4.1). */
export const ALG_A256GCM = 3;
/** The unprotected header, in which the protocol has nothing. */
export const UNPROTECTED: CborMap = new Map();

/** Header labels of RFC 9052 §3.1. */
const LABEL_ALG = 1;
const LABEL_CRIT = 2;

/** A protected header as it came, and decoded. */
export interface ProtectedHeader {
  readonly protectedBytes: Bytes;
  readonly protectedMap: CborMap;
}

/** Whether a protected header names this algorithm. */
export function hasAlgorithm(protectedMap: CborMap, algorithm: number): boolean {
  return protectedMap.get(LABEL_ALG) === algorithm;
}

/**
 * Takes the outer array of a COSE message: the right number of members and nothing unprotected.
 *
 * @throws {CoseError} `COSE_MALFORMED`
 */
export function parseCoseArray(value: CborValue, length: number): readonly CborValue[] {
  if (!isCborArray(value) || value.length !== length) {
    throw new CoseError("COSE_MALFORMED", `COSE message: not an array of ${String(length)}.`);
  }
  const unprotected = value[1];
  // Nobody vouches for what stands there, so the protocol has nothing to say there.
  if (!isCborMap(unprotected) || unprotected.size !== 0) {
    throw new CoseError("COSE_MALFORMED", "COSE message: unprotected header is not an empty map.");
  }
  return value;
}

/**
 * Decodes a protected header and pins its algorithm.
 *
 * @throws {CoseError} `CBOR_MALFORMED` where its content is not strict CBOR; `COSE_MALFORMED` where it is no
 *   map, says another algorithm or none, or marks a header as critical: there is none we could understand.
 * @see RFC 9052 §3
 */
export function parseProtected(value: CborValue | undefined, algorithm: number): ProtectedHeader {
  if (!(value instanceof Uint8Array)) {
    throw new CoseError("COSE_MALFORMED", "COSE message: protected header is not a byte string.");
  }
  const protectedMap = decodeCbor(value);
  if (!isCborMap(protectedMap)) {
    throw new CoseError("COSE_MALFORMED", "COSE message: protected header is not a map.");
  }
  if (!hasAlgorithm(protectedMap, algorithm) || protectedMap.has(LABEL_CRIT)) {
    throw new CoseError("COSE_MALFORMED", "COSE message: alg is another, or a header is critical.");
  }
  return { protectedBytes: value, protectedMap };
}
