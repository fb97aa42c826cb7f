import type { Crypto } from "@siphms/cose";
import { networkWaitMs, refusedWait, retryAfterWaitMs } from "./backoff.ts";
import { DeviceError, type DeviceErrorCode } from "./errors.ts";
import { linkSignals } from "./linked-signal.ts";
import type { Clock } from "./ports.ts";
import type { DeviceEvent, DeviceStatus } from "./status.ts";

/** A refusal rather than a fault: waiting a second will not change it (protocol section 5: 1, 5, 30 minutes). */
const REFUSALS: ReadonlySet<DeviceErrorCode> = new Set([
  "HANDSHAKE_REFUSED",
  "HANDSHAKE_FAILED",
  "HOSPITAL_KEY_MISMATCH",
  "HOSPITAL_KEY_UNKNOWN",
  "HOSPITAL_UNKNOWN",
  "GATEWAY_REFUSED",
  "INVITATION_EXPIRED",
  "INVITATION_REFUSED",
]);

/** What {@link Patience} needs. */
export interface PatienceContext {
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly emit: (event: DeviceEvent) => void;
}

/**
 * Decides how long to wait after what went wrong, and waits. One for the whole device: what
 * one request learns of the gateway holds for the next.
 */
export class Patience {
  readonly #context: PatienceContext;
  #faults = 0;
  #refusals = 0;
  #until = 0;
  #wake = new AbortController();
  #lastError: DeviceStatus["lastError"];
  needsAttention = false;

  /** Nothing has gone wrong yet. */
  constructor(context: PatienceContext) {
    this.#context = context;
  }

  get lastError(): DeviceStatus["lastError"] {
    return this.#lastError;
  }

  /** By the wall clock, ms; `undefined` when nobody has to wait. */
  get nextTryAt(): number | undefined {
    const leftMs = this.#leftMs();
    return leftMs > 0 ? Math.round(this.#context.clock.now() + leftMs) : undefined;
  }

  /** Takes note of a fault or refusal; from now on {@link passed} waits. */
  report(error: {
    readonly code: DeviceErrorCode;
    readonly retryAfterMs?: number | undefined;
  }): void {
    // Several requests under way fail together when the network goes: that is one fault.
    const isSameFault = this.#leftMs() > 0 && error.retryAfterMs === undefined;
    if (isSameFault) return;
    const waitMs = this.#waitMs(error);
    this.#until = Math.max(this.#until, this.#context.clock.monotonic() + waitMs);
    this.note(error.code);
  }

  /** Shows an error that nobody has to wait for. */
  note(code: DeviceErrorCode): void {
    this.#lastError = { code, at: this.#context.clock.now() };
    const nextTryAt = this.nextTryAt;
    this.#context.emit({
      type: "problem",
      code,
      needsAttention: this.needsAttention,
      ...(nextTryAt === undefined ? {} : { nextTryAt }),
    });
  }

  /** The gateway answered as it should: the next fault is the first again. */
  answered(): void {
    this.#faults = 0;
  }

  /** A session was opened. */
  connected(): void {
    this.#refusals = 0;
    this.needsAttention = false;
  }

  /** Resolves when the wait is over, or the signal aborts. */
  async passed(signal: AbortSignal | undefined): Promise<void> {
    while (this.#leftMs() > 0 && signal?.aborted !== true) {
      const link = linkSignals(signal, this.#wake.signal);
      await this.#context.clock.sleep(this.#leftMs(), link.signal);
      link.unlink();
    }
  }

  /** Ends all waiting. Counts of faults and refusals stay. */
  retryNow(): void {
    this.#until = 0;
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  #leftMs(): number {
    return this.#until - this.#context.clock.monotonic();
  }

  #waitMs(error: {
    readonly code: DeviceErrorCode;
    readonly retryAfterMs?: number | undefined;
  }): number {
    const { crypto } = this.#context;
    if (REFUSALS.has(error.code)) {
      const { waitMs, needsAttention } = refusedWait(++this.#refusals);
      this.needsAttention = needsAttention;
      return waitMs;
    }
    const ownWaitMs = networkWaitMs(++this.#faults, crypto);
    return error.retryAfterMs === undefined
      ? ownWaitMs
      : retryAfterWaitMs(Math.max(error.retryAfterMs, ownWaitMs), crypto);
  }
}

/** Whether the engine can do no more by itself: the store is gone, or the enrolment cannot be finished. */
export function isFinal(error: DeviceError): boolean {
  return ["STORE_FAILED", "STORE_CORRUPT", "CODE_LIMIT", "ENROLMENT_REFUSED"].includes(error.code);
}
