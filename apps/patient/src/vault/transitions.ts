import { equalBytes } from "@siphms/cose";
import { PatientError } from "../errors.ts";
import { MAX_WRONG } from "./attempts.ts";
import type { PinWrapping, PrfWrapping, VaultRecord } from "./record.ts";

/** An attempt that is counted and may now be tried. */
export interface Attempt {
  /** Which vault. */
  readonly id: VaultRecord["id"];
  /** The count that is this attempt's own. */
  readonly tries: number;
  readonly wrapping: PinWrapping;
}

/** What becomes of a request to try a PIN. */
export type Begun =
  | { readonly kind: "try"; readonly record: VaultRecord; readonly attempt: Attempt }
  | { readonly kind: "wait" | "unset" }
  | { readonly kind: "destroyed"; readonly record: VaultRecord };

/**
 * Counts an attempt, or refuses it. What it returns is stored before anything is tried.
 *
 * @param waitLeftMs - How much of the waiting time is left.
 */
export function beginAttempt(record: VaultRecord, waitLeftMs: number): Begun {
  const { pin } = record;
  if (pin === undefined) return { kind: "unset" };
  if (pin.kind === "destroyed" || pin.failures >= MAX_WRONG) {
    return { kind: "destroyed", record: destroyWornOut(record) };
  }
  if (waitLeftMs > 0) return { kind: "wait" };
  const wrapping = { ...pin, failures: pin.failures + 1 };
  const tries = record.tries + 1;
  return {
    kind: "try",
    record: { ...record, tries, pin: wrapping },
    attempt: { id: record.id, tries, wrapping },
  };
}

/**
 * Destroys the PIN's wrapping once all attempts are used. The tenth counts as wrong when its page was killed over it:
 * else that would be a guess for nothing.
 */
export function destroyWornOut(record: VaultRecord): VaultRecord {
  const { pin } = record;
  if (pin?.kind !== "set" || pin.failures < MAX_WRONG) return record;
  return { ...record, pin: { kind: "destroyed", salt: pin.salt } };
}

/**
 * Forgives all failures after the right PIN. Where another page took the tenth attempt for a killed one and destroyed
 * the wrapping meanwhile, it is put back: who knows the PIN has lost nothing.
 */
export function forgive(record: VaultRecord, attempt: Attempt): VaultRecord {
  if (!isSameWrapping(record, attempt)) return record;
  return { ...record, pin: { ...attempt.wrapping, failures: 0 } };
}

/** Takes back the count of an attempt that ended before the PIN was tried, unless another came after it. */
export function refund(record: VaultRecord, attempt: Attempt): VaultRecord {
  if (!isSameWrapping(record, attempt) || record.tries !== attempt.tries) return record;
  return { ...record, pin: { ...attempt.wrapping, failures: attempt.wrapping.failures - 1 } };
}

/** Sets or replaces the PIN's wrapping. */
export function withPin(record: VaultRecord, pin: PinWrapping): VaultRecord {
  return { ...record, pin };
}

/** Sets or replaces the PRF's wrapping. */
export function withPrf(record: VaultRecord, prf: PrfWrapping): VaultRecord {
  return { ...record, prf };
}

/** Removes the PIN. @throws {PatientError} `VAULT_LAST_METHOD`. */
export function withoutPin(record: VaultRecord): VaultRecord {
  if (record.prf === undefined) throw lastMethod();
  return { ...record, pin: undefined };
}

/** Removes the PRF. @throws {PatientError} `VAULT_LAST_METHOD`. */
export function withoutPrf(record: VaultRecord): VaultRecord {
  if (destroyWornOut(record).pin?.kind !== "set") throw lastMethod();
  return { ...record, prf: undefined };
}

function isSameWrapping(record: VaultRecord, attempt: Attempt): boolean {
  return (
    equalBytes(record.id, attempt.id) &&
    record.pin !== undefined &&
    equalBytes(record.pin.salt, attempt.wrapping.salt)
  );
}

function lastMethod(): PatientError {
  return new PatientError("VAULT_LAST_METHOD", "This is the only way in: set another one first.");
}
