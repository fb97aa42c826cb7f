import { toHex } from "@siphms/cose";
import { Type, type Static } from "typebox";
import type { Queryable } from "../database/index.ts";

/** Numbers that are missing in sessions, as they are remembered. */
export const gapsSchema = Type.Object(
  {
    /** When it is looked at next, real ms. */
    lookAt: Type.Integer(),
    /** Since when, real ms, by session and number. */
    missing: Type.Record(Type.String(), Type.Integer()),
  },
  { additionalProperties: false },
);

/** See {@link gapsSchema}. */
export type Gaps = Static<typeof gapsSchema>;

/** Nothing was looked at yet. */
export const GAPS_BEGIN: Gaps = { lookAt: 0, missing: {} };

/** Numbers come out of order while several messages are on their way, and again after a connection broke. */
export const GAP_AFTER_MS = 5 * 60_000;
/** How far behind the newest number of a session missing ones are looked for. */
const WINDOW = 1000;
/** Remembered for one patient at most: more is one fault, and not a thousand. */
const MAX_REMEMBERED = 200;

/**
 * The numbers that are missing between those that came in the newest session of each active device of these patients.
 *
 * A device uses its numbers one after another, and sends again what was not answered: where a higher number has come for
 * minutes, the lower one was held back or lost on its way. In a session that the device has left nothing is missing: what was
 * not answered there it has sealed anew for the next one.
 */
export async function findMissing(
  queryable: Queryable,
  patientIds: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const missing = new Map<string, string[]>(patientIds.map((id) => [id, []]));
  if (patientIds.length === 0) return missing;
  const { rows } = await queryable.query(
    `SELECT d.patient_id, s.sid, w.seq FROM devices d
     CROSS JOIN LATERAL (SELECT sid, closed_at, expires_at FROM sessions
       WHERE device_id = d.id ORDER BY created_at DESC, sid LIMIT 1) s
     CROSS JOIN LATERAL (SELECT max(seq) AS newest FROM session_seqs q WHERE q.sid = s.sid) m
     CROSS JOIN LATERAL (
       SELECT seq FROM generate_series(greatest(0, m.newest - ${String(WINDOW)}), m.newest) AS g (seq)
       EXCEPT SELECT seq FROM session_seqs q
       WHERE q.sid = s.sid AND q.seq >= m.newest - ${String(WINDOW)}
       ORDER BY seq LIMIT ${String(MAX_REMEMBERED)}) w
     WHERE d.patient_id = ANY($1::uuid[]) AND d.state = 'active'
       AND s.closed_at IS NULL AND s.expires_at > $2`,
    [patientIds, now],
  );
  for (const row of rows) {
    missing
      .get(row.text("patient_id"))
      ?.push(`${toHex(row.bytes("sid"))}/${String(row.number("seq"))}`);
  }
  return missing;
}

/**
 * Compares what is missing now with what was.
 *
 * @returns what to remember, and how many have been missing for so long that they are not on their way.
 */
export function compareGaps(
  before: Gaps,
  names: readonly string[],
  now: number,
): { readonly gaps: Gaps; readonly missing: number } {
  const entries = names
    .slice(0, MAX_REMEMBERED)
    .map((name) => [name, before.missing[name] ?? now] as const);
  return {
    gaps: { lookAt: now + GAP_AFTER_MS, missing: Object.fromEntries(entries) },
    missing: entries.filter(([, since]) => now >= since + GAP_AFTER_MS).length,
  };
}

/** When missing numbers are to be looked for though nothing comes; real ms. */
export function gapsDue({ lookAt, missing }: Gaps): number | null {
  return Object.keys(missing).length === 0 ? null : lookAt;
}
