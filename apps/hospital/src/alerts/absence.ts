import type { Queryable } from "../database/index.ts";

/** No device of anybody was heard of for so long: it was the hospital that did not listen. */
const ABSENCE_MS = 10 * 60_000;
/** So long devices have to be heard of again: they try every few minutes. */
const RETURN_MS = 15 * 60_000;

/**
 * Until when nobody is told that patients are silent, after the hospital itself was away.
 *
 * Else its first look after a night without power would tell everybody of every patient's silence, before one device could
 * have been heard of again.
 *
 * @param startedAt - When this process began, real ms.
 * @returns Real ms; 0 where it was not away.
 */
export async function quietUntilAfterAbsence(
  database: Queryable,
  startedAt: number,
): Promise<number> {
  const { rows } = await database.query(
    "SELECT max(last_seen_at) AS at FROM device_contacts WHERE last_seen_at < $1",
    [startedAt],
  );
  const heardAt = rows[0]?.numberOrNull("at") ?? startedAt;
  return startedAt - heardAt < ABSENCE_MS ? 0 : startedAt + RETURN_MS;
}
