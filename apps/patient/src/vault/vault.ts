import { equalBytes, type Bytes } from "@siphms/cose";
import { PatientError } from "../errors.ts";
import { triesLeft, waitAfterMs, WaitKeeper } from "./attempts.ts";
import { checkNewPin, parsePin, type Pin } from "./pin.ts";
import { encodeVault, invalid, parseVault, type VaultRecord } from "./record.ts";
import {
  beginAttempt,
  destroyWornOut,
  forgive,
  refund,
  withoutPin,
  withoutPrf,
  withPin,
  withPrf,
  type Attempt,
  type Begun,
} from "./transitions.ts";
import {
  checkOf,
  unwrapWithPinKey,
  unwrapWithPrf,
  wrapWithPin,
  wrapWithPrf,
  type PrfSecret,
  type WrappingPorts,
} from "./wrapping.ts";

/** What a step makes of the stored record: `next` replaces it; without it the record stays as it is. */
export interface StepResult<R> {
  readonly next?: Bytes;
  readonly result: R;
}

/** Where the one record lies. */
export interface VaultStore {
  /**
   * Reads, decides and writes as one change that no other page comes between, and resolves when it would survive a
   * power cut. Rejects with the step's own error, or where storage failed; then nothing is known to be written.
   */
  update<R>(step: (stored: Bytes | undefined) => StepResult<R>): Promise<R>;
  /** Removes the record, durably. */
  erase(): Promise<void>;
}

/** What the vault needs. */
export interface VaultPorts extends WrappingPorts {
  readonly store: VaultStore;
  /** A clock in ms that never goes back. */
  readonly monotonic: () => number;
}

/** What a lock screen has to know. */
export interface VaultStatus {
  readonly exists: boolean;
  readonly pin: "none" | "set" | "destroyed";
  /** What to ask the authenticator for. */
  readonly prf: Pick<PrfSecret, "credentialId" | "salt"> | undefined;
  /** How long no PIN is taken. */
  readonly waitMs: number;
  /** From the sixth wrong PIN on. */
  readonly triesLeft: number | undefined;
}

/** What came of a PIN. */
export type PinOutcome =
  /** `forgiven` is false where storage failed to reset the count: call {@link Vault.forgiveAgain} later. */
  | { readonly kind: "opened"; readonly storeKey: Bytes; readonly forgiven: boolean }
  /** `wrong` was tried; `wait` was not, and is not counted. */
  | {
      readonly kind: "wrong" | "wait";
      readonly waitMs: number;
      readonly triesLeft: number | undefined;
    }
  | { readonly kind: "destroyed" | "unset" };

/** What came of a PRF's output. */
export type PrfOutcome =
  { readonly kind: "opened"; readonly storeKey: Bytes } | { readonly kind: "wrong" | "unset" };

/**
 * Keeps the engine's store key under a PIN, under an authenticator's PRF, or under both.
 *
 * Nothing here compares a PIN: it is stretched to a key, and only the right key opens the wrapping. Each attempt is
 * counted in the store before it is tried. What this cannot stop is somebody who copies the browser's profile and
 * guesses elsewhere: there only Argon2id and the PIN's length stand, which is why the PRF is the stronger way.
 *
 * All methods reject with {@link PatientError}: `VAULT_MISSING`, `VAULT_INVALID`, `VAULT_VERSION`, what the store says
 * (`STORE_FAILED`, `STORE_FULL`), and what each names.
 */
export class Vault {
  readonly #ports: VaultPorts;
  readonly #waits: WaitKeeper;
  #unforgiven: Attempt | undefined;

  constructor(ports: VaultPorts) {
    this.#ports = ports;
    this.#waits = new WaitKeeper(ports.monotonic);
  }

