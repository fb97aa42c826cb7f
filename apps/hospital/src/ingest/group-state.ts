import { toHex, type Bytes } from "@siphms/cose";
import { TYP } from "@siphms/messages";
import type { Row, Transaction } from "../database/index.ts";
import { batchCell, type Keyring, type PatientCipher } from "../keys/index.ts";
import { messageCell } from "../sessions/index.ts";
import type { OpenedEnvelope } from "./open-envelope.ts";
import type { AnswerPlan, LockedSession, StoredAnswer } from "./plan.ts";
import type { PatientFacts, PatientFactsCache } from "./patient-facts.ts";
import type { VerifiedDevices } from "./verified-devices.ts";

/** A seq that was used: by which envelope, and what answered it. */
export interface UsedSeq {
  readonly hash: Bytes;
  readonly answer: Bytes | AnswerPlan;
}

/** A message-id that was used: by which message, and what answered it. */
export interface UsedMessageId {
  readonly name: Bytes;
  readonly answer: StoredAnswer | AnswerPlan;
  /** When a request was answered, ms; undefined for anything else. */
  readonly answeredAt?: number;
}

/** What the database knows of the envelopes of a group, read under locks, and what the group itself adds to it. */
export interface GroupState {
  /** By hexadecimal sid; only sessions that are open and whose rows are as this program wrote them. */
  readonly sessions: ReadonlyMap<string, LockedSession>;
  /** By {@link seqKey}. */
  readonly seqs: Map<string, UsedSeq>;
  /** By {@link messageKey}. */
  readonly messageIds: Map<string, UsedMessageId>;
  /** By patient. */
  readonly ciphers: ReadonlyMap<string, PatientCipher>;
  readonly patients: ReadonlyMap<string, PatientFacts>;
}

/** What reading the state needs. */
export interface GroupStatePorts {
  readonly keyring: Keyring;
  readonly devices: VerifiedDevices;
  readonly patientFacts: PatientFactsCache;
}

/** The name of a seq of a session in maps. */
export function seqKey(opened: OpenedEnvelope): string {
  return `${opened.session.id}/${opened.seq}`;
}

/** The name of a device's message-id in maps. */
export function messageKey(deviceId: number, messageId: Uint8Array): string {
  return `${deviceId}/${toHex(messageId)}`;
}

/**
 * Locks the rows of the group's devices and sessions, in one order everywhere, and reads what is known of its seqs and
 * message-ids. With a device's row locked no other transaction can store a message of it.
 */
export async function readGroupState(
  tx: Transaction,
  group: readonly OpenedEnvelope[],
  ports: GroupStatePorts,
): Promise<GroupState> {
  const { sessions, versions } = await lockSessions(tx, group, ports);
  const mine = group.filter(({ session }) => sessions.has(session.id));
  const ciphers = new Map<string, PatientCipher>();
  const patients = new Map<string, PatientFacts>();
  for (const [patientId, version] of versions) {
    ciphers.set(patientId, await ports.keyring.patientCipher(tx, patientId));
    patients.set(patientId, await ports.patientFacts.load(tx, { patientId, version }));
  }
  const seqs = await readSeqs(tx, mine);
  return { sessions, seqs, messageIds: await readMessageIds(tx, mine, ciphers), ciphers, patients };
}

