import type { Transaction } from "../database/index.ts";
import { batchCell, type PatientCipher } from "../keys/index.ts";
import { messageCell } from "../sessions/index.ts";
import { quarantinedCount } from "./judge-readings.ts";
import type { MadeAnswer } from "./make-answers.ts";
import type { AnswerPlan, BatchRecord, LockedSession, RequestRecord } from "./plan.ts";

/** A made answer whose message is new, with what is to be written of it. */
export type Recorded<Record> = MadeAnswer & { readonly record: Record };

/** By patient. */
type Ciphers = ReadonlyMap<string, PatientCipher>;

/** Stores messages of readings: one row each, with the device's signed bytes and the signed receipt, both sealed for the patient. */
export async function storeBatches(
  tx: Transaction,
  batches: readonly Recorded<BatchRecord>[],
  ciphers: Ciphers,
): Promise<void> {
  if (batches.length === 0) return;
  const columns = batchColumns(batches, ciphers);
  await tx.query(
    `INSERT INTO batches (device_id, message_id, patient_id, start_at, end_at, kinds, samples, quarantined,
       late, outcome, reason, received_at, name, sealed, answer, hospital_key)
     SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::uuid[], $4::bigint[], $5::bigint[], $6::int[],
       $7::int[], $8::int[], $9::boolean[], $10::smallint[], $11::text[], $12::bigint[], $13::bytea[],
       $14::bytea[], $15::bytea[], $16::bigint[])`,
    [
      columns.deviceIds,
      columns.messageIds,
      columns.patientIds,
      columns.startAts,
      columns.endAts,
      columns.kinds,
      columns.samples,
      columns.quarantined,
      columns.late,
      columns.outcomes,
      columns.reasons,
      columns.receivedAts,
      columns.names,
      columns.sealed,
      columns.answers,
      columns.hospitalKeys,
    ],
  );
}

/** Column by column, as the statement takes them: a row of its own for each batch would be thrown away at once. */
function batchColumns(batches: readonly Recorded<BatchRecord>[], ciphers: Ciphers) {
  const sessions = batches.map(({ plan }) => plan.locked.session);
  const messages = batches.map(({ plan }) => plan.opened);
  const judged = batches.map(({ record }) => record.judged);
  const seal = (
    column: "sealed" | "answer",
    plan: AnswerPlan,
    plaintext: Uint8Array,
  ): Uint8Array => {
    const { deviceId, patientId } = plan.locked.session;
    const cell = batchCell(column, deviceId, plan.opened.messageId);
    return cipherOf(patientId, ciphers).seal(cell, plaintext);
  };
  return {
    deviceIds: sessions.map(({ deviceId }) => deviceId),
    messageIds: messages.map(({ messageId }) => messageId),
    patientIds: sessions.map(({ patientId }) => patientId),
    // What can be searched for without opening a batch; of a refused message only the reason.
    startAts: judged.map((one) => one?.startAt ?? null),
    endAts: judged.map((one) => one?.endAt ?? null),
    kinds: judged.map((one) => one?.kinds ?? 0),
    samples: judged.map((one) => one?.sampleCount ?? 0),
    quarantined: judged.map((one) => (one === undefined ? 0 : quarantinedCount(one))),
    late: judged.map((one) => one?.late ?? false),
    outcomes: judged.map((one) => one?.outcome ?? 3),
    reasons: batches.map(({ record }) => record.judged?.reason ?? record.reason ?? null),
    receivedAts: messages.map(({ inbound }) => inbound.receivedAt),
    names: messages.map(({ name }) => name),
    sealed: batches.map(({ plan }) => seal("sealed", plan, plan.opened.signed)),
    answers: batches.map(({ plan, signed }) => seal("answer", plan, signed)),
    hospitalKeys: sessions.map(({ hospitalKey }) => hospitalKey),
  };
}

/** Notes by message and reason how many samples stand in quarantine. */
export async function storeQuarantine(
  tx: Transaction,
  batches: readonly Recorded<BatchRecord>[],
): Promise<void> {
  const rows = batches.flatMap(({ plan, record }) => {
    const { judged } = record;
    const counts = new Map<string, number>();
    if (judged?.reason !== undefined) counts.set(judged.reason, judged.sampleCount);
    for (const [, , reason] of judged?.quarantined ?? []) {
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    return [...counts].map(([reason, count]) => ({ plan, reason, count }));
  });
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO quarantine (device_id, message_id, reason, patient_id, samples, received_at)
     SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::text[], $4::uuid[], $5::int[], $6::bigint[])`,
    [
      rows.map(({ plan }) => plan.locked.session.deviceId),
      rows.map(({ plan }) => plan.opened.messageId),
      rows.map(({ reason }) => reason),
      rows.map(({ plan }) => plan.locked.session.patientId),
      rows.map(({ count }) => count),
      rows.map(({ plan }) => plan.opened.inbound.receivedAt),
    ],
  );
}

/** Stores requests with their signed responses, sealed for the patient. */
export async function storeRequests(
  tx: Transaction,
  {
    requests,
    now,
  }: { readonly requests: readonly Recorded<RequestRecord>[]; readonly now: number },
  ciphers: Ciphers,
): Promise<void> {
  if (requests.length === 0) return;
  await tx.query(
    `INSERT INTO requests (device_id, message_id, patient_id, name, method, created_at, answer, hospital_key)
     SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::uuid[], $4::bytea[], $5::text[], $6::bigint[],
       $7::bytea[], $8::bigint[])`,
    [
      requests.map(({ plan }) => plan.locked.session.deviceId),
      requests.map(({ plan }) => plan.opened.messageId),
      requests.map(({ plan }) => plan.locked.session.patientId),
      requests.map(({ plan }) => plan.opened.name),
      requests.map(({ record }) => record.method),
      requests.map(() => now),
      requests.map(({ plan, signed }) => {
        const { deviceId, patientId } = plan.locked.session;
        const cell = messageCell(
          { table: "requests", column: "answer" },
          deviceId,
          plan.opened.messageId,
        );
        return cipherOf(patientId, ciphers).seal(cell, signed);
      }),
      requests.map(({ plan }) => plan.locked.session.hospitalKey),
    ],
  );
}

/** Uses up the seqs: UNIQUE(session, seq), each with the envelope that used it and the bytes that answered it. */
export async function storeSeqs(tx: Transaction, answers: readonly MadeAnswer[]): Promise<void> {
  await tx.query(
    `INSERT INTO session_seqs (sid, seq, envelope_hash, answer)
     SELECT * FROM unnest($1::bytea[], $2::int[], $3::bytea[], $4::bytea[])`,
    [
      answers.map(({ plan }) => plan.locked.session.sid),
      answers.map(({ plan }) => plan.opened.seq),
      answers.map(({ plan }) => plan.opened.hash),
      answers.map(({ envelope }) => envelope),
    ],
  );
}

/** Writes the next seq of each locked session back. */
export async function storeDownSeqs(
  tx: Transaction,
  sessions: readonly LockedSession[],
): Promise<void> {
  await tx.query(
    `UPDATE sessions s SET down_seq = w.down_seq
     FROM unnest($1::bytea[], $2::int[]) AS w (sid, down_seq)
     WHERE s.sid = w.sid AND s.down_seq < w.down_seq`,
    [sessions.map(({ session }) => session.sid), sessions.map(({ downSeq }) => downSeq)],
  );
}

function cipherOf(patientId: string, ciphers: Ciphers): PatientCipher {
  const cipher = ciphers.get(patientId);
  if (cipher === undefined) throw new TypeError("ciphers: a locked session without its patient's");
  return cipher;
}
