import { NOTICES } from "@siphms/messages";
import { errorFields, type Logger } from "@siphms/server-kit";
import type { Queryable, Transaction } from "../database/index.ts";
import { lockDevice, type Device } from "../enrolment/index.ts";
import type { HospitalKeys } from "../keys/index.ts";
import type { LiveSession } from "./live-sessions.ts";
import {
  sealForOpenSessions,
  storeNotice,
  type NoticePorts,
  type StoredNotice,
} from "./notices.ts";

/** What announcing the hospital's newest key needs. */
export interface AnnouncementPorts extends NoticePorts {
  readonly hospital: Pick<HospitalKeys, "identity" | "identities">;
  readonly log: Logger;
}

/** Devices looked up at a time. */
const STEP = 100;

/**
 * Stores the announcement of the newest key for a device that begins a session under an older one, unless it is there.
 * It is not sealed yet.
 *
 * So each device hears of it in its next session, however long it was away and whatever became of the process that made
 * the key.
 */
export async function announceAtBegin(
  tx: Transaction,
  session: Pick<LiveSession, "deviceId" | "hospitalKey">,
  ports: AnnouncementPorts,
): Promise<void> {
  if (session.hospitalKey === ports.hospital.identity.id) return;
  const device = await lockDevice(tx, ports.keyring, session.deviceId);
  if (device !== undefined) await announce(tx, { device, usedKey: session.hospitalKey }, ports);
}

/**
 * Announces the newest key in all sessions that are open under an older one, device by device. Can be broken off and
 * begun again at any time: no device gets two announcements of one key.
 */
export async function announceInOpenSessions(ports: AnnouncementPorts): Promise<void> {
  const { database, clock, hospital, log } = ports;
  for (let last = 0; ;) {
    const { rows } = await database.query(
      `SELECT DISTINCT ON (s.device_id) s.device_id, s.hospital_key FROM sessions s
       WHERE s.device_id > $1 AND s.closed_at IS NULL AND s.expires_at > $2 AND s.hospital_key <> $3
         AND NOT EXISTS (SELECT FROM notices n WHERE n.device_id = s.device_id AND n.announces = $3)
       ORDER BY s.device_id, s.created_at DESC LIMIT ${STEP}`,
      [last, clock.now(), hospital.identity.id],
    );
    for (const row of rows) {
      last = row.number("device_id");
      try {
        await announceToDevice({ deviceId: last, usedKey: row.number("hospital_key") }, ports);
      } catch (error) {
        // The others are told all the same, and this one at its next session.
        log.error("key not announced", errorFields(error));
      }
    }
    if (rows.length < STEP) return;
  }
}

/**
 * Counts the active devices that have not said that they know this key: as long as they pin an older one, they need it
 * to answer.
 *
 * @param key - `createdAt`: devices that enrolled later got the key with their invitation.
 */
export async function countWaitingDevices(
  queryable: Queryable,
  key: { readonly id: number; readonly createdAt: number },
): Promise<number> {
  const { rows } = await queryable.query(
    `SELECT count(*) AS devices FROM devices d
     LEFT JOIN notices n ON n.device_id = d.id AND n.announces = $1
     WHERE d.state = 'active' AND CASE WHEN n.id IS NULL THEN d.enrolled_at < $2 ELSE n.seen_at IS NULL END`,
    [key.id, key.createdAt],
  );
  return rows[0]?.number("devices") ?? 0;
}

function announceToDevice(
  { deviceId, usedKey }: { readonly deviceId: number; readonly usedKey: number },
  ports: AnnouncementPorts,
): Promise<void> {
  return ports.database.withTransaction(async (tx) => {
    const device = await lockDevice(tx, ports.keyring, deviceId);
    if (device === undefined) return;
    const notice = await announce(tx, { device, usedKey }, ports);
    if (notice !== undefined) await sealForOpenSessions(tx, { notice, device }, ports);
  });
}

/** Only to active devices: a pending one hears of it in the first session after its confirmation. */
async function announce(
  tx: Transaction,
  { device, usedKey }: { readonly device: Device; readonly usedKey: number },
  ports: AnnouncementPorts,
): Promise<StoredNotice | undefined> {
  const { identity, identities } = ports.hospital;
  const validUntil = identities.find(({ id }) => id === usedKey)?.validUntil;
  if (device.state !== "active" || validUntil === undefined) return undefined;
  const body = NOTICES["key-rotation"].encode({
    hospitalCredential: identity.credential.bytes,
    validUntil,
  });
  const announces = identity.id;
  return storeNotice(tx, { device, kind: "key-rotation", body, announces }, ports);
}
