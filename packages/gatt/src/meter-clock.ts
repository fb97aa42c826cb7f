/**
 * What is known of a meter's clock: UTC = what it shows + `offsetMs`.
 *
 * The offset holds the meter's time zone as well as its error, which cannot be told apart and need not be.
 */
export interface MeterClock {
  readonly offsetMs: number;
  /** `measured`: its clock was read and compared. `assumed`: taken to show this place's time, for want of better. */
  readonly basis: "measured" | "assumed";
}

const MS_PER_MINUTE = 60_000;

/**
 * Compares a meter's clock, as just read from it, with ours.
 *
 * @param localMs - The meter's `CurrentTime.localMs`.
 * @param readAt - Our time at the read, ms since 1970 UTC; at best the middle between asking and answer.
 * @returns `undefined` where the meter's clock was never set.
 */
export function measureClock(localMs: number | undefined, readAt: number): MeterClock | undefined {
  if (localMs === undefined) return undefined;
  return { offsetMs: Math.round(readAt - localMs), basis: "measured" };
}

/**
 * For a meter whose clock cannot be read: takes it to show the time of a place.
 *
 * @param utcOffsetMinutes - Minutes that the place's clocks are ahead of UTC (the negative of `Date.getTimezoneOffset`).
 */
export function assumeClock(utcOffsetMinutes: number): MeterClock {
  return { offsetMs: -utcOffsetMinutes * MS_PER_MINUTE, basis: "assumed" };
}

/**
 * By how much a meter's clock is wrong for somebody who looks at it: positive when it is fast.
 *
 * @param utcOffsetMinutes - As in {@link assumeClock}.
 */
export function clockErrorMs(clock: MeterClock, utcOffsetMinutes: number): number {
  return -clock.offsetMs - utcOffsetMinutes * MS_PER_MINUTE;
}
