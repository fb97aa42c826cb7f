import type { Bytes, CborMap } from "@siphms/cose";
import {
  createMessageId,
  encodeNotice,
  MAX_SEQ,
  parseSigned,
  TYP,
  type NoticeKind,
} from "@siphms/messages";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Clock } from "@siphms/server-kit";
import type { Database, Queryable, Row, Transaction } from "../database/index.ts";
import { lockDevice } from "../enrolment/index.ts";
import type { HospitalIdentity, Keyring } from "../keys/index.ts";
import type { LiveSession, LiveSessions } from "./live-sessions.ts";
import { messageCell } from "./message-cell.ts";
import { openSender } from "./live-sessions.ts";
import { sealForDevice, signForDevice } from "./outbound.ts";
import type { GatewayLink, Unsolicited } from "./ports.ts";

/** What notices are made with. */
export interface NoticePorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
  readonly clock: Clock;
  readonly identity: HospitalIdentity;
  readonly live: LiveSessions;
  readonly link: GatewayLink;
}

/** A notice to be made. */
export interface NewNotice {
  readonly deviceId: number;
  readonly kind: NoticeKind;
  readonly body: CborMap;
}

interface StoredNotice {
  readonly id: number;
  readonly hospitalKey: number;
  readonly signed: Bytes;
}

/** Sessions of one device that get a new notice at once; older ones are hardly read any more. */
const MAX_SESSIONS = 4;
/** Unseen notices that a new session begins with, the newest. */
const MAX_UNSEEN = 50;
/** What was handed over this shortly before a connection broke may not have arrived. */
const HANDED_DOUBT_MS = 300_000;

/**
 * Queues a notice for a device: stored, sealed for the sessions that are open now and delivered after the commit; sealed
 * again in each later session until the device says that it has seen it.
 */
