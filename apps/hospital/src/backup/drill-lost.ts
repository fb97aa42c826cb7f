import type { Database, Queryable } from "../database/index.ts";

/** What came after a backup. */
export interface Lost {
  readonly messages: number;
  readonly auditEntries: number;
}

/** Rows that one statement counts: it must not take longer than any other does, however many there are. */
const COUNT_PAGE = 100_000;

/**
 * Counts the rows that the running hospital has and a backup has not.
 *
 * @param tables - The backup's rows of each table, by `schema.table`.
 */
export async function countLost(
  database: Database,
  tables: Readonly<Record<string, number>>,
  page = COUNT_PAGE,
): Promise<Lost> {
  const lost = (table: string, rows: number): number => Math.max(0, rows - (tables[table] ?? 0));
  return {
    messages: lost("public.batches", await countMessages(database, page)),
    auditEntries: lost("public.audit_events", await countEntries(database, page)),
  };
}

async function countMessages(queryable: Queryable, page: number): Promise<number> {
  const { rows } = await queryable.query("SELECT id FROM devices");
  let count = 0;
  // By device: so each page is found by the key of the partitions, none of which is read whole.
  for (const row of rows) count += await countMessagesOf(row.number("id"), queryable, page);
  return count;
}

async function countMessagesOf(
  device: number,
  queryable: Queryable,
  page: number,
): Promise<number> {
  let count = 0;
  for (let after: Uint8Array | null = new Uint8Array(); after !== null;) {
    const { rows } = await queryable.query(
      `SELECT count(*) AS count, (array_agg(message_id ORDER BY message_id DESC))[1] AS last
       FROM (SELECT message_id FROM batches WHERE device_id = $1 AND message_id > $2
             ORDER BY message_id LIMIT $3) b`,
      [device, after, page],
    );
    count += rows[0]?.number("count") ?? 0;
    after = rows[0]?.bytesOrNull("last") ?? null;
  }
  return count;
}

async function countEntries(queryable: Queryable, page: number): Promise<number> {
  let count = 0;
  for (let after: number | null = Number.MIN_SAFE_INTEGER; after !== null;) {
    const { rows } = await queryable.query(
      `SELECT count(*) AS count, max(id) AS last
       FROM (SELECT id FROM audit_events WHERE id > $1 ORDER BY id LIMIT $2) e`,
      [after, page],
    );
    count += rows[0]?.number("count") ?? 0;
    after = rows[0]?.numberOrNull("last") ?? null;
  }
  return count;
}
