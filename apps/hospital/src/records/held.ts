import type { QuarantineSummary } from "@siphms/api";
import type { Queryable, Transaction } from "../database/index.ts";
import type { Decisions } from "./decisions.ts";
import type { HeldName } from "./decision-rows.ts";

const DECIDED = `(device_id, message_id, reason) IN
  (SELECT * FROM unnest($2::bigint[], $3::bytea[], $4::text[]))`;

/** How many samples of a patient stand in quarantine and wait for a decision, and why. */
export async function summariseQuarantine(
  queryable: Queryable,
  patientId: string,
  decisions: Decisions,
): Promise<QuarantineSummary> {
  const { rows } = await queryable.query(
    `SELECT reason, sum(samples)::bigint AS samples FROM quarantine
     WHERE patient_id = $1 AND NOT ${DECIDED} GROUP BY reason ORDER BY reason`,
    [patientId, ...namesOf(decisions)],
  );
  const reasons = Object.fromEntries(
    rows.map((row) => [row.text("reason"), row.number("samples")]),
  );
  const total = Object.values(reasons).reduce((sum, count) => sum + count, 0);
  return { total, reasons };
}

/** The newest of what stands in a patient's quarantine undecided, or of what was decided; newest first. */
export async function listHeld(
  queryable: Queryable,
  wanted: { readonly patientId: string; readonly isDecided: boolean; readonly limit: number },
  decisions: Decisions,
): Promise<readonly HeldName[]> {
  const { patientId, isDecided, limit } = wanted;
  const { rows } = await queryable.query(
    `SELECT device_id, message_id, reason FROM quarantine
     WHERE patient_id = $1 AND ${DECIDED} = $5
     ORDER BY received_at DESC, message_id DESC, device_id, reason LIMIT $6`,
    [patientId, ...namesOf(decisions), isDecided, limit],
  );
  return rows.map((row) => ({
    deviceId: row.number("device_id"),
    messageId: row.bytes("message_id"),
    reason: row.text("reason"),
  }));
}

/** Locks one entry of a patient's quarantine until the transaction ends; false where there is none. */
export async function lockHeld(
  tx: Transaction,
  patientId: string,
  { deviceId, messageId, reason }: HeldName,
): Promise<boolean> {
  const { rows } = await tx.query(
    `SELECT samples FROM quarantine
     WHERE patient_id = $1 AND device_id = $2 AND message_id = $3 AND reason = $4 FOR NO KEY UPDATE`,
    [patientId, deviceId, messageId, reason],
  );
  return rows.length > 0;
}

function namesOf({ all }: Decisions): [number[], Uint8Array[], string[]] {
  return [
    all.map(({ deviceId }) => deviceId),
    all.map(({ messageId }) => messageId),
    all.map(({ reason }) => reason),
  ];
}
