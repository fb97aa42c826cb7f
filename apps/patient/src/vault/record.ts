import {
  CoseError,
  decodeCbor,
  encodeCbor,
  isCborArray,
  type Bytes,
  type CborValue,
} from "@siphms/cose";
import { PatientError } from "../errors.ts";

const VERSION = 1;
const CONTEXT = "SIPHMS vault";
/** No honest record comes near it. */
const MAX_RECORD_BYTES = 4_096;

/** What Argon2id costs; stored, so that a later version may ask for more without locking anybody out. */
export interface KdfCost {
  readonly memoryKiB: number;
  readonly iterations: number;
  readonly parallelism: number;
}

/** What new PINs get, and the least that a record may say: a cheaper one was not written by this app. */
export const KDF_COST: KdfCost = { memoryKiB: 65_536, iterations: 3, parallelism: 1 };
/** The most that a record may ask of the phone. */
const MAX_COST: KdfCost = { memoryKiB: 1_048_576, iterations: 16, parallelism: 4 };

/** The store key under another key: AES-256-GCM. */
export interface Sealed {
  readonly nonce: Bytes;
  readonly text: Bytes;
}

/** The store key under the PIN's key. */
export interface PinWrapping {
  readonly kind: "set";
  /** Attempts counted since the last right one. */
  readonly failures: number;
  /** 16 random bytes; never used twice, so it names this wrapping as well. */
  readonly salt: Bytes;
  readonly cost: KdfCost;
  readonly sealed: Sealed;
}

/** What is left of a PIN's wrapping after too many wrong PINs. */
export interface PinDestroyed {
  readonly kind: "destroyed";
  readonly salt: Bytes;
}

/** The store key under the key that an authenticator's PRF gives. */
export interface PrfWrapping {
  readonly credentialId: Bytes;
  /** What the PRF is asked for. */
  readonly salt: Bytes;
  readonly sealed: Sealed;
}

/** All that the vault keeps. */
export interface VaultRecord {
  /** 16 random bytes. */
  readonly id: Bytes;
  /** A MAC under the store key: tells whether a key is this vault's. */
  readonly check: Bytes;
  /** Attempts ever counted; never goes back. */
  readonly tries: number;
  readonly pin: PinWrapping | PinDestroyed | undefined;
  readonly prf: PrfWrapping | undefined;
}

/** What binds a PIN's wrapping to its vault, salt and cost. */
export function pinAad(id: Bytes, salt: Bytes, cost: KdfCost): Bytes {
  return encodeCbor([CONTEXT, VERSION, id, "pin", salt, ...costMembers(cost)]);
}

/** What binds a PRF's wrapping to its vault, credential and salt. */
export function prfAad(id: Bytes, prf: Pick<PrfWrapping, "credentialId" | "salt">): Bytes {
  return encodeCbor([CONTEXT, VERSION, id, "prf", prf.credentialId, prf.salt]);
}

/** The bytes of a record. */
export function encodeVault(record: VaultRecord): Bytes {
  const { id, check, tries, pin, prf } = record;
  return encodeCbor([
    VERSION,
    id,
    check,
    tries,
    pin === undefined ? null : pinMembers(pin),
    prf === undefined ? null : [prf.credentialId, prf.salt, prf.sealed.nonce, prf.sealed.text],
  ]);
}

/**
 * Reads a stored record.
 *
 * @throws {PatientError} `VAULT_VERSION`, `VAULT_INVALID`.
 */
export function parseVault(bytes: Uint8Array): VaultRecord {
  const members = decodeArray(bytes);
  const version = members[0];
  if (typeof version === "number" && version > VERSION) {
    throw new PatientError("VAULT_VERSION", "A newer version of this app wrote the vault. Update.");
  }
  if (version !== VERSION || members.length !== 6) throw invalid();
  const [, id, check, tries, pin, prf] = members;
  return {
    id: bytesOf(id, 16),
    check: bytesOf(check, 32),
    tries: intOf(tries, 0, Number.MAX_SAFE_INTEGER - 1),
    pin: pin === null ? undefined : pinOf(arrayOf(pin)),
    prf: prf === null ? undefined : prfOf(arrayOf(prf)),
  };
}

/** The error of a record that this app did not write, or of a key that is not its own. */
export function invalid(cause?: unknown): PatientError {
  return new PatientError("VAULT_INVALID", "The phone's vault is damaged.", cause);
}

function costMembers(cost: KdfCost): readonly number[] {
  return [cost.memoryKiB, cost.iterations, cost.parallelism];
}

function pinMembers(pin: PinWrapping | PinDestroyed): readonly CborValue[] {
  if (pin.kind === "destroyed") return [pin.salt];
  return [pin.failures, pin.salt, ...costMembers(pin.cost), pin.sealed.nonce, pin.sealed.text];
}

function pinOf(members: readonly CborValue[]): PinWrapping | PinDestroyed {
  if (members.length === 1) return { kind: "destroyed", salt: bytesOf(members[0], 16) };
  if (members.length !== 7) throw invalid();
  const [failures, salt, memoryKiB, iterations, parallelism, nonce, text] = members;
  return {
    kind: "set",
    failures: intOf(failures, 0, 10),
    salt: bytesOf(salt, 16),
    cost: {
      memoryKiB: intOf(memoryKiB, KDF_COST.memoryKiB, MAX_COST.memoryKiB),
      iterations: intOf(iterations, KDF_COST.iterations, MAX_COST.iterations),
      parallelism: intOf(parallelism, KDF_COST.parallelism, MAX_COST.parallelism),
    },
    sealed: sealedOf(nonce, text),
  };
}

function prfOf(members: readonly CborValue[]): PrfWrapping {
  if (members.length !== 4) throw invalid();
  const [credentialId, salt, nonce, text] = members;
  if (!(credentialId instanceof Uint8Array) || credentialId.length === 0) throw invalid();
  return { credentialId, salt: bytesOf(salt, 32), sealed: sealedOf(nonce, text) };
}

function sealedOf(nonce: CborValue | undefined, text: CborValue | undefined): Sealed {
  return { nonce: bytesOf(nonce, 12), text: bytesOf(text, 48) };
}

function decodeArray(bytes: Uint8Array): readonly CborValue[] {
  try {
    return arrayOf(decodeCbor(bytes, { maxBytes: MAX_RECORD_BYTES }));
  } catch (error) {
    throw error instanceof CoseError ? invalid(error) : error;
  }
}

function arrayOf(value: CborValue | undefined): readonly CborValue[] {
  if (!isCborArray(value)) throw invalid();
  return value;
}

function bytesOf(value: CborValue | undefined, length: number): Bytes {
  if (!(value instanceof Uint8Array) || value.length !== length) throw invalid();
  return value;
}

function intOf(value: CborValue | undefined, least: number, most: number): number {
  if (typeof value !== "number" || value < least || value > most) throw invalid();
  return value;
}
