import { toHex, type Bytes, type Crypto } from "@siphms/cose";
import { MAX_SEQ, sealEnvelope, type SessionGrant, type SessionKeys } from "@siphms/messages";
import type { GatewayAccess } from "./gateway.ts";
import type { HospitalKey } from "./identity.ts";
import type { Sealed } from "./outbox-record.ts";
import type { Clock } from "./ports.ts";
import type { SessionEnd } from "./status.ts";

/**
 * A session is renewed this long before it expires, or a tenth of its life before, whichever is less; never less than
 * {@link MIN_RENEWAL_MS}.
 */
const MAX_RENEWAL_MS = 5 * 60_000;
/** message_4 may have been under way for 10 s when the clocks were compared. */
const MIN_RENEWAL_MS = 10_000;

/** More than two clocks drift apart in a day: beyond it the wall clock was set, or the device slept. */
const CLOCK_STEP_MS = 60_000;

/** What a finished handshake yields. */
export interface SessionStart {
  readonly keys: SessionKeys;
  readonly grant: SessionGrant;
  /** The hospital key that this session stands on: everything in it is signed by it and for it. */
  readonly hospital: HospitalKey;
  readonly gatewayUrl: string;
  readonly connection: string;
}

/**
 * One session: its keys, its counters, its end. It exists in memory only, so a device that was restored, restarted or
 * copied always begins another one, and no sequence number can meet a second plaintext.
 */
export class Session {
  readonly keys: SessionKeys;
  readonly hospital: HospitalKey;
  readonly access: GatewayAccess;
  /** Hospital's clock minus this device's, ms. */
  readonly clockOffsetMs: number;
  /** ms by the hospital's clock. */
  readonly expires: number;
  /** Whether the hospital says that this device is confirmed. */
  bindingActive: boolean;
  /** Whether anything from the hospital was verified in it: a session without that is no success. */
  fruitful = false;
  /** The mailbox's place; naming it acknowledges what came before. */
  cursor: string | undefined;
  readonly #clock: Clock;
  readonly #began: { readonly now: number; readonly monotonic: number };
  readonly #expiresMonotonic: number;
  readonly #renewMonotonic: number;
  readonly #end = new AbortController();
  #endReason: SessionEnd | undefined;
  #nextSeq = 0;
  /** Digests of accepted envelopes by their sequence number. */
  readonly #acceptedBySeq = new Map<number, string>();
  readonly #accepted = new Set<string>();

  /** Begins at the moment when message_4 has verified. */
  constructor(start: SessionStart, clock: Clock) {
    const { keys, grant, gatewayUrl, connection } = start;
    this.keys = keys;
    this.hospital = start.hospital;
    this.access = { gatewayUrl, sid: keys.sid, pass: grant.pass, connection };
    this.clockOffsetMs = Math.round(grant.now - clock.now());
    this.expires = grant.expires;
    this.bindingActive = grant.binding === 1;
    this.#clock = clock;
    this.#began = { now: clock.now(), monotonic: clock.monotonic() };
    const life = grant.expires - grant.now;
    const ahead = Math.max(MIN_RENEWAL_MS, Math.min(MAX_RENEWAL_MS, life / 10));
    this.#expiresMonotonic = clock.monotonic() + life;
    this.#renewMonotonic = clock.monotonic() + life - Math.min(ahead, life / 2);
  }

  /** Aborts when the session ends. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Why it ended; `undefined` while it lives. */
  get endReason(): SessionEnd | undefined {
    return this.#endReason;
  }

  /** ms until a new session should be begun; 0 or less when it is time. */
  get untilRenewalMs(): number {
    return this.#renewMonotonic - this.#clock.monotonic();
  }

  /**
   * Whether the wall clock was set since the session began: then the hospital's time, which was compared with it, is not
   * known any more, and readings would carry a wrong one. A new session compares again.
   */
  get clockWasSet(): boolean {
    const wallMs = this.#clock.now() - this.#began.now;
    const passedMs = this.#clock.monotonic() - this.#began.monotonic;
    return Math.abs(wallMs - passedMs) > CLOCK_STEP_MS;
  }

  /** When it was opened, ms by this device's clock. */
  get openedAt(): number {
    return this.#began.now;
  }

  /** Ends it; the first reason counts. */
  end(reason: SessionEnd): void {
    this.#endReason ??= reason;
    this.#end.abort();
  }

  /**
   * Seals a message under the next sequence number. A number that was taken is gone, whatever happens afterwards.
   *
   * @returns `undefined` when nothing may be sealed any more; the session has then ended.
   */
  async seal(signed: Bytes, crypto: Crypto): Promise<Sealed | undefined> {
    if (this.#isOver()) this.end("session-expired");
    else if (this.#nextSeq > MAX_SEQ) this.end("sequence-exhausted");
    else if (this.clockWasSet) this.end("renewal");
    if (this.#endReason !== undefined) return undefined;
    const seq = this.#nextSeq++;
    const bytes = await sealEnvelope({ keys: this.keys, direction: 0, seq, signed }, crypto);
    return { sid: this.keys.sid, seq, bytes };
  }

  /** Whether exactly this envelope was accepted before. */
  hasAccepted(digest: Bytes): boolean {
    return this.#accepted.has(toHex(digest));
  }

  /** Whether another envelope was accepted under this sequence number. */
  hasOtherUnder(seq: number, digest: Bytes): boolean {
    const known = this.#acceptedBySeq.get(seq);
    return known !== undefined && known !== toHex(digest);
  }

  /** Remembers an envelope as accepted, after everything that it brought is durable. */
  accept(seq: number, digest: Bytes): void {
    const text = toHex(digest);
    this.#acceptedBySeq.set(seq, text);
    this.#accepted.add(text);
  }

  /** Two clocks, since the monotonic one may stand still while a phone sleeps and the other may be set. */
  #isOver(): boolean {
    const hospitalNow = this.#clock.now() + this.clockOffsetMs;
    return this.#clock.monotonic() >= this.#expiresMonotonic || hospitalNow >= this.expires;
  }
}