async function lockSessions(
  tx: Transaction,
  group: readonly OpenedEnvelope[],
  { devices }: GroupStatePorts,
): Promise<{ sessions: Map<string, LockedSession>; versions: Map<string, number> }> {
  const known = new Map(group.map(({ session }) => [session.id, session]));
  const { rows } = await tx.query(
    `SELECT s.sid, s.down_seq, p.version AS patient_version, d.id, d.state, d.version, d.mac
     FROM sessions s JOIN devices d ON d.id = s.device_id JOIN patients p ON p.id = d.patient_id
     WHERE s.sid = ANY($1::bytea[]) AND s.closed_at IS NULL AND s.sealed IS NOT NULL
     ORDER BY d.id, s.sid FOR NO KEY UPDATE OF d, s`,
    [[...known.values()].map(({ sid }) => sid)],
  );
  const verified = await devices.verify(tx, rows);
  const sessions = new Map<string, LockedSession>();
  const versions = new Map<string, number>();
  for (const row of rows) {
    const session = known.get(toHex(row.bytes("sid")));
    const device = verified.get(row.number("id"));
    // The secrets opened under the session's own device and patient, so the joined row has to be that device.
    if (session?.deviceId !== device?.id || session?.patientId !== device?.patientId) continue;
    if (session === undefined || device === undefined) continue;
    const downSeq = row.number("down_seq");
    sessions.set(session.id, { session, device, downSeq, isEnded: false });
    versions.set(session.patientId, row.number("patient_version"));
  }
  return { sessions, versions };
}

async function readSeqs(
  tx: Transaction,
  group: readonly OpenedEnvelope[],
): Promise<Map<string, UsedSeq>> {
  // LATERAL with LIMIT keeps the planner on the index, whatever it believes about the size of a table that grows fast.
  const { rows } = await tx.query(
    `SELECT w.sid, w.seq, q.envelope_hash, q.answer
     FROM unnest($1::bytea[], $2::int[]) AS w (sid, seq)
     CROSS JOIN LATERAL (
       SELECT envelope_hash, answer FROM session_seqs WHERE sid = w.sid AND seq = w.seq LIMIT 1) q`,
    [group.map(({ session }) => session.sid), group.map(({ seq }) => seq)],
  );
  return new Map(
    rows.map((row) => [
      `${toHex(row.bytes("sid"))}/${row.number("seq")}`,
      { hash: row.bytes("envelope_hash"), answer: row.bytes("answer") },
    ]),
  );
}

async function readMessageIds(
  tx: Transaction,
  group: readonly OpenedEnvelope[],
  ciphers: ReadonlyMap<string, PatientCipher>,
): Promise<Map<string, UsedMessageId>> {
  const { rows } = await tx.query(
    `SELECT w.device_id, w.message_id, f.source, f.patient_id, f.name, f.answer, f.hospital_key, f.answered_at
     FROM unnest($1::bigint[], $2::bytea[]) AS w (device_id, message_id)
     CROSS JOIN LATERAL (
       (SELECT 'batch' AS source, patient_id, name, answer, hospital_key, NULL::bigint AS answered_at
        FROM batches b WHERE b.device_id = w.device_id AND b.message_id = w.message_id)
       UNION ALL
       (SELECT 'request', patient_id, name, answer, hospital_key, created_at
        FROM requests r WHERE r.device_id = w.device_id AND r.message_id = w.message_id)
       LIMIT 1) f`,
    [group.map(({ session }) => session.deviceId), group.map(({ messageId }) => messageId)],
  );
  return new Map(rows.map((row) => readMessageId(row, ciphers)));
}

function readMessageId(
  row: Row,
  ciphers: ReadonlyMap<string, PatientCipher>,
): readonly [string, UsedMessageId] {
  const deviceId = row.number("device_id");
  const messageId = row.bytes("message_id");
  const name = row.bytes("name");
  const sealed = row.bytesOrNull("answer");
  const cipher = ciphers.get(row.text("patient_id"));
  const isRequest = row.text("source") === "request";
  const cell = isRequest
    ? messageCell({ table: "requests", column: "answer" }, deviceId, messageId)
    : batchCell("answer", deviceId, messageId);
  const answer: StoredAnswer = {
    typ: isRequest ? TYP.response : TYP.receipt,
    signed: sealed === null ? undefined : cipher?.open(cell, sealed),
    hospitalKey: row.number("hospital_key"),
  };
  const answeredAt = row.numberOrNull("answered_at");
  const used = answeredAt === null ? { name, answer } : { name, answer, answeredAt };
  return [messageKey(deviceId, messageId), used];
}
