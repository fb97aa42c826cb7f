import i18next from "i18next";
import type { TFunction } from "i18next";

/** A value as the hospital's API gives it: a number, or a pressure as [systolic, diastolic, mean]. */
export type ShownValue = number | readonly (number | null)[];

/** Everything that formats for one language, made once: a screen formats each of its values anew as ages pass. */
interface Formats {
  readonly language: string;
  readonly number: Intl.NumberFormat;
  readonly age: Intl.RelativeTimeFormat;
  readonly instant: Intl.DateTimeFormat;
  readonly time: Intl.DateTimeFormat;
  readonly day: Intl.DateTimeFormat;
  readonly date: Intl.DateTimeFormat;
  readonly list: Intl.ListFormat;
}

let made: Formats | undefined;

function formats(): Formats {
  if (made?.language !== i18next.language) made = makeFormats(i18next.language);
  return made;
}

function makeFormats(language: string): Formats {
  const locale = localeOf(language);
  return {
    language,
    number: new Intl.NumberFormat(locale, { maximumFractionDigits: 1, useGrouping: false }),
    age: new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }),
    instant: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }),
    time: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }),
    day: new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" }),
    date: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }),
    list: new Intl.ListFormat(locale, { type: "unit", style: "short" }),
  };
}

/** A language in the form of the browser's country, where it names one: day and month have many orders. */
function localeOf(language: string): string {
  const own = navigator.languages.find((tag) => tag.slice(0, 2) === language) ?? language;
  // Western digits in both languages: they are what monitors and charts in the ward show.
  return language === "ar" ? `${own}-u-nu-latn` : own;
}

/** A value as clinicians write it: `72`, `36.8`, `122/78 (93)`. A part that was not measured is a dash. */
export function formatValue(value: ShownValue): string {
  const { number } = formats();
  if (typeof value === "number") return number.format(value);
  const [systolic, diastolic, mean] = value.map((part) =>
    part === null ? "–" : number.format(part),
  );
  const pair = `${systolic ?? "–"}/${diastolic ?? "–"}`;
  return mean === undefined || mean === "–" ? pair : `${pair} (${mean})`;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long ago: relative under an hour, then hours, then days. Never negative. */
export function formatAge(ageMs: number): string {
  const { age: relative } = formats();
  const age = Math.max(0, ageMs);
  if (age < MINUTE_MS) return relative.format(-Math.floor(age / 1000), "second");
  if (age < HOUR_MS) return relative.format(-Math.floor(age / MINUTE_MS), "minute");
  if (age < 2 * DAY_MS) return relative.format(-Math.floor(age / HOUR_MS), "hour");
  return relative.format(-Math.floor(age / DAY_MS), "day");
}

/** A time that is left as minutes and seconds, `14:05`, as a countdown is read in both languages; never below zero. */
export function formatTimeLeft(leftMs: number): string {
  // To the nearest, so that fifteen minutes begin with 15:00 although the hospital's time is known to a few ms only.
  const seconds = Math.max(0, Math.round(leftMs / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** How long something lasts, in the largest unit that says it well: `45 minutes`, `14 hours`, `3 days`. */
export function formatDuration(ms: number): string {
  const [unit, length] =
    ms >= 2 * DAY_MS && ms % DAY_MS === 0
      ? (["day", DAY_MS] as const)
      : ms >= HOUR_MS
        ? (["hour", HOUR_MS] as const)
        : (["minute", MINUTE_MS] as const);
  const locale = localeOf(i18next.language);
  const options = { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale, options).format(ms / length);
}

/** Several things in a row, as the reader's language puts them. */
export function formatList(parts: readonly string[]): string {
  return formats().list.format(parts);
}

/** A number with all the decimals that a reading can have, as limits are set. */
export function formatExact(value: number): string {
  const options = { maximumFractionDigits: 2, useGrouping: false } as const;
  return new Intl.NumberFormat(localeOf(i18next.language), options).format(value);
}

/** A number on an axis. */
export function formatTick(value: number): string {
  return formats().number.format(value);
}

/** Date and time to the second, for tables and for the exact instant on focus. */
export function formatInstant(at: number): string {
  return formats().instant.format(at);
}

/** When something happened, as short as it is clear: today the time of day, else the whole instant. @param now - ms. */
export function formatMoment(at: number, now: number): string {
  const { day, time } = formats();
  return day.format(at) === day.format(now) && Math.abs(now - at) < DAY_MS
    ? time.format(at)
    : formatInstant(at);
}

/** The time of day to the minute, for axes. */
export function formatTime(at: number): string {
  return formats().time.format(at);
}

/** The time of day in another language than the page's, for paper. */
export function formatTimeIn(language: string, at: number): string {
  const form = { hour: "2-digit", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat(localeOf(language), form).format(at);
}

/** Day and month, for axes. */
export function formatDay(at: number): string {
  return formats().day.format(at);
}

/** A calendar date `YYYY-MM-DD` in the reader's form; no time zone can move it. */
export function formatDate(isoDate: string): string {
  return formats().date.format(Date.parse(`${isoDate}T00:00:00Z`));
}

/** Whole years from a birth date to an instant. */
export function yearsBetween(birthDate: string, now: number): number {
  const birth = new Date(`${birthDate}T00:00:00Z`);
  const today = new Date(now);
  const years = today.getUTCFullYear() - birth.getUTCFullYear();
  const before =
    today.getUTCMonth() < birth.getUTCMonth() ||
    (today.getUTCMonth() === birth.getUTCMonth() && today.getUTCDate() < birth.getUTCDate());
  return before ? years - 1 : years;
}

/** The word for a reason of quarantine, or the code itself where a newer hospital has one that is unknown here. */
export function quarantineReason(t: TFunction, reason: string): string {
  return t(`quarantineReason.${reason}`, { defaultValue: reason });
}
