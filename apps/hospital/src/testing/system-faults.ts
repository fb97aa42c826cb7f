import type { HospitalWorld } from "./hospital-world.ts";

/** The open system alerts, as tests compare them. */
export async function listOpenFaults({
  database,
}: Pick<HospitalWorld, "database">): Promise<
  readonly { readonly what: string; readonly reason: string; readonly count: number }[]
> {
  const { rows } = await database.query(
    "SELECT what, reason, count FROM system_alerts WHERE acknowledged_at IS NULL ORDER BY id",
  );
  return rows.map((row) => ({
    what: row.text("what"),
    reason: row.text("reason"),
    count: row.number("count"),
  }));
}
