import type { Queryable } from "../database/index.ts";

/** One week, Monday to Sunday by the hospital's calendar. */
export interface Week {
  /** The date of its Monday. */
  readonly week: string;
  readonly from: number;
  /** The first moment of the next one. */
  readonly to: number;
}

/** So far back weeks can be reviewed. */
const WEEKS_BACK = 26;
const WEEK_MS = 7 * 24 * 3_600_000;

/**
 * The weeks that can be reviewed, newest first: from the present one back to the hospital's first, half a year at most.
 * Where clocks are put forward or back a week is an hour shorter or longer.
 */
export async function listWeeks(
  queryable: Queryable,
  { now, timeZone }: { readonly now: number; readonly timeZone: string },
): Promise<readonly Week[]> {
  const { rows } = await queryable.query(
    `SELECT to_char(monday, 'YYYY-MM-DD') AS week,
       (extract(epoch FROM monday AT TIME ZONE $3) * 1000)::bigint AS began,
       (extract(epoch FROM (monday + interval '7 days') AT TIME ZONE $3) * 1000)::bigint AS ended
     FROM generate_series(
       date_trunc('week', to_timestamp(greatest($2::bigint,
         (SELECT at FROM audit_events ORDER BY id LIMIT 1)) / 1000.0) AT TIME ZONE $3),
       date_trunc('week', to_timestamp($1::bigint / 1000.0) AT TIME ZONE $3),
       interval '7 days') AS monday
     ORDER BY monday DESC`,
    [now, now - WEEKS_BACK * WEEK_MS, timeZone],
  );
  return rows.map((row) => ({
    week: row.text("week"),
    from: row.number("began"),
    to: row.number("ended"),
  }));
}
