/**
 * A sensor's Date Time (0x2A08) as it was sent: its own local clock, without a zone.
 *
 * Only `localMs` says whether it can be used: a sensor whose clock was never set sends zeros, or a 31 February.
 */
export interface DateTime {
  /** 0: not known. */
  readonly year: number;
  /** 1 to 12; 0: not known. */
  readonly month: number;
  /** 1 to 31; 0: not known. */
  readonly day: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  /**
   * The same, counted in ms since 1970 as though the sensor's clock showed UTC; `undefined` where the fields are no real date
   * or a part of the date is not known. A `MeterClock` makes UTC of it.
   */
  readonly localMs: number | undefined;
}

/** What a Date Time takes in a value. */
export const DATE_TIME_OCTETS = 7;

const FIRST_YEAR = 1582;
const LAST_YEAR = 9999;

/** Puts the fields of a Date Time together; none is refused, for a sensor without its date measures all the same. */
export function dateTimeOf(fields: Omit<DateTime, "localMs">): DateTime {
  return { ...fields, localMs: localMsOf(fields) };
}

function localMsOf(fields: Omit<DateTime, "localMs">): number | undefined {
  const { year, month, day, hours, minutes, seconds } = fields;
  if (year < FIRST_YEAR || year > LAST_YEAR) return undefined;
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const localMs = Date.UTC(year, month - 1, day, hours, minutes, seconds);
  // Date.UTC makes the 3 March of a 31 February; the way back shows it.
  const date = new Date(localMs);
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? localMs : undefined;
}
