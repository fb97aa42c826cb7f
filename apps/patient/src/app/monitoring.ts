import type { Clock } from "@siphms/device";
import { Observed, type Observable } from "../observable.ts";

/** The longest that the key may stay in the memory of a locked app. */
export const MAX_MONITORING_HOURS = 8;
const HOUR_MS = 3_600_000;

/** The part of the Screen Wake Lock API that is needed. */
export type WakeLocks = Pick<WakeLock, "request">;

/** Keeps the engine and the sensors going behind the lock screen, for a time that the patient chose. */
export interface Monitoring extends Observable<{ readonly until: number | undefined }> {
  /** When it ends, ms by the phone's clock; `undefined` while it is off. */
  readonly until: number | undefined;
  /** Begins, or chooses another end. @param hours - More than 0, {@link MAX_MONITORING_HOURS} at most. */
  start(hours: number): void;
  stop(): void;
}

/** What {@link MonitoringClock} needs. */
export interface MonitoringPorts {
  readonly clock: Clock;
  /** `undefined` where the browser cannot keep the screen on. */
  readonly wakeLocks: WakeLocks | undefined;
  readonly onEnded: () => void;
}

/** Monitoring with its clock and the screen's wake lock. */
export class MonitoringClock implements Monitoring {
  readonly #ports: MonitoringPorts;
  readonly #state = new Observed<{ readonly until: number | undefined }>({ until: undefined });
  #running: AbortController | undefined;
  #sentinel: Promise<WakeLockSentinel | undefined> | undefined;

  /** Off at first. */
  constructor(ports: MonitoringPorts) {
    this.#ports = ports;
  }

  readonly snapshot = (): { readonly until: number | undefined } => this.#state.snapshot();

  readonly subscribe = (listener: () => void): (() => void) => this.#state.subscribe(listener);

  get until(): number | undefined {
    return this.#state.snapshot().until;
  }

  start(hours: number): void {
    if (!(hours > 0 && hours <= MAX_MONITORING_HOURS)) throw new RangeError("hours: 0 to 8");
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    const lengthMs = hours * HOUR_MS;
    this.#state.set({ until: this.#ports.clock.now() + lengthMs });
    this.pageShown();
    void this.#endAfter(lengthMs, running.signal);
  }

  stop(): void {
    if (this.#running === undefined) return;
    this.#running.abort();
    this.#running = undefined;
    this.#state.set({ until: undefined });
    void this.#letSleep();
    this.#ports.onEnded();
  }

  /** The browser lets the screen sleep whenever the page is hidden: asks anew when it is seen again. */
  pageShown(): void {
    if (this.#running === undefined) return;
    const before = this.#sentinel;
    this.#sentinel = this.#keepAwake(before);
  }

  /** By the monotonic clock: setting the phone's clock back must not keep the key for longer. */
  async #endAfter(lengthMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    const end = clock.monotonic() + lengthMs;
    while (!signal.aborted && clock.monotonic() < end) {
      await clock.sleep(Math.min(end - clock.monotonic(), HOUR_MS), signal);
    }
    if (!signal.aborted) this.stop();
  }

  async #keepAwake(
    before: Promise<WakeLockSentinel | undefined> | undefined,
  ): Promise<WakeLockSentinel | undefined> {
    const held = await before;
    if (held !== undefined && !held.released) return held;
    try {
      return await this.#ports.wakeLocks?.request("screen");
    } catch {
      // A low battery, or the page is hidden: the screen may sleep, monitoring goes on as long as the phone lets it.
      return undefined;
    }
  }

  async #letSleep(): Promise<void> {
    const held = await this.#sentinel;
    if (this.#running === undefined) await held?.release();
  }
}
