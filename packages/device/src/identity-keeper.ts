import { equalBytes, type Bytes } from "@siphms/cose";
import type { Invitation } from "@siphms/messages";
import { DeviceError } from "./errors.ts";
import {
  createDeviceKey,
  identityOperation,
  loadDeviceKey,
  loadHospitalKey,
  loadIdentity,
  type DeviceKey,
  type Identity,
} from "./identity.ts";
import type { Clock, DevicePorts } from "./ports.ts";
import { decodeRecord, encodeRecord, numberOf } from "./record-codec.ts";
import type { PlainOperation, SealedStore } from "./sealed-store.ts";
import type { DeviceEvent, DeviceState } from "./status.ts";

const CLOCK_ENTRY = "clock";

/** What {@link IdentityKeeper} needs. */
export interface IdentityKeeperContext {
  readonly ports: DevicePorts;
  readonly store: SealedStore;
  readonly emit: (event: DeviceEvent) => void;
  /** Called after each change. */
  readonly ring: () => void;
}

/**
 * Who this device is, whom it trusts and what time it is there: the stored truth, every change durable before it
 * shows.
 */
export class IdentityKeeper {
  readonly #context: IdentityKeeperContext;
  readonly #clock: Clock;
  #key: DeviceKey | undefined;
  #identity: Identity | undefined;
  #clockOffsetMs = 0;
  /** The hospital's time when it was heard last, and the monotonic clock then. */
  #heard: { readonly now: number; readonly monotonic: number } | undefined;

  private constructor(context: IdentityKeeperContext) {
    this.#context = context;
    this.#clock = context.ports.clock;
  }

  /**
   * Loads what an earlier process left.
   *
   * @throws {DeviceError} `STORE_FAILED`, `STORE_CORRUPT`.
   */
  static async open(context: IdentityKeeperContext): Promise<IdentityKeeper> {
    const { store, ports } = context;
    const keeper = new IdentityKeeper(context);
    keeper.#key = await loadDeviceKey(store, ports.crypto);
    keeper.#identity = await loadIdentity(store, ports.crypto);
    const offset = await store.get(CLOCK_ENTRY);
    if (offset !== undefined) keeper.#clockOffsetMs = numberOf(decodeRecord(offset).get(1));
    return keeper;
  }

  get state(): DeviceState {
    return this.#identity?.state ?? "new";
  }

  /** `undefined` on a device that never took an invitation. */
  get identityIfAny(): Identity | undefined {
    return this.#identity;
  }

  /** @throws {DeviceError} `NOT_ENROLLED`. */
  get identity(): Identity {
    if (this.#identity === undefined) throw notEnrolled();
    return this.#identity;
  }

  /** @throws {DeviceError} `NOT_ENROLLED`. */
  get key(): DeviceKey {
    if (this.#key === undefined) throw notEnrolled();
    return this.#key;
  }

  /** The wall clock corrected by the hospital's, whole ms. */
  now(): number {
    const corrected = this.#clock.now() + this.#clockOffsetMs;
    return Math.max(0, Math.round(Math.max(corrected, this.#leastNow())));
  }

  /** As much time as the monotonic clock counted has passed at least: a wall clock that is set back takes none of it away. */
  #leastNow(): number {
    if (this.#heard === undefined) return 0;
    return this.#heard.now + this.#clock.monotonic() - this.#heard.monotonic;
  }

  /** Takes over the offset of a new session. @throws {DeviceError} `STORE_FAILED`. */
  async setClockOffset(clockOffsetMs: number): Promise<void> {
    const plain = encodeRecord([1, clockOffsetMs]);
    await this.#context.store.batch([{ kind: "put", name: CLOCK_ENTRY, plain }]);
    this.#clockOffsetMs = clockOffsetMs;
    this.#heard = { now: this.#clock.now() + clockOffsetMs, monotonic: this.#clock.monotonic() };
  }

  /** Replaces the identity, together with whatever belongs to the same step. @throws {DeviceError} `STORE_FAILED`. */
  async save(identity: Identity, also: readonly PlainOperation[] = []): Promise<void> {
    const before = this.state;
    await this.#context.store.batch([identityOperation(identity), ...also]);
    this.#identity = identity;
    if (identity.state !== before) this.#context.emit({ type: "state", state: identity.state });
    this.#context.ring();
  }

  /**
   * The binding is active. Token and code are spent: what is not kept cannot leak. @throws {DeviceError}
   * `STORE_FAILED`.
   */
  async activate(also: readonly PlainOperation[] = []): Promise<void> {
    const { deviceName, gatewayUrl, hospitalId, hospitalName, pinned, retired } = this.identity;
    const kept = { deviceName, gatewayUrl, hospitalId, hospitalName, pinned, retired };
    await this.save({ ...kept, state: "active" }, also);
  }

  /** Whether an invitation is the one that this device is enrolling with. */
  isOurs(token: Bytes): boolean {
    const ours = this.#identity?.enrolment?.token;
    return ours !== undefined && equalBytes(ours, token);
  }

  /**
   * Begins with an invitation: a new key and the pin, both durable when this resolves. The key before is replaced.
   *
   * @throws {DeviceError} `STORE_FAILED`.
   */
  async begin(invitation: Invitation, deviceName: string): Promise<void> {
    const { crypto } = this.#context.ports;
    const { gatewayUrl, hospitalId, hospitalName, token, expires, credential } = invitation;
    const pinned = await loadHospitalKey(credential.bytes, hospitalId, crypto);
    const { key, operation } = await createDeviceKey(crypto);
    const enrolment = { token, expires, tried: false, codes: 0 };
    const names = { deviceName, gatewayUrl, hospitalId, hospitalName };
    const identity = { ...names, pinned, retired: [], enrolment };
    await this.save({ state: "enrolling", ...identity }, [operation]);
    this.#key = key;
    if (this.#clock.now() > expires) this.#context.emit({ type: "invitation-late", expires });
  }
}

/** The error of a device that has no enrolment to work with. */
export function notEnrolled(): DeviceError {
  return new DeviceError("NOT_ENROLLED", "This device is not enrolled. Take an invitation first.");
}
