import { equalBytes } from "@siphms/cose";
import type { Bytes } from "@siphms/tlog";
import type { Database, Queryable, Row } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { entryMac } from "./entry-mac.ts";
import { setAuditFence, type AuditFence } from "./stored-messages.ts";

/** Entries that are no leaf yet, in the order of their numbers. */
export interface NewEntries {
  readonly eventIds: readonly number[];
  /** Of the leaves that they become. */
  readonly hashes: readonly Bytes[];
  /** The number of the last row that was looked at; 0 where there was none. */
  readonly readUpTo: number;
  readonly isMore: boolean;
  /** Rows that no program of the hospital wrote: they become no leaf. */
  readonly forged: number;
}

/** Entries that are read at once. */
const PAGE = 5000;
/** Pages under one head: a log that is far behind gets one now and then. */
const MAX_PAGES = 10;

/** Reads entries after a number, as far as they can be seen. */
export async function readNewEntries(
  queryable: Queryable,
  keyring: Keyring,
  after: number,
): Promise<NewEntries> {
  const lastId = await readLastId(queryable);
  const eventIds: number[] = [];
  const hashes: Bytes[] = [];
  let [readUpTo, forged, isMore] = [0, 0, true];
  for (let page = 0; isMore && page < MAX_PAGES; page++) {
    const rows = await readPage(queryable, { after: Math.max(after, readUpTo), upTo: lastId });
    for (const row of rows) {
      readUpTo = row.number("id");
      if (isOwn(row, keyring)) {
        eventIds.push(readUpTo);
        hashes.push(row.bytes("hash"));
      } else forged += 1;
    }
    isMore = rows.length === PAGE;
  }
  return { eventIds, hashes, readUpTo, isMore, forged };
}

/** As {@link setAuditFence}, but not beyond any number that was given: else one forged row would hide all that come after. */
export async function setEntryFence(database: Database): Promise<AuditFence> {
  const lastId = await readLastId(database);
  const { id, xid } = await setAuditFence(database);
  return { id: Math.min(id, lastId), xid };
}

async function readPage(
  queryable: Queryable,
  { after, upTo }: { readonly after: number; readonly upTo: number },
): Promise<readonly Row[]> {
  const { rows } = await queryable.query(
    `SELECT e.id, e.instance, e.sequence, e.entry, e.mac, sha256('\\x00'::bytea || e.entry) AS hash
     FROM audit_events e
     WHERE e.id > $1 AND e.id <= $2 AND e.entry <> ''
       AND NOT EXISTS (SELECT FROM audit_leaves l WHERE l.event_id = e.id)
     ORDER BY e.id LIMIT $3`,
    [after, upTo, PAGE],
  );
  return rows;
}

/** The greatest number that was given to an entry, whatever became of it. */
async function readLastId(queryable: Queryable): Promise<number> {
  const { rows } = await queryable.query(
    "SELECT pg_sequence_last_value(pg_get_serial_sequence('audit_events', 'id')::regclass) AS id",
  );
  return rows[0]?.numberOrNull("id") ?? 0;
}

function isOwn(row: Row, keyring: Keyring): boolean {
  const [mac, instance] = [row.bytesOrNull("mac"), row.bytesOrNull("instance")];
  const sequence = row.numberOrNull("sequence");
  if (mac === null || instance === null || sequence === null) return false;
  return equalBytes(mac, entryMac(keyring, { instance, sequence, leaf: row.bytes("entry") }));
}