  /** How things stand. Destroys a PIN's wrapping whose last attempt was killed. */
  status(): Promise<VaultStatus> {
    return this.#ports.store.update((stored) => {
      if (stored === undefined) return { result: NO_VAULT };
      const before = parseVault(stored);
      const record = destroyWornOut(before);
      const result = this.#statusOf(record);
      return record === before ? { result } : { next: encodeVault(record), result };
    });
  }

  /**
   * Makes a new store key under a PIN, a PRF, or both.
   *
   * @returns The 32 bytes.
   * @throws {PatientError} `VAULT_EXISTS`, `PIN_FORM`, `PIN_WEAK`.
   */
  async create(methods: { readonly pin?: string; readonly prf?: PrfSecret }): Promise<Bytes> {
    const { crypto, store } = this.#ports;
    if (methods.pin === undefined && methods.prf === undefined) throw new RangeError("no method");
    const pin = methods.pin === undefined ? undefined : newPin(methods.pin);
    const id = crypto.randomBytes(16);
    const storeKey = crypto.randomBytes(32);
    const vault = { id, storeKey };
    const record: VaultRecord = {
      id,
      check: await checkOf(crypto, storeKey, id),
      tries: 0,
      pin: pin === undefined ? undefined : await wrapWithPin(this.#ports, vault, pin),
      prf: methods.prf === undefined ? undefined : await wrapWithPrf(crypto, vault, methods.prf),
    };
    await store.update((stored) => {
      if (stored !== undefined) throw new PatientError("VAULT_EXISTS", "There is a vault already.");
      return { next: encodeVault(record), result: undefined };
    });
    return storeKey;
  }

  /** Tries a PIN. @throws {PatientError} `PIN_FORM`, which is not counted. */
  async openWithPin(typed: string): Promise<PinOutcome> {
    const pin = parsePin(typed);
    const begun = await this.#begin();
    if (begun.kind !== "try") return begun.outcome;
    const { attempt, check } = begun;
    const storeKey = await this.#unwrap(pin, attempt);
    if (storeKey === undefined) return this.#fail(attempt);
    await this.#requireOwn(storeKey, { id: attempt.id, check });
    this.#unforgiven = attempt;
    return { kind: "opened", storeKey, forgiven: await this.forgiveAgain() };
  }

  /** Resets the count after the right PIN, where that failed before. @returns Whether nothing is left to reset. */
  async forgiveAgain(): Promise<boolean> {
    const attempt = this.#unforgiven;
    if (attempt === undefined) return true;
    try {
      await this.#change((record) => forgive(record, attempt));
      this.#unforgiven = undefined;
      return true;
    } catch {
      // The key is open; to refuse it because the count could not be written would lose readings for nothing.
      return false;
    }
  }

  /** Tries what an authenticator's PRF gave for the salt of {@link status}. Not counted: it is no guess. */
  async openWithPrf(output: Bytes): Promise<PrfOutcome> {
    const record = await this.#load();
    if (record.prf === undefined) return { kind: "unset" };
    const vault = { id: record.id, wrapping: record.prf };
    const storeKey = await unwrapWithPrf(this.#ports.crypto, output, vault);
    if (storeKey === undefined) return { kind: "wrong" };
    await this.#requireOwn(storeKey, record);
    return { kind: "opened", storeKey };
  }

  /**
   * Sets or changes the PIN. The old one works until the new one is stored.
   *
   * @param storeKey - Who has it has opened the vault.
   * @throws {PatientError} `PIN_FORM`, `PIN_WEAK`; `VAULT_INVALID` for another vault's key.
   */
  async setPin(storeKey: Bytes, typed: string): Promise<void> {
    const pin = newPin(typed);
    const { id } = await this.#loadOwn(storeKey);
    const wrapping = await wrapWithPin(this.#ports, { id, storeKey }, pin);
    await this.#change((record) => withPin(sameVault(record, id), wrapping));
  }

  /** Sets or changes the PRF. @throws {PatientError} `VAULT_INVALID` for another vault's key. */
  async setPrf(storeKey: Bytes, secret: PrfSecret): Promise<void> {
    const { id } = await this.#loadOwn(storeKey);
    const wrapping = await wrapWithPrf(this.#ports.crypto, { id, storeKey }, secret);
    await this.#change((record) => withPrf(sameVault(record, id), wrapping));
  }

  /** Removes the PIN. @throws {PatientError} `VAULT_LAST_METHOD`; `VAULT_INVALID` for another vault's key. */
  async removePin(storeKey: Bytes): Promise<void> {
    const { id } = await this.#loadOwn(storeKey);
    await this.#change((record) => withoutPin(sameVault(record, id)));
  }

  /** Removes the PRF. @throws {PatientError} `VAULT_LAST_METHOD`; `VAULT_INVALID` for another vault's key. */
  async removePrf(storeKey: Bytes): Promise<void> {
    const { id } = await this.#loadOwn(storeKey);
    await this.#change((record) => withoutPrf(sameVault(record, id)));
  }

  /** Forgets the key for good: what was sealed under it stays sealed. */
  async erase(): Promise<void> {
    this.#unforgiven = undefined;
    await this.#ports.store.erase();
  }

  async #begin(): Promise<Beginning> {
    const beginning = await this.#ports.store.update<Beginning>((stored) => {
      const record = required(stored);
      const begun = beginAttempt(record, this.#waitMs(record));
      if (begun.kind === "try") {
        const { attempt } = begun;
        return {
          next: encodeVault(begun.record),
          result: { kind: "try", attempt, check: record.check },
        };
      }
      const result = { kind: "no", outcome: this.#refusal(record, begun) } as const;
      return begun.kind === "destroyed" ? { next: encodeVault(begun.record), result } : { result };
    });
    if (beginning.kind === "try") {
      // Only now that it is counted: else another page's attempt of the same number would seem to have been waited for.
      const { tries, wrapping } = beginning.attempt;
      this.#waits.leftMs(tries, wrapping.failures);
    }
    return beginning;
  }

  async #unwrap(pin: Pin, attempt: Attempt): Promise<Bytes | undefined> {
    const { crypto, kdf } = this.#ports;
    const { id, wrapping } = attempt;
    let key: Bytes;
    try {
      key = await kdf(pin, wrapping.salt, wrapping.cost);
    } catch (error) {
      // Too little memory for Argon2id: no guess was made, and ten such must not cost the key.
      await this.#change((record) => refund(record, attempt)).catch(() => undefined);
      throw error;
    }
    return unwrapWithPinKey(crypto, key, { id, wrapping });
  }

  async #fail(attempt: Attempt): Promise<PinOutcome> {
    const { failures } = attempt.wrapping;
    const left = triesLeft(failures);
    if (left !== 0) return { kind: "wrong", waitMs: waitAfterMs(failures), triesLeft: left };
    await this.#change(destroyWornOut);
    return { kind: "destroyed" };
  }

  #refusal(record: VaultRecord, begun: Exclude<Begun, { kind: "try" }>): PinOutcome {
    if (begun.kind !== "wait") return { kind: begun.kind };
    const { waitMs, triesLeft: left } = this.#statusOf(record);
    return { kind: "wait", waitMs, triesLeft: left };
  }

  #statusOf(record: VaultRecord): VaultStatus {
    const { pin, prf } = record;
    return {
      exists: true,
      pin: pin?.kind ?? "none",
      prf: prf && { credentialId: prf.credentialId, salt: prf.salt },
      waitMs: this.#waitMs(record),
      triesLeft: pin?.kind === "set" ? triesLeft(pin.failures) : undefined,
    };
  }

  #waitMs(record: VaultRecord): number {
    return record.pin?.kind === "set" ? this.#waits.leftMs(record.tries, record.pin.failures) : 0;
  }

  #load(): Promise<VaultRecord> {
    return this.#ports.store.update((stored) => ({ result: required(stored) }));
  }

  async #loadOwn(storeKey: Bytes): Promise<VaultRecord> {
    const record = await this.#load();
    await this.#requireOwn(storeKey, record);
    return record;
  }

  async #requireOwn(storeKey: Bytes, vault: Pick<VaultRecord, "id" | "check">): Promise<void> {
    const check = await checkOf(this.#ports.crypto, storeKey, vault.id);
    if (!equalBytes(check, vault.check)) throw invalid();
  }

  #change(transition: (record: VaultRecord) => VaultRecord): Promise<void> {
    return this.#ports.store.update((stored) => {
      const before = required(stored);
      const record = transition(before);
      return record === before
        ? { result: undefined }
        : { next: encodeVault(record), result: undefined };
    });
  }
}

type Beginning =
  | { readonly kind: "try"; readonly attempt: Attempt; readonly check: Bytes }
  | { readonly kind: "no"; readonly outcome: PinOutcome };

const NO_VAULT: VaultStatus = {
  exists: false,
  pin: "none",
  prf: undefined,
  waitMs: 0,
  triesLeft: undefined,
};

function newPin(typed: string): Pin {
  const pin = parsePin(typed);
  checkNewPin(pin);
  return pin;
}

function required(stored: Bytes | undefined): VaultRecord {
  if (stored === undefined)
    throw new PatientError("VAULT_MISSING", "There is no vault on this phone.");
  return parseVault(stored);
}

/** Another page may have erased the vault and made a new one meanwhile. */
function sameVault(record: VaultRecord, id: Bytes): VaultRecord {
  if (!equalBytes(record.id, id)) throw invalid();
  return record;
}
