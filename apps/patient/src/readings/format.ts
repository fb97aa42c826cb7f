import { localeOf } from "../i18n/locale.ts";
import { CONSCIOUSNESS_LEVELS, type Kind, type WireValue } from "@siphms/vitals";
import { decimalsOf, toShown, unitOf, type UnitPreferences } from "./units.ts";

/** Everything that writes numbers and times for one language and one choice of units. */
export interface Formats {
  /** A value as clinicians write it, without its unit: `72`, `36.8`, `122/78`. What was not measured is a dash. */
  readonly value: (kind: Kind, wire: WireValue) => string;
  /** A limit, to the decimals that a value can have: 69.9 must not be shown as 70. Of a blood pressure it is one number. */
  readonly limit: (kind: Kind, wire: number) => string;
  /** The unit's symbol; empty where there is none. */
  readonly unit: (kind: Kind) => string;
  /** The unit inside a sentence: kept left to right between Arabic words. */
  readonly unitInText: (kind: Kind) => string;
  /** Both together, for sentences and screen readers. */
  readonly valueWithUnit: (kind: Kind, wire: WireValue) => string;
  /** How long ago: relative under an hour, then the clock, then the date too. */
  readonly when: (at: number, now: number) => string;
  /** A time to come, in the same way. */
  readonly until: (at: number, now: number) => string;
  /** Date and time to the second. */
  readonly instant: (at: number) => string;
  /** The time of day. */
  readonly time: (at: number) => string;
  /** Day and month. */
  readonly day: (at: number) => string;
  /** The whole date. */
  readonly date: (at: number) => string;
  readonly percent: (part: number) => string;
  readonly integer: (value: number) => string;
  /** A number of an axis: as many decimals as it needs, two at most. */
  readonly tick: (value: number) => string;
  /** Minutes, or hours from 90 minutes on, or days from two days on. */
  readonly length: (ms: number) => string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * Makes the formats of a language.
 *
 * @param browserLocales - The browser's: they name the country, which orders day and month.
 */
export function createFormats(
  language: string,
  units: UnitPreferences,
  browserLocales: readonly string[],
): Formats {
  const locale = localeOf(language, browserLocales);
  const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const instant = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
  const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0, useGrouping: false });
  const tick = new Intl.NumberFormat(locale, { maximumFractionDigits: 2, useGrouping: false });
  const percent = new Intl.NumberFormat(locale, { style: "percent" });
  const value = valueFormat(locale, units);
  const relative = relativeFormat(locale);
  // "/min" would otherwise become "min/" between Arabic words.
  const isolated = (text: string): string => (language === "ar" ? `\u2066${text}\u2069` : text);
  const sameDay = (a: number, b: number): boolean => date.format(a) === date.format(b);
  const about = (at: number, now: number): string =>
    relative(at, now) ?? (sameDay(at, now) ? time : moment).format(at);
  return {
    value,
    limit: (kind, wire) => {
      const shown = kind === 2 || kind === 9 ? wire : toShown(kind, wire, units);
      if (kind === 9 || typeof shown !== "number") return value(kind, wire);
      return tick.format(shown);
    },
    unit: (kind) => unitOf(kind, units),
    unitInText: (kind) => isolated(unitOf(kind, units)),
    valueWithUnit: (kind, wire) =>
      isolated(`${value(kind, wire)} ${unitOf(kind, units)}`.trimEnd()),
    when: (at, now) => (at > now + MINUTE_MS ? moment.format(at) : about(Math.min(at, now), now)),
    until: (at, now) => about(Math.max(at, now), now),
    instant: (at) => instant.format(at),
    time: (at) => time.format(at),
    day: (at) => day.format(at),
    date: (at) => date.format(at),
    percent: (part) => percent.format(part),
    integer: (number) => integer.format(number),
    tick: (number) => tick.format(number),
    length: lengthFormat(locale),
  };
}

function valueFormat(locale: string, units: UnitPreferences): Formats["value"] {
  const [whole, tenths] = [0, 1].map(
    (digits) =>
      new Intl.NumberFormat(locale, {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
        useGrouping: false,
      }),
  );
  return (kind, wire) => {
    const shown = toShown(kind, wire, units);
    if (typeof shown !== "number") {
      const parts = shown.map((part) => (part === null ? "–" : (whole?.format(part) ?? "")));
      return `${parts[0] ?? "–"}/${parts[1] ?? "–"}`;
    }
    if (kind === 9) return CONSCIOUSNESS_LEVELS[shown] ?? "–";
    return (decimalsOf(kind, units) === 0 ? whole : tenths)?.format(shown) ?? "";
  };
}

/** Under an hour in words, beyond it nothing. */
function relativeFormat(locale: string): (at: number, now: number) => string | undefined {
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  return (at, now) => {
    const distance = at - now;
    const length = Math.abs(distance);
    if (length >= HOUR_MS) return undefined;
    const unit = length < MINUTE_MS ? "second" : "minute";
    const count = Math.floor(length / (unit === "second" ? 1000 : MINUTE_MS));
    return words.format(count === 0 ? 0 : Math.sign(distance) * count, unit);
  };
}

function lengthFormat(locale: string): (ms: number) => string {
  const [minutes, hours, days] = ["minute", "hour", "day"].map(
    (unit) =>
      new Intl.NumberFormat(locale, {
        style: "unit",
        unit,
        unitDisplay: "long",
        maximumFractionDigits: 0,
      }),
  );
  return (ms) => {
    const length = Math.abs(ms);
    if (length < 90 * MINUTE_MS) return minutes?.format(Math.max(1, length / MINUTE_MS)) ?? "";
    if (length < 2 * DAY_MS) return hours?.format(length / HOUR_MS) ?? "";
    return days?.format(length / DAY_MS) ?? "";
  };
}
