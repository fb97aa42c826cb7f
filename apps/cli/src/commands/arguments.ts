import { InvalidArgumentError } from "commander";

import { OLD_KEY_DAYS } from "@siphms/api";
import { kindByName, KINDS } from "@siphms/vitals";
import type { KindName } from "@siphms/vitals";

/** Reads a calendar date of a command line. @throws {InvalidArgumentError} when it is none. */
export function parseDate(text: string): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  // 31 April is read as 1 May by some engines and refused by others: it has to come back as it was.
  if (!Number.isNaN(at) && new Date(at).toISOString().startsWith(text)) return text;
  throw new InvalidArgumentError("Write a date as YYYY-MM-DD, for example 1957-03-21.");
}

/** Reads a point in time: ms since 1970, a date, or a date with a time. @throws {InvalidArgumentError} when it is none. */
export function parseTime(text: string): number {
  const at = /^\d{5,16}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isSafeInteger(at) && at >= 0) return at;
  throw new InvalidArgumentError(
    "Write a time as 2026-03-01T12:00:00Z, as 2026-03-01, or as milliseconds since 1970.",
  );
}

/** Collects `--kind` arguments. @throws {InvalidArgumentError} for a name that is not in the table. */
export function collectKind(text: string, before: readonly KindName[] = []): readonly KindName[] {
  const info = kindByName(text);
  if (info !== undefined) return [...before, info.name];
  const names = KINDS.map((kind) => kind.name).join(", ");
  throw new InvalidArgumentError(`There is no such kind. The kinds are: ${names}.`);
}

/** Reads a device's kid. @throws {InvalidArgumentError} when it is none. */
export function parseKid(text: string): string {
  if (/^[A-Za-z0-9_-]{11}$/.test(text)) return text;
  throw new InvalidArgumentError("A kid has 11 characters; `siphms device list` shows them.");
}

/** Reads for how many days a retired key goes on answering. @throws {InvalidArgumentError} when it is none. */
export function parseOldKeyDays(text: string): number {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (days >= OLD_KEY_DAYS.min && days <= OLD_KEY_DAYS.max) return days;
  throw new InvalidArgumentError(
    `Write a whole number of days from ${OLD_KEY_DAYS.min} to ${OLD_KEY_DAYS.max}.`,
  );
}

/** Reads a TCP port. @throws {InvalidArgumentError} when it is none. */
export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError("A port is a whole number from 1 to 65535.");
}

/** Reads the speed of a replay. @throws {InvalidArgumentError} below 1, where samples would lie in the future. */
export function parseSpeed(text: string): number {
  const speed = Number(text);
  if (Number.isFinite(speed) && speed >= 1) return speed;
  throw new InvalidArgumentError(
    "A speed is a number from 1: 1 is as recorded, 60 an hour a minute.",
  );
}

/** Reads a number of seconds. @throws {InvalidArgumentError} when it is none. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds;
  throw new InvalidArgumentError("Write a number of seconds, for example 60.");
}
