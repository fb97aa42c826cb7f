import { toHex, type Bytes, type CborMap } from "@siphms/cose";
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
import { lockDevice, type Device } from "../enrolment/index.ts";
import type { HospitalKeys, Keyring, PatientCipher } from "../keys/index.ts";
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
  readonly hospital: Pick<HospitalKeys, "identity">;
  readonly live: LiveSessions;
  readonly link: GatewayLink;
  /** What is being handed to a gateway at this moment, by {@link sendingKey}. */
  readonly underWay: Set<string>;
}

/** A notice to be made. Keys are announced by themselves. */
export interface NewNotice {
  readonly deviceId: number;
  readonly kind: Exclude<NoticeKind, "key-rotation">;
  readonly body: CborMap;
}

/** A notice in the database, with its signed bytes opened. */
export interface StoredNotice {
  readonly id: number;
  readonly hospitalKey: number;
  readonly signed: Bytes;
}

/** Sessions of one device that get a new notice at once; older ones are hardly read any more. */
const MAX_SESSIONS = 4;
/** Unseen notices that a new session begins with: the newest, and the hospital's new key before all others. */
const MAX_UNSEEN = 50;
/** What was handed over this shortly before a connection broke may not have arrived. */
const HANDED_DOUBT_MS = 300_000;
/** Notices that a list shows. */
const MAX_LISTED = 200;
/** What may be delivered at a gateway: announcements of the newest key alone. */
const WAITING = `SELECT w.notice_id, w.sid, w.envelope FROM notice_sendings w
  JOIN sessions s ON s.sid = w.sid JOIN notices n ON n.id = w.notice_id
  WHERE s.gateway = $1 AND s.closed_at IS NULL AND s.expires_at > $2
    AND (n.announces IS NULL OR n.announces = $3)`;

/**
 * Queues a notice for an active device: stored, sealed for the sessions that are open now and delivered after the
 * commit; sealed again in each later session until the device says that it has seen it.
 *
 * @returns false for a device that is not active: a pending one is told nothing, the others never come back.
 */
export async function queueNotice(
  tx: Transaction,
  notice: NewNotice,
  ports: NoticePorts,
): Promise<boolean> {
  const device = await lockDevice(tx, ports.keyring, notice.deviceId);
  if (device === undefined) throw new RangeError("deviceId: no such device");
  if (device.state !== "active") return false;
  const stored = await storeNotice(tx, { ...notice, device }, ports);
  if (stored !== undefined) await sealForOpenSessions(tx, { notice: stored, device }, ports);
  return true;
}

/**
 * Signs and stores a notice for a device whose row is locked. Seals it for no session yet.
 *
 * @param notice - `announces`: the hospital's key that a `key-rotation` is about.
 * @returns `undefined` where this device has an announcement of that key already.
 */
export async function storeNotice(
  tx: Transaction,
  notice: {
    readonly device: Device;
    readonly kind: NoticeKind;
    readonly body: CborMap;
    readonly announces?: number;
  },
  { keyring, crypto, clock, hospital }: NoticePorts,
): Promise<StoredNotice | undefined> {
  const { device, kind, body, announces = null } = notice;
  const { identity } = hospital;
  const created = clock.now();
  const messageId = createMessageId(created, crypto);
  const signed = await signForDevice(
    { hospital: identity, device: await openSender(device, crypto) },
    { typ: TYP.notice, payload: encodeNotice({ messageId, created, kind, body }) },
    crypto,
  );
  const cipher = await keyring.patientCipher(tx, device.patientId);
  const sealed = cipher.seal(noticeCell(device.id, messageId), signed);
  const { rows } = await tx.query(
    `INSERT INTO notices (device_id, patient_id, message_id, kind, created_at, signed, hospital_key, announces)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (device_id, announces) WHERE announces IS NOT NULL DO NOTHING RETURNING id`,
    [device.id, device.patientId, messageId, kind, created, sealed, identity.id, announces],
  );
  const id = rows[0]?.number("id");
  return id === undefined ? undefined : { id, hospitalKey: identity.id, signed };
}

/** Seals a notice for the sessions that its device has open, and delivers it after the commit. */
export async function sealForOpenSessions(
  tx: Transaction,
  { notice, device }: { readonly notice: StoredNotice; readonly device: Device },
  ports: NoticePorts,
): Promise<void> {
  for (const session of await openSessionsOf(tx, device.id, ports)) {
    await sealInto(tx, { session, notice }, ports);
  }
}

/**
 * Seals devices' unseen notices for the sessions that begin in this transaction: the newest of them; the others come once
 * those are seen. A key is announced only while it is the newest, and not where it is used already.
 */
