import { concatBytes, type Bytes } from "./bytes.ts";
import { decodeCbor } from "./cbor-decode.ts";
import { byteStringHead, encodeCbor } from "./cbor-encode.ts";
import type { CborMap } from "./cbor-value.ts";
import {
  ALG_A256GCM,
  hasAlgorithm,
  parseCoseArray,
  parseProtected,
  UNPROTECTED,
} from "./cose-header.ts";
import { CoseError } from "./cose-error.ts";
import type { Crypto } from "./crypto.ts";

/** An array of three that begins with the text "Encrypt0". */
const ENC_STRUCTURE_HEAD = concatBytes(Uint8Array.of(0x83), encodeCbor("Encrypt0"));
/** Length of an AES-GCM tag; a shorter ciphertext cannot be one. */
const TAG_BYTES = 16;

/** A COSE_Encrypt0 as the protocol has it: untagged, nothing unprotected, A256GCM. */
export interface Encrypt0 {
  /** The protected header as it came: what the tag covers. */
  readonly protectedBytes: Bytes;
  /** The same, decoded. Its `alg` is A256GCM; everything else in it is the caller's to check. */
  readonly protectedMap: CborMap;
  /** Ciphertext and 16-byte tag. */
  readonly ciphertext: Bytes;
}

/**
 * Takes a COSE_Encrypt0 apart without opening it.
 *
 * @throws {CoseError} `CBOR_MALFORMED` or `CBOR_LIMIT` where it is not strict CBOR; `COSE_MALFORMED` where
 *   it is tagged, has an unprotected header, a `crit` header, another `alg` than A256GCM in the protected
 *   header, or a ciphertext shorter than its tag.
 * @see RFC 9052 §5.2
 */
export function parseEncrypt0(bytes: Uint8Array): Encrypt0 {
  const [protectedBytes, , ciphertext] = parseCoseArray(decodeCbor(bytes), 3);
  if (!(ciphertext instanceof Uint8Array) || ciphertext.length < TAG_BYTES) {
    throw new CoseError("COSE_MALFORMED", "COSE_Encrypt0: no ciphertext, or shorter than its tag.");
  }
  return { ...parseProtected(protectedBytes, ALG_A256GCM), ciphertext };
}

/**
 * The additional data of the AEAD: protected header and the context that both sides know.
 *
 * @see RFC 9052 §5.3 (Enc_structure)
 */
export function encStructure(protectedBytes: Uint8Array, externalAad: Uint8Array): Bytes {
  return concatBytes(
    ENC_STRUCTURE_HEAD,
    byteStringHead(protectedBytes.length),
    protectedBytes,
    byteStringHead(externalAad.length),
    externalAad,
  );
}

/** Puts a COSE_Encrypt0 together, untagged and with an empty unprotected header. */
export function encodeEncrypt0(protectedBytes: Bytes, ciphertext: Bytes): Bytes {
  return encodeCbor([protectedBytes, UNPROTECTED, ciphertext]);
}

/** What goes into a new COSE_Encrypt0. */
export interface Encrypt0Input {
  /** Must hold `1: 3` (A256GCM). */
  readonly protectedMap: CborMap;
  readonly externalAad: Uint8Array;
  readonly plaintext: Uint8Array;
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 12 bytes, never used before with this key: the caller's duty. */
  readonly nonce: Uint8Array;
}

/**
 * Encrypts a plaintext as COSE_Encrypt0 with A256GCM.
 *
 * @throws {RangeError} When the protected header does not say A256GCM, or key or nonce has another length.
 * @see RFC 9052 §5.3
 */
export async function sealEncrypt0(input: Encrypt0Input, crypto: Crypto): Promise<Bytes> {
  if (!hasAlgorithm(input.protectedMap, ALG_A256GCM)) {
    throw new RangeError("protectedMap: alg must be A256GCM");
  }
  const protectedBytes = encodeCbor(input.protectedMap);
  const aad = encStructure(protectedBytes, input.externalAad);
  const ciphertext = await crypto.seal(input.key, input.nonce, aad, input.plaintext);
  return encodeEncrypt0(protectedBytes, ciphertext);
}

/**
 * Decrypts a parsed COSE_Encrypt0.
 *
 * @returns The plaintext, or `undefined` for whatever does not authenticate, without saying why.
 * @throws {RangeError} When key or nonce has another length than 32 or 12 bytes.
 * @see RFC 9052 §5.3
 */
export async function openEncrypt0(
  encrypt0: Encrypt0,
  opening: {
    readonly externalAad: Uint8Array;
    readonly key: Uint8Array;
    readonly nonce: Uint8Array;
  },
  crypto: Crypto,
): Promise<Bytes | undefined> {
  const aad = encStructure(encrypt0.protectedBytes, opening.externalAad);
  return crypto.open(opening.key, opening.nonce, aad, encrypt0.ciphertext);
}
