import type { Bytes } from "@siphms/cose";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import {
  takeGenuine,
  type Cell,
  type GrantingRow,
  type Keyring,
  type PatientCipher,
} from "../keys/index.ts";
import { keyOfMessage } from "./message-name.ts";

/** Names samples of one message that stand in quarantine for one reason. */
export interface HeldName {
  readonly deviceId: number;
  readonly messageId: Bytes;
  readonly reason: string;
}

/** What a doctor decided about samples in quarantine, the row's MAC checked. */
export interface DecisionRow extends HeldName {
  readonly patientId: string;
  readonly kind: "rejected" | "released";
  readonly decidedAt: number;
  /** As the audit log names them. */
  readonly decidedBy: string;
  /** Sealed; {@link openWhy} opens it. */
  readonly why: Bytes;
  readonly version: number;
}

/** What a decision is made of. */
export type NewDecision = Omit<DecisionRow, "version" | "why"> & { readonly why: string };

const COLUMNS = `device_id, message_id, reason, patient_id, kind, decided_at, decided_by, why,
  version, mac`;

/** A patient's decisions; altered ones are left out: what they released stands in quarantine again. */
export async function readDecisions(
  queryable: Queryable,
  keyring: Keyring,
  patientId: string,
): Promise<readonly DecisionRow[]> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM quarantine_decisions WHERE patient_id = $1`,
    [patientId],
  );
  return takeGenuine(rows, (row) => readDecision(row, keyring)).rows;
}

/**
 * Writes a decision, in place of one that was there before.
 *
 * To be called with the row of `quarantine` locked.
 */
export async function storeDecision(
  tx: Transaction,
  decision: NewDecision,
  { keyring, cipher }: { readonly keyring: Keyring; readonly cipher: PatientCipher },
): Promise<DecisionRow> {
  const { rows } = await tx.query(
    `SELECT version FROM quarantine_decisions
     WHERE device_id = $1 AND message_id = $2 AND reason = $3`,
    [decision.deviceId, decision.messageId, decision.reason],
  );
  const stored: DecisionRow = {
    ...decision,
    why: cipher.seal(whyCell(decision), new TextEncoder().encode(decision.why)),
    version: (rows[0]?.number("version") ?? 0) + 1,
  };
  await tx.query(
    `INSERT INTO quarantine_decisions (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     ON CONFLICT (device_id, message_id, reason) DO UPDATE SET patient_id = excluded.patient_id,
       kind = excluded.kind, decided_at = excluded.decided_at, decided_by = excluded.decided_by,
       why = excluded.why, version = excluded.version, mac = excluded.mac`,
    [
      stored.deviceId,
      stored.messageId,
      stored.reason,
      stored.patientId,
      stored.kind,
      stored.decidedAt,
      stored.decidedBy,
      stored.why,
      stored.version,
      keyring.rowMac(decisionRow(stored)),
    ],
  );
  return stored;
}

/** Takes a row of `quarantine_decisions` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readDecision(row: Row, keyring: Keyring): DecisionRow {
  const decision: DecisionRow = {
    deviceId: row.number("device_id"),
    messageId: row.bytes("message_id"),
    reason: row.text("reason"),
    patientId: row.text("patient_id"),
    kind: row.text("kind") === "released" ? "released" : "rejected",
    decidedAt: row.number("decided_at"),
    decidedBy: row.text("decided_by"),
    why: row.bytes("why"),
    version: row.number("version"),
  };
  keyring.checkRowMac(decisionRow(decision), row.bytes("mac"));
  return decision;
}

/** The reason that somebody gave. @throws {KeyError} `CELL_UNAUTHENTIC` */
export function openWhy(decision: DecisionRow, cipher: PatientCipher): string {
  const bytes = cipher.open(whyCell(decision), decision.why);
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/** How the audit log names what was decided about. */
export function auditNameOfHeld(name: HeldName): string {
  return `quarantine:${keyOfHeld(name)}`;
}

/** One text for each name: the reason comes last, so no two names share one. */
export function keyOfHeld(name: HeldName): string {
  return `${keyOfMessage(name)}/${name.reason}`;
}

function whyCell(name: HeldName): Cell {
  return { table: "quarantine_decisions", column: "why", row: keyOfHeld(name) };
}

function decisionRow(decision: DecisionRow): GrantingRow {
  return {
    table: "quarantine_decisions",
    id: keyOfHeld(decision),
    version: decision.version,
    columns: {
      patient_id: decision.patientId,
      kind: decision.kind,
      decided_at: decision.decidedAt,
      decided_by: decision.decidedBy,
      why: decision.why,
    },
  };
}
