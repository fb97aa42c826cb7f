import type { AuditComparison, AuditDifference } from "@siphms/api";
import { LOG_EVENTS, hashRecord, type AuditRecord } from "@siphms/audit";
import { equalBytes } from "@siphms/cose";
import type { Database, Row } from "../database/index.ts";
import { KeyError, type Keyring } from "../keys/index.ts";
import { parseLeaf, readLoggedRow, saysTheSame } from "./as-logged.ts";
import { describeEarlierRows, hashEarlierRows } from "./begin-log.ts";
import { readNewestCheckpoint } from "./checkpoints.ts";
import { openSealed, readSealedDetails } from "./details.ts";
import { createPseudonyms, type Pseudonyms } from "./pseudonyms.ts";

interface Ports {
  readonly database: Database;
  readonly keyring: Keyring;
}

const PAGE = 500;
const MAX_FINDINGS = 100;

/**
 * Compares every row of the audit log with its leaf, and its details with the hash in it: who altered rows behind the log is
 * found, and which rows.
 *
 * Reads only. Whether the leaves are those that were signed is for `siphms audit verify`.
 *
 * @param options.newest - How many leaves before the end are compared; all, unless that is given.
 */
export async function compareLog(
  ports: Ports,
  { newest: last = Infinity }: { readonly newest?: number } = {},
): Promise<AuditComparison> {
  const { database } = ports;
  const newest = await readNewestCheckpoint(database);
  const size = newest?.size ?? 0;
  const found = new Findings();
  const context = { ...ports, pseudonyms: createPseudonyms(ports.keyring), found };
  const earlier = await hashEarlierRows(database);
  for (let from = Math.max(0, size - last); from < size; from += PAGE) {
    await comparePage({ from, to: Math.min(size, from + PAGE) }, context);
  }
  const first = await readFirstLeaf(database);
  if (first?.event === LOG_EVENTS.began && first.object !== describeEarlierRows(earlier)) {
    found.add("earlier-altered", 0, null);
  }
  const waiting = await compareRest(newest, context);
  return { ...found.report(), size, waiting, erased: found.erased, earlier: earlier.count };
}

/** What was found so far; more than anybody reads is counted out. */
class Findings {
  erased = 0;
  #hasMore = false;
  readonly #list: AuditComparison["findings"] = [];

  add(what: AuditDifference, index: number | null, event: number | null): void {
    if (this.#list.length < MAX_FINDINGS) this.#list.push({ what, index, event });
    else this.#hasMore = true;
  }

  report(): Pick<AuditComparison, "findings" | "hasMore" | "ok"> {
    return { ok: this.#list.length === 0, findings: this.#list, hasMore: this.#hasMore };
  }
}

interface Context extends Ports {
  readonly pseudonyms: Pseudonyms;
  readonly found: Findings;
}

async function comparePage(
  { from, to }: { readonly from: number; readonly to: number },
  context: Context,
): Promise<void> {
  const { rows } = await context.database.query(
    `SELECT n AS idx, e.id, e.at, e.event, e.actor, e.role, e.subject, e.object, e.version, e.action, e.outcome, e.purpose,
       e.instance, e.sequence, e.entry, d.of_patient, d.sealed
     FROM generate_series($1::bigint, $2::bigint - 1) AS n LEFT JOIN audit_leaves l ON l.idx = n
       LEFT JOIN audit_events e ON e.id = l.event_id LEFT JOIN audit_details d ON d.event_id = e.id
     ORDER BY n`,
    [from, to],
  );
  for (const row of rows) {
    const what = await differenceOf(row, context);
    if (what !== undefined) context.found.add(what, row.number("idx"), row.numberOrNull("id"));
  }
}

async function differenceOf(row: Row, context: Context): Promise<AuditDifference | undefined> {
  if (row.numberOrNull("id") === null) return "row-missing";
  const record = parseLeaf(row.bytes("entry"));
  if (record === undefined) return "entry-unreadable";
  if (!isRowOf(row, record, context)) return "row-altered";
  return (await areDetailsOf(row, record, context)) ? undefined : "details-altered";
}

function isRowOf(row: Row, record: AuditRecord, { pseudonyms }: Context): boolean {
  const instance = row.bytesOrNull("instance");
  if (instance === null || !equalBytes(instance, record.instance)) return false;
  if (row.numberOrNull("sequence") !== record.sequence) return false;
  return saysTheSame(readLoggedRow(row), record, pseudonyms);
}

async function areDetailsOf(
  row: Row,
  { id, details }: AuditRecord,
  { database, keyring, found }: Context,
): Promise<boolean> {
  const sealed = readSealedDetails(row);
  if (details === undefined) return sealed === undefined;
  try {
    const place = sealed && { ...sealed, id, subject: row.textOrNull("subject") };
    const opened = place && (await openSealed(database, keyring, place));
    if (opened === undefined) {
      found.erased += 1;
      return true;
    }
    return equalBytes(hashRecord(opened), details);
  } catch (error) {
    if (error instanceof KeyError && error.code === "CELL_UNAUTHENTIC") return false;
    throw error;
  }
}

async function readFirstLeaf(database: Database): Promise<AuditRecord | undefined> {
  const { rows } = await database.query(
    "SELECT e.entry FROM audit_leaves l JOIN audit_events e ON e.id = l.event_id WHERE l.idx = 0",
  );
  const [row] = rows;
  return row === undefined ? undefined : parseLeaf(row.bytes("entry"));
}

/** Rows that are no leaf: of the newest entries it is a matter of a second. @returns How many those are. */
async function compareRest(
  newest: { readonly doneId: number } | undefined,
  { database, found }: Context,
): Promise<number> {
  const doneId = newest?.doneId ?? 0;
  const { rows } = await database.query(
    `SELECT e.id FROM audit_events e
     WHERE e.entry <> '' AND NOT EXISTS (SELECT FROM audit_leaves l WHERE l.event_id = e.id) ORDER BY e.id`,
  );
  const ids = rows.map((row) => row.number("id"));
  for (const id of ids) if (id <= doneId) found.add("leaf-missing", null, id);
  const strays = await database.query(
    `SELECT d.event_id FROM audit_details d
     WHERE NOT EXISTS (SELECT FROM audit_events e WHERE e.id = d.event_id) ORDER BY d.event_id LIMIT $1`,
    [MAX_FINDINGS],
  );
  for (const row of strays.rows) found.add("details-stray", null, row.number("event_id"));
  return ids.filter((id) => id > doneId).length;
}