export async function sealUnseen(
  tx: Transaction,
  sessions: readonly LiveSession[],
  ports: NoticePorts,
): Promise<void> {
  const newest = ports.hospital.identity.id;
  const { rows } = await tx.query(
    `SELECT w.sid, n.* FROM unnest($1::bytea[], $2::bigint[], $3::bigint[]) AS w (sid, device_id, newest)
     CROSS JOIN LATERAL (
       SELECT id, message_id, signed, hospital_key FROM notices
       WHERE device_id = w.device_id AND seen_at IS NULL AND (announces IS NULL OR announces = w.newest)
       ORDER BY announces NULLS LAST, id DESC LIMIT ${MAX_UNSEEN}) n
     ORDER BY n.id`,
    [
      sessions.map(({ sid }) => sid),
      sessions.map(({ deviceId }) => deviceId),
      sessions.map(({ hospitalKey }) => (hospitalKey === newest ? null : newest)),
    ],
  );
  const bySid = new Map(sessions.map((session) => [session.id, session]));
  for (const row of rows) {
    const session = bySid.get(toHex(row.bytes("sid")));
    if (session === undefined) continue;
    const cipher = await ports.keyring.patientCipher(tx, session.patientId);
    const cell = noticeCell(session.deviceId, row.bytes("message_id"));
    const notice = {
      id: row.number("id"),
      hospitalKey: row.number("hospital_key"),
      signed: cipher.open(cell, row.bytes("signed")),
    };
    await sealInto(tx, { session, notice }, ports);
  }
}

/** A notice as a list shows it; {@link openNotice} tells what it says. */
export interface NoticeView {
  readonly id: number;
  readonly deviceId: number;
  readonly messageId: Bytes;
  /** The signed bytes, under the patient's key. */
  readonly sealed: Bytes;
  readonly kind: string;
  /** ms. */
  readonly createdAt: number;
  /** When the device said that it was seen, ms. */
  readonly seenAt: number | null;
}

/** The newest notices to these devices, newest first. */
export async function listNotices(
  queryable: Queryable,
  deviceIds: readonly number[],
): Promise<readonly NoticeView[]> {
  const { rows } = await queryable.query(
    `SELECT id, device_id, message_id, signed, kind, created_at, seen_at FROM notices WHERE device_id = ANY($1::bigint[])
     ORDER BY id DESC LIMIT ${MAX_LISTED}`,
    [deviceIds],
  );
  return rows.map((row) => ({
    id: row.number("id"),
    deviceId: row.number("device_id"),
    messageId: row.bytes("message_id"),
    sealed: row.bytes("signed"),
    kind: row.text("kind"),
    createdAt: row.number("created_at"),
    seenAt: row.numberOrNull("seen_at"),
  }));
}

/** The signed bytes of a notice. @throws {KeyError} `CELL_UNAUTHENTIC` */
export function openNotice(
  { deviceId, messageId, sealed }: NoticeView,
  cipher: PatientCipher,
): Bytes {
  return cipher.open(noticeCell(deviceId, messageId), sealed);
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

/**
 * Delivers what a gateway has not been handed, by this process or by another one on the same database.
 *
 * @param where.isNew - The connection is new: what was handed over just before the last one broke may not have arrived.
 */
export async function deliverWaiting(
  { gateway, isNew }: { readonly gateway: string; readonly isNew: boolean },
  ports: NoticePorts,
): Promise<void> {
  const { clock, hospital, database } = ports;
  const now = clock.now();
  const common = [gateway, now, hospital.identity.id];
  // Two statements, so that the one that is asked every second finds its few rows by the index that holds no others.
  const { rows } = isNew
    ? await database.query(
        `${WAITING} AND (w.handed_at IS NULL OR w.handed_at > $4) ORDER BY w.notice_id`,
        [...common, now - HANDED_DOUBT_MS],
      )
    : await database.query(`${WAITING} AND w.handed_at IS NULL ORDER BY w.notice_id`, common);
  for (const row of rows) {
    const noticeId = row.number("notice_id");
    const sending = readSending(row, gateway);
    if (isNew || !ports.underWay.has(sendingKey(noticeId, sending))) hand(noticeId, sending, ports);
  }
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
  const envelope = sealForDevice(session, { seq, signed }, ports.crypto);
  await tx.query("INSERT INTO notice_sendings (notice_id, sid, envelope) VALUES ($1, $2, $3)", [
    notice.id,
    session.sid,
    envelope,
  ]);
  const { gateway, sid } = session;
  const sending = { gateway, sid, envelope };
  tx.afterCommit(() => {
    ports.underWay.add(sendingKey(notice.id, sending));
    // Not in this turn: in a new session message_4 has to reach the gateway first.
    setImmediate(() => hand(notice.id, sending, ports));
  });
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
  const key = sendingKey(noticeId, sending);
  if (!ports.link.deliver(sending)) {
    ports.underWay.delete(key);
    return;
  }
  ports.database
    .query("UPDATE notice_sendings SET handed_at = $3 WHERE notice_id = $1 AND sid = $2", [
      noticeId,
      sending.sid,
      ports.clock.now(),
    ])
    .catch(() => {
      // Unmarked it is delivered once more, which the device ignores.
    })
    .finally(() => ports.underWay.delete(key));
}

function sendingKey(noticeId: number, { sid }: Unsolicited): string {
  return `${noticeId}/${toHex(sid)}`;
}

function readSending(row: Row, gateway: string): Unsolicited {
  return { gateway, sid: row.bytes("sid"), envelope: row.bytes("envelope") };
}

function noticeCell(deviceId: number, messageId: Uint8Array) {
  return messageCell({ table: "notices", column: "signed" }, deviceId, messageId);
}
