import type { Queryable } from "../database/index.ts";
import { readNewestCheckpoint } from "./checkpoints.ts";
import type { CompareContext } from "./compare-log-findings.ts";

/** So many rows are looked at by one statement, whether they are findings or not. */
export const REST_PAGE = 5000;

/** Where a look at rows stands: the last one that it was at, and whether there may be more behind it. */
export interface Stood {
  readonly after: number;
  readonly hasMore: boolean;
}

/** Looks at a page of rows behind an id: which are no leaf. Of the newest ones it is a matter of a second. */
export async function compareRows(
  after: number,
  { database, found }: CompareContext,
): Promise<Stood> {
  // Read first: whatever it says is a leaf already is one in the statement after it.
  const doneId = (await readNewestCheckpoint(database))?.doneId ?? 0;
  const { rows } = await database.query(
    `SELECT e.id, e.is_entry AND l.event_id IS NULL AS found
     FROM (SELECT id, entry <> '' AS is_entry FROM audit_events WHERE id > $1 ORDER BY id LIMIT $2) e
       LEFT JOIN audit_leaves l ON l.event_id = e.id ORDER BY e.id`,
    [after, REST_PAGE],
  );
  for (const row of rows) {
    if (!row.boolean("found")) continue;
    const id = row.number("id");
    if (id <= doneId) found.add("leaf-missing", null, id);
    else found.waiting += 1;
  }
  return stoodAt(rows.at(-1)?.number("id"), { after, read: rows.length });
}

/** Looks at a page of details behind an id: which are of no row. */
export async function compareDetails(
  after: number,
  { database, found }: CompareContext,
): Promise<Stood> {
  const { rows } = await database.query(
    `SELECT d.event_id, e.id IS NULL AS found
     FROM (SELECT event_id FROM audit_details WHERE event_id > $1 ORDER BY event_id LIMIT $2) d
       LEFT JOIN audit_events e ON e.id = d.event_id ORDER BY d.event_id`,
    [after, REST_PAGE],
  );
  for (const row of rows) {
    if (row.boolean("found")) found.add("details-stray", null, row.number("event_id"));
  }
  return stoodAt(rows.at(-1)?.number("event_id"), { after, read: rows.length });
}

/** Behind which ids the newest rows and details lie, so many of each at most. */
export async function readNewestIds(
  queryable: Queryable,
  newest: number,
): Promise<{ readonly rows: number; readonly details: number }> {
  const { rows } = await queryable.query(
    `SELECT (SELECT min(id) - 1 FROM (SELECT id FROM audit_events ORDER BY id DESC LIMIT $1) e) AS rows,
       (SELECT min(event_id) - 1 FROM (SELECT event_id FROM audit_details ORDER BY event_id DESC LIMIT $1) d) AS details`,
    [newest],
  );
  const [row] = rows;
  return { rows: row?.numberOrNull("rows") ?? 0, details: row?.numberOrNull("details") ?? 0 };
}

function stoodAt(
  last: number | undefined,
  { after, read }: { readonly after: number; readonly read: number },
): Stood {
  return { after: last ?? after, hasMore: read === REST_PAGE };
}
