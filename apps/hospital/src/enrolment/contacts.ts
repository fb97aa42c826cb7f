import type { Queryable } from "../database/index.ts";

const CONTACTS = "SELECT device_id, last_seen_at FROM device_contacts";

/**
 * When each device was last heard of (ms), by number of the device. Ingest writes it about twice a minute.
 *
 * @param deviceIds - Only of these.
 */
export async function readContacts(
  queryable: Queryable,
  deviceIds?: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const { rows } =
    deviceIds === undefined
      ? await queryable.query(CONTACTS)
      : await queryable.query(`${CONTACTS} WHERE device_id = ANY($1::bigint[])`, [deviceIds]);
  return new Map(rows.map((row) => [row.number("device_id"), row.number("last_seen_at")]));
}
