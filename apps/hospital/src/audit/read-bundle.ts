import { encodeEntryBundle, TILE_WIDTH, type Bytes, type EntryBundlePlace } from "@siphms/tlog";
import type { Queryable } from "../database/index.ts";

/**
 * The entries of a bundle. Where one is gone, or is longer than any can be, an empty one stands in its place, so that whoever verifies the log can say
 * which it is.
 */
export async function readEntryBundle(
  queryable: Queryable,
  { index, width }: EntryBundlePlace,
): Promise<Bytes> {
  const from = index * TILE_WIDTH;
  const { rows } = await queryable.query(
    `SELECT coalesce(CASE WHEN octet_length(e.entry) < 65536 THEN e.entry END, '') AS entry FROM generate_series($1::bigint, $2::bigint - 1) AS n
     LEFT JOIN audit_leaves l ON l.idx = n LEFT JOIN audit_events e ON e.id = l.event_id ORDER BY n`,
    [from, from + width],
  );
  return encodeEntryBundle(rows.map((row) => row.bytes("entry")));
}
