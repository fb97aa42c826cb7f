import type { AuditDifference } from "@siphms/api";
import { hashRecord, type AuditRecord } from "@siphms/audit";
import { equalBytes } from "@siphms/cose";
import type { Row } from "../database/index.ts";
import { KeyError } from "../keys/index.ts";
import { parseLeaf, readLoggedRow, saysTheSame } from "./as-logged.ts";
import type { CompareContext } from "./compare-log-findings.ts";
import { openSealed, readSealedDetails } from "./details.ts";

/** So many leaves are read by one statement. */
export const LEAF_PAGE = 500;

/** Compares a run of leaves with their rows and details; `to` is not included. */
export async function compareLeaves(
  { from, to }: { readonly from: number; readonly to: number },
  context: CompareContext,
): Promise<void> {
  for (let first = from; first < to; first += LEAF_PAGE) {
    await comparePage({ from: first, to: Math.min(to, first + LEAF_PAGE) }, context);
  }
}

async function comparePage(
  { from, to }: { readonly from: number; readonly to: number },
  context: CompareContext,
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
  context.found.compared += rows.length;
}

async function differenceOf(
  row: Row,
  context: CompareContext,
): Promise<AuditDifference | undefined> {
  if (row.numberOrNull("id") === null) return "row-missing";
  const record = parseLeaf(row.bytes("entry"));
  if (record === undefined) return "entry-unreadable";
  if (!isRowOf(row, record, context)) return "row-altered";
  return differenceInDetails(row, record, context);
}

function isRowOf(row: Row, record: AuditRecord, { pseudonyms }: CompareContext): boolean {
  const instance = row.bytesOrNull("instance");
  if (instance === null || !equalBytes(instance, record.instance)) return false;
  if (row.numberOrNull("sequence") !== record.sequence) return false;
  return saysTheSame(readLoggedRow(row), record, pseudonyms);
}

/** Erasing destroys a patient's key and leaves every row: one that is not there was taken away. */
async function differenceInDetails(
  row: Row,
  { id, details }: AuditRecord,
  { database, keyring, found }: CompareContext,
): Promise<AuditDifference | undefined> {
  const sealed = readSealedDetails(row);
  const subject = row.textOrNull("subject");
  if (details === undefined) return sealed === undefined ? undefined : "details-altered";
  if (sealed === undefined) return "details-missing";
  // Under no patient's key, whatever the row says: there is none that could have been destroyed.
  if (sealed.ofPatient && subject === null) return "details-altered";
  try {
    const opened = await openSealed(database, keyring, { ...sealed, id, subject });
    if (opened !== undefined) {
      return equalBytes(hashRecord(opened), details) ? undefined : "details-altered";
    }
    found.erased += 1;
    return undefined;
  } catch (error) {
    if (error instanceof KeyError && error.code === "CELL_UNAUTHENTIC") return "details-altered";
    throw error;
  }
}