export async function queueNotice(
  tx: Transaction,
  notice: NewNotice,
  ports: NoticePorts,
): Promise<void> {
  const { keyring, crypto, clock, identity } = ports;
  const device = await lockDevice(tx, keyring, notice.deviceId);
  if (device === undefined) throw new RangeError("deviceId: no such device");
  const created = clock.now();
  const messageId = createMessageId(created, crypto);
  const payload = encodeNotice({ messageId, created, kind: notice.kind, body: notice.body });
  const signed = await signForDevice(
    { hospital: identity, device: await openSender(device, crypto) },
    { typ: TYP.notice, payload },
    crypto,
  );
  const cipher = await keyring.patientCipher(tx, device.patientId);
  const { rows } = await tx.query(
    `INSERT INTO notices (device_id, patient_id, message_id, kind, created_at, signed, hospital_key)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
    [
      device.id,
      device.patientId,
      messageId,
      notice.kind,
      created,
      cipher.seal(noticeCell(device.id, messageId), signed),
      identity.id,
    ],
  );
  const id = rows[0]?.number("id");
  if (id === undefined) return;
  for (const session of await openSessionsOf(tx, device.id, ports)) {
    await sealInto(tx, { session, notice: { id, hospitalKey: identity.id, signed } }, ports);
  }
}

/** Seals the device's unseen notices for a session that begins in this transaction. */
export async function sealUnseen(
  tx: Transaction,
  session: LiveSession,
  ports: NoticePorts,
): Promise<void> {
  const { rows } = await tx.query(
    `SELECT id, message_id, signed, hospital_key FROM notices
     WHERE device_id = $1 AND seen_at IS NULL ORDER BY id DESC LIMIT ${MAX_UNSEEN}`,
    [session.deviceId],
  );
  if (rows.length === 0) return;
  const cipher = await ports.keyring.patientCipher(tx, session.patientId);
  for (const row of [...rows].reverse()) {
    const cell = noticeCell(session.deviceId, row.bytes("message_id"));
    const notice: StoredNotice = {
      id: row.number("id"),
      hospitalKey: row.number("hospital_key"),
      signed: cipher.open(cell, row.bytes("signed")),
    };
    await sealInto(tx, { session, notice }, ports);
  }
}

/** Notes that a device has these notices: later sessions do not carry them again. Those of other devices are passed over. */
export async function markSeen(
  tx: Transaction,
  seen: {
    readonly deviceId: number;
    readonly messageIds: readonly Uint8Array[];
    readonly now: number;
  },
): Promise<void> {
  await tx.query(
    `UPDATE notices SET seen_at = $3
     WHERE device_id = $1 AND message_id = ANY($2::bytea[]) AND seen_at IS NULL`,
    [seen.deviceId, seen.messageIds, seen.now],
  );
}

/** Delivers again what the gateway may not have got: to be called when a connection to it is up. */
export async function deliverWaiting(gateway: string, ports: NoticePorts): Promise<void> {
  const { rows } = await ports.database.query(
    `SELECT n.notice_id, n.sid, n.envelope FROM notice_sendings n JOIN sessions s ON s.sid = n.sid
     WHERE s.gateway = $1 AND s.closed_at IS NULL AND s.expires_at > $2
       AND (n.handed_at IS NULL OR n.handed_at > $3)
     ORDER BY n.notice_id`,
    [gateway, ports.clock.now(), ports.clock.now() - HANDED_DOUBT_MS],
  );
  for (const row of rows) hand(row.number("notice_id"), readSending(row, gateway), ports);
}

async function openSessionsOf(
  queryable: Queryable,
  deviceId: number,
  { clock, live }: NoticePorts,
): Promise<readonly LiveSession[]> {
  const { rows } = await queryable.query(
    `SELECT sid FROM sessions WHERE device_id = $1 AND closed_at IS NULL AND expires_at > $2
     ORDER BY created_at DESC LIMIT ${MAX_SESSIONS}`,
    [deviceId, clock.now()],
  );
  const found = await live.load(
    queryable,
    rows.map((row) => row.bytes("sid")),
  );
  return [...found.values()].filter((session) => typeof session !== "string");
}

async function sealInto(
  tx: Transaction,
  { session, notice }: { readonly session: LiveSession; readonly notice: StoredNotice },
  ports: NoticePorts,
): Promise<void> {
  const { rows } = await tx.query(
    `UPDATE sessions SET down_seq = down_seq + 1
     WHERE sid = $1 AND closed_at IS NULL AND down_seq <= ${MAX_SEQ} RETURNING down_seq - 1 AS seq`,
    [session.sid],
  );
  const seq = rows[0]?.number("seq");
  if (seq === undefined) return;
  const signed = await signedFor(session, notice, ports.crypto);
  const envelope = await sealForDevice(session, { seq, signed }, ports.crypto);
  await tx.query("INSERT INTO notice_sendings (notice_id, sid, envelope) VALUES ($1, $2, $3)", [
    notice.id,
    session.sid,
    envelope,
  ]);
  const { gateway, sid } = session;
  // Not in this turn: in a new session message_4 has to reach the gateway first.
  tx.afterCommit(() => setImmediate(() => hand(notice.id, { gateway, sid, envelope }, ports)));
}

/** Signed anew where the session's hospital key is another than the one that signed it (protocol section 6). */
async function signedFor(
  session: LiveSession,
  notice: StoredNotice,
  crypto: NodeCrypto,
): Promise<Bytes> {
  if (notice.hospitalKey === session.hospitalKey) return notice.signed;
  const { payload } = parseSigned(notice.signed).sign1;
  return signForDevice(session, { typ: TYP.notice, payload }, crypto);
}

function hand(noticeId: number, sending: Unsolicited, ports: NoticePorts): void {
  if (!ports.link.deliver(sending)) return;
  ports.database
    .query("UPDATE notice_sendings SET handed_at = $3 WHERE notice_id = $1 AND sid = $2", [
      noticeId,
      sending.sid,
      ports.clock.now(),
    ])
    .catch(() => {
      // Unmarked it is delivered once more at the next connecting, which the device ignores.
    });
}

function readSending(row: Row, gateway: string): Unsolicited {
  return { gateway, sid: row.bytes("sid"), envelope: row.bytes("envelope") };
}

function noticeCell(deviceId: number, messageId: Uint8Array) {
  return messageCell({ table: "notices", column: "signed" }, deviceId, messageId);
}
