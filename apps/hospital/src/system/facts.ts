import type { FirstRun } from "@siphms/api";
import type { Queryable } from "../database/index.ts";

/** What there is, counted. Counts open nothing, so no row is asked for its MAC. */
export type CountedFacts = Pick<FirstRun, "devices" | "hasCare" | "patients" | "staff">;

/** Counts accounts, patients and devices. */
export async function countFacts(queryable: Queryable, now: number): Promise<CountedFacts> {
  const { rows } = await queryable.query(
    `SELECT (SELECT count(*) FROM patients) AS patients,
       (SELECT count(*) FROM devices WHERE state = 'active') AS active,
       (SELECT count(*) FROM devices WHERE state = 'pending') AS pending,
       EXISTS (SELECT 1 FROM care_relations WHERE ends_at IS NULL OR ends_at > $1) AS has_care`,
    [now],
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError("an aggregate without a row");
  return {
    staff: await countStaff(queryable),
    patients: row.number("patients"),
    devices: { active: row.number("active"), pending: row.number("pending") },
    hasCare: row.boolean("has_care"),
  };
}

async function countStaff(queryable: Queryable): Promise<FirstRun["staff"]> {
  const { rows } = await queryable.query(
    "SELECT role, count(*) AS people FROM staff WHERE state = 'active' GROUP BY role",
  );
  const people = new Map(rows.map((row) => [row.text("role"), row.number("people")]));
  return {
    doctor: people.get("doctor") ?? 0,
    nurse: people.get("nurse") ?? 0,
    administrator: people.get("administrator") ?? 0,
    "privacy-officer": people.get("privacy-officer") ?? 0,
  };
}

/** How many sessions of devices go by each gateway now, by gateway-url. */
export async function countSessions(
  queryable: Queryable,
  now: number,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await queryable.query(
    `SELECT gateway, count(*) AS open FROM sessions
     WHERE closed_at IS NULL AND expires_at > $1 GROUP BY gateway`,
    [now],
  );
  return new Map(rows.map((row) => [row.text("gateway"), row.number("open")]));
}

/** The database's version and how much room it takes. */
export async function describeDatabase(
  queryable: Queryable,
): Promise<{ readonly version: string; readonly bytes: number }> {
  const { rows } = await queryable.query(
    `SELECT current_setting('server_version') AS version,
       pg_database_size(current_database())::bigint AS bytes`,
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError("a function without a row");
  return { version: row.text("version"), bytes: row.number("bytes") };
}
