import type { Queryable } from "../database/index.ts";

/** When each device was last heard of (ms), by number of the device. Ingest writes it about twice a minute. */
export async function readContacts(queryable: Queryable): Promise<ReadonlyMap<number, number>> {
  const { rows } = await queryable.query("SELECT device_id, last_seen_at FROM device_contacts");
  return new Map(rows.map((row) => [row.number("device_id"), row.number("last_seen_at")]));
}
