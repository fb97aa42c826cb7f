import type { ApiAlert } from "@siphms/api";

/**
 * What the hospital is to be told of an alert once somebody has seen it; nothing where it knows already. Who was told anew, as
 * when it rose, has that to see still.
 */
export function sightOf(
  { id, seen, told }: Pick<ApiAlert, "id" | "seen" | "told">,
  name: string,
): string | undefined {
  const waiting = told.filter(
    ({ to, way, state }) => to === name && way === "console" && state === "waiting",
  );
  if (waiting.length === 0 && seen.some(({ by }) => by === name)) return undefined;
  return `${id} ${String(Math.max(0, ...waiting.map(({ at }) => at)))}`;
}

/** The alert of something that was seen. */
export function alertOfSight(sight: string): string {
  return sight.split(" ")[0] ?? sight;
}

/** So long something has to be on the screen before it counts as seen, ms. */
const DWELL_MS = 1_000;
/** Before the hospital is told again what it did not hear, ms. */
const PAUSE_MS = 10_000;

/** Which alerts ({@link sightOf}) are on the screen in front of somebody, since when, and of which the hospital has been told. */
export class SightLog {
  readonly #since = new Map<string, number>();
  readonly #told = new Set<string>();

  /** An alert has come into sight. */
  enter(alert: string, now: number): void {
    if (!this.#told.has(alert) && !this.#since.has(alert)) this.#since.set(alert, now);
  }

  /** It has gone out of sight. */
  leave(alert: string): void {
    this.#since.delete(alert);
  }

  /** Nothing is in sight any more: the window was hidden. What still is begins anew. */
  hide(now: number): void {
    for (const alert of this.#since.keys()) this.#since.set(alert, now);
  }

  /** Those that were in sight long enough and were told to nobody; each only once. */
  take(now: number): readonly string[] {
    const due = [...this.#since].filter(([, since]) => now - since >= DWELL_MS).map(([id]) => id);
    for (const alert of due) {
      this.#since.delete(alert);
      this.#told.add(alert);
    }
    return due;
  }

  /** Only these are on the page still. */
  keepOnly(alerts: ReadonlySet<string>): void {
    for (const alert of this.#since.keys()) if (!alerts.has(alert)) this.#since.delete(alert);
  }

  /** The hospital was not reached: they are due again after a pause. */
  giveBack(alerts: readonly string[], now: number): void {
    for (const alert of alerts) {
      this.#told.delete(alert);
      this.#since.set(alert, now + PAUSE_MS - DWELL_MS);
    }
  }
}
