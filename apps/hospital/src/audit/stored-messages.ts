import { fromHex, type Bytes } from "@siphms/cose";
import type { Database, Queryable, Row } from "../database/index.ts";

/** A place in the log up to which every entry is there for good, once {@link isPassed}. */
export interface AuditFence {
  /** The newest entry that could be seen; 0 in an empty log. */
  readonly id: number;
  /** Every transaction from this one on began later, so its entries have higher ids. */
  readonly xid: string;
}

/** A message of readings by what the log says of it. */
export interface NamedMessage {
  /** The device's. */
  readonly kid: Bytes;
  readonly messageId: Bytes;
}

const DEVICE = /^device:([0-9a-f]{16})$/;
const MESSAGE_ID = /^[0-9a-f]{32}$/;

/**
 * Sets a fence at the newest entry. To be asked of the pool, never within a transaction.
 *
 * Entries get their ids in order, but are seen in the order of commits: below the newest one may be gaps that fill later.
 * Only transactions that are under way now can fill them, as long as each has its transaction id before it takes an entry's
 * id. Whoever writes entries takes care of that. The statement gets a transaction id of its
 * own after its look at the table, so every one of them has a lower one; a snapshot's `xmax` would not do: it is one above
 * the last that has ended, and others of that number and higher ones may be under way.
 */
export async function setAuditFence(database: Database): Promise<AuditFence> {
  const { rows } = await database.query(
    "SELECT coalesce(max(id), 0) AS id, pg_current_xact_id()::text AS xid FROM audit_events",
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError("an aggregate without a row");
  return { id: row.number("id"), xid: row.text("xid") };
}

/** Whether every transaction that was under way when the fence was set has ended. */
export async function isPassed(queryable: Queryable, { xid }: AuditFence): Promise<boolean> {
  const { rows } = await queryable.query(
    "SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::xid8 AS passed",
    [xid],
  );
  return rows[0]?.boolean("passed") ?? false;
}

/**
 * The messages of readings that were stored with the entries after one and up to another.
 *
 * Whoever wants each of them once asks up to a fence that is passed, and goes on from there.
 */
export async function readStoredMessages(
  queryable: Queryable,
  { after, upTo }: { readonly after: number; readonly upTo: number },
): Promise<readonly NamedMessage[]> {
  const { rows } = await queryable.query(
    `SELECT actor, object FROM audit_events WHERE id > $1 AND id <= $2 AND ${IS_STORED}`,
    [after, upTo],
  );
  return readNames(rows);
}

/**
 * The messages of one patient's readings that were stored with the entries after one.
 *
 * @param since - No entry after that one is older, ms; so that they are found by patient and time.
 */
export async function readStoredMessagesOf(
  queryable: Queryable,
  patientId: string,
  range: { readonly after: number; readonly since: number; readonly limit: number },
): Promise<readonly NamedMessage[]> {
  const { rows } = await queryable.query(
    `SELECT actor, object FROM audit_events
     WHERE subject = $1 AND at >= $2 AND id > $3 AND ${IS_STORED} LIMIT $4`,
    [patientId, range.since, range.after, range.limit],
  );
  return readNames(rows);
}

/** An entry after which a patient is to be looked at anew. */
export interface WatchedEntry {
  readonly id: number;
  readonly patientId: string;
  /** The message of readings that was stored with it; absent where what is watched about the patient has changed. */
  readonly message?: NamedMessage;
}

/** Watched entries in order, as far as they were asked for. */
export interface WatchedEntries {
  readonly entries: readonly WatchedEntry[];
  /** The last one that was looked at, though it may be none that anybody can read; `undefined` where there was none. */
  readonly lastId: number | undefined;
  /** Whether there may be more. */
  readonly hasMore: boolean;
}

/**
 * Entries after one, as far as they can be seen, in order, after which something may have to be told of a patient:
 * readings that were stored, plans that were set.
 *
 * @param range.except - Ids that are left out.
 * @param range.exceptPatients - Patients who are left out.
 */
export async function readWatchedEntries(
  queryable: Queryable,
  range: {
    readonly after: number;
    readonly except: readonly number[];
    readonly exceptPatients: readonly string[];
    readonly limit: number;
  },
): Promise<WatchedEntries> {
  const { rows } = await queryable.query(
    `SELECT id, event, actor, object, subject FROM audit_events
     WHERE id > $1 AND (${IS_STORED} OR event = 'plan.set' AND outcome = 'done')
       AND id NOT IN (SELECT unnest($2::bigint[]))
       AND (subject IS NULL OR subject NOT IN (SELECT unnest($3::uuid[]))) ORDER BY id LIMIT $4`,
    [range.after, range.except, range.exceptPatients, range.limit],
  );
  const entries = rows.flatMap((row): WatchedEntry[] => {
    const id = row.number("id");
    const patientId = row.textOrNull("subject");
    if (patientId === null) return [];
    if (row.text("event") === "plan.set") return [{ id, patientId }];
    return readNames([row]).map((message) => ({ id, patientId, message }));
  });
  const lastId = rows.at(-1)?.number("id");
  return { entries, lastId, hasMore: rows.length === range.limit };
}

const IS_STORED = "event = 'readings.stored' AND outcome = 'done'";

/** Only ingest writes such entries, and always so; another one must not hold up those behind it. */
function readNames(rows: readonly Row[]): readonly NamedMessage[] {
  return rows.flatMap((row) => {
    const kid = DEVICE.exec(row.text("actor"))?.[1];
    const messageId = row.textOrNull("object");
    if (kid === undefined || messageId === null || !MESSAGE_ID.test(messageId)) return [];
    return [{ kid: fromHex(kid), messageId: fromHex(messageId) }];
  });
}
