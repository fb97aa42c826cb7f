import { AuditError, parseRecord, type AuditRecord } from "@siphms/audit";
import { equalBytes, type Bytes } from "@siphms/cose";
import type { AuditEntry, Row } from "../database/index.ts";
import { objectOf, subjectOf } from "./entry-maker.ts";
import type { Pseudonyms } from "./pseudonyms.ts";

/** A row of `audit_events` that has a leaf. */
export interface LoggedRow {
  readonly at: number;
  readonly event: string;
  readonly actor: string;
  readonly role: string | null;
  readonly subject: string | null;
  readonly object: string | null;
  readonly version: number | null;
  readonly action: string;
  readonly outcome: string;
  readonly purpose: string | null;
  /** The bytes of its leaf. */
  readonly leaf: Uint8Array;
}

/** Whether a row says what its leaf says. That the leaf is the log's own is for who verifies the tree. */
export function isAsLogged(row: LoggedRow, pseudonyms: Pseudonyms): boolean {
  const record = parseLeaf(row.leaf);
  return record !== undefined && saysTheSame(row, record, pseudonyms);
}

/** The entry that a leaf is; `undefined` for bytes that are none. */
export function parseLeaf(leaf: Uint8Array): AuditRecord | undefined {
  try {
    return parseRecord(leaf);
  } catch (error) {
    if (error instanceof AuditError) return undefined;
    throw error;
  }
}

/** Reads what a row of `audit_events` says, and its leaf. */
export function readLoggedRow(row: Row): LoggedRow & { readonly leaf: Bytes } {
  return {
    at: row.number("at"),
    event: row.text("event"),
    actor: row.text("actor"),
    role: row.textOrNull("role"),
    subject: row.textOrNull("subject"),
    object: row.textOrNull("object"),
    version: row.numberOrNull("version"),
    action: row.text("action"),
    outcome: row.text("outcome"),
    purpose: row.textOrNull("purpose"),
    leaf: row.bytes("entry"),
  };
}

/** As {@link isAsLogged}, for a leaf that was read already. */
export function saysTheSame(row: LoggedRow, record: AuditRecord, pseudonyms: Pseudonyms): boolean {
  const { outcome, action } = row;
  if (action !== record.action || outcome !== (record.isDone ? "done" : "refused")) return false;
  const entry = entryOf(row, record);
  return (
    (["at", "event", "actor", "role", "version", "purpose"] as const).every(
      (member) => entry[member] === record[member],
    ) &&
    objectOf(entry, pseudonyms) === record.object &&
    isSame(subjectOf(entry, pseudonyms), record.subject)
  );
}

/** The row as it was noted, if the record is its own. */
function entryOf(row: LoggedRow, { action }: AuditRecord): AuditEntry {
  return {
    ...{ at: row.at, event: row.event, actor: row.actor, action, outcome: "done" },
    ...(row.role === null ? {} : { role: row.role }),
    ...(row.subject === null ? {} : { subject: row.subject }),
    ...(row.object === null ? {} : { object: row.object }),
    ...(row.version === null ? {} : { version: row.version }),
    ...(row.purpose === null ? {} : { purpose: row.purpose }),
  };
}

function isSame(one: Uint8Array | undefined, two: Uint8Array | undefined): boolean {
  return one === undefined || two === undefined ? one === two : equalBytes(one, two);
}
