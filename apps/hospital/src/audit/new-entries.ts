import { equalBytes } from "@siphms/cose";
import type { Bytes } from "@siphms/tlog";
import type { Database, Queryable } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { ENTRY_MAC_BYTES, macOf } from "./entry-mac.ts";
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
    const entries = await readPage(queryable, {
      after: Math.max(after, readUpTo),
      upTo: lastId,
    });
    for (const entry of entries) {
      readUpTo = entry.id;
      if (equalBytes(entry.mac, macOf(keyring, entry.covered))) {
        eventIds.push(readUpTo);
        hashes.push(entry.leafHash);
      } else forged += 1;
    }
    isMore = entries.length === PAGE;
  }
  return { eventIds, hashes, readUpTo, isMore, forged };
}

/** As {@link setAuditFence}, but not beyond any number that was given: else one forged row would hide all that come after. */
export async function setEntryFence(database: Database): Promise<AuditFence> {
  const lastId = await readLastId(database);
  const { id, xid } = await setAuditFence(database);
  return { id: Math.min(id, lastId), xid };
}

/** What of an entry decides whether it becomes a leaf. */
interface PageEntry {
  readonly id: number;
  /** Instance, sequence and hash, which the MAC covers. */
  readonly covered: Bytes;
  readonly mac: Bytes;
  readonly leafHash: Bytes;
}

/** Where a page's members begin, and where an entry ends: each has one width, whatever a row holds. */
const AT = { id: 0, covered: 8, mac: 56, leafHash: 72, end: 104 };
const NO_BYTES = new Uint8Array(ENTRY_MAC_BYTES);

/** A page is one value: reading a row of five columns for each entry cost more than all that is done with it. */
async function readPage(
  queryable: Queryable,
  { after, upTo }: { readonly after: number; readonly upTo: number },
): Promise<readonly PageEntry[]> {
  const { rows } = await queryable.query(
    `SELECT string_agg(int8send(id) || substr(coalesce(instance, '') || $4, 1, 8) || int8send(coalesce(sequence, -1))
       || sha256(entry) || substr(coalesce(mac, '') || $4, 1, 16) || sha256('\\x00'::bytea || entry), ''::bytea ORDER BY id)
       AS entries
     FROM (
       SELECT id, instance, sequence, entry, mac FROM audit_events e
       WHERE id > $1 AND id <= $2 AND entry <> ''
         AND NOT EXISTS (SELECT FROM audit_leaves l WHERE l.event_id = e.id)
       ORDER BY id LIMIT $3
     ) AS page`,
    [after, upTo, PAGE, NO_BYTES],
  );
  return splitPage(rows[0]?.bytesOrNull("entries") ?? new Uint8Array());
}

function splitPage(page: Bytes): readonly PageEntry[] {
  const view = new DataView(page.buffer, page.byteOffset);
  return Array.from({ length: page.length / AT.end }, (_, number) => {
    const from = number * AT.end;
    return {
      id: Number(view.getBigInt64(from + AT.id)),
      covered: page.subarray(from + AT.covered, from + AT.mac),
      mac: page.subarray(from + AT.mac, from + AT.leafHash),
      leafHash: page.slice(from + AT.leafHash, from + AT.end),
    };
  });
}

/** The greatest number that was given to an entry, whatever became of it. */
async function readLastId(queryable: Queryable): Promise<number> {
  const { rows } = await queryable.query(
    "SELECT pg_sequence_last_value(pg_get_serial_sequence('audit_events', 'id')::regclass) AS id",
  );
  return rows[0]?.numberOrNull("id") ?? 0;
}
