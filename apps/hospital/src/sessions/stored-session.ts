import { decodeCbor, encodeCbor, isCborArray, toHex, type Bytes } from "@siphms/cose";
import type { SessionKeys } from "@siphms/messages";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import { readDevice, type Device } from "../enrolment/index.ts";
import { KeyError, type Cell, type Keyring } from "../keys/index.ts";

/** What opens the confirmation of an enrolment, and what it must open. */
export interface Confirmation {
  /** From the exporter, 32 bytes. */
  readonly secret: Bytes;
  /** SHA-256 of nonce-d, as it stood in EAD_3. */
  readonly commitment: Bytes;
}

/** The secrets of a session. */
export interface SessionSecrets {
  readonly keys: SessionKeys;
  /** 16 bytes, as in the grant. */
  readonly nonceH: Bytes;
  /** Only in a session that redeemed a token. */
  readonly confirmation?: Confirmation;
}

/** What names a session and cannot change. */
export interface SessionFacts {
  readonly sid: Bytes;
  readonly deviceId: number;
  readonly patientId: string;
  /** `hospital_keys.id` of the identity that the device met. */
  readonly hospitalKey: number;
  readonly gateway: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** One row of `sessions`. */
export interface StoredSession extends SessionFacts {
  /** Null once erased. */
  readonly sealed: Bytes | null;
  readonly closedAt: number | null;
  /** `undefined` where its row was altered, or belongs to another patient than the session. */
  readonly device: Device | undefined;
}

const KEY_PARTS = 5;
const ALL_PARTS = 7;

/** A session that begins. */
export interface NewSession {
  readonly facts: SessionFacts;
  readonly secrets: SessionSecrets;
}

/** Stores new sessions. Fails on a sid that is there already, which only a repeated handshake could make. */
export async function insertSessions(
  tx: Transaction,
  sessions: readonly NewSession[],
  keyring: Keyring,
): Promise<void> {
  const all = sessions.map(({ facts }) => facts);
  await tx.query(
    `INSERT INTO sessions (sid, device_id, patient_id, hospital_key, gateway, created_at, expires_at, sealed)
     SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::uuid[], $4::bigint[], $5::text[], $6::bigint[],
       $7::bigint[], $8::bytea[])`,
    [
      all.map(({ sid }) => sid),
      all.map(({ deviceId }) => deviceId),
      all.map(({ patientId }) => patientId),
      all.map(({ hospitalKey }) => hospitalKey),
      all.map(({ gateway }) => gateway),
      all.map(({ createdAt }) => createdAt),
      all.map(({ expiresAt }) => expiresAt),
      sessions.map(({ facts, secrets }) =>
        keyring.sealCell(secretsCell(facts), encodeSecrets(secrets)),
      ),
    ],
  );
}

/** Reads those of the sessions that exist, each with its device. */
export async function loadSessions(
  queryable: Queryable,
  keyring: Keyring,
  sids: readonly Bytes[],
): Promise<readonly StoredSession[]> {
  const { rows } = await queryable.query(
    `SELECT s.sid, s.patient_id AS session_patient_id, s.hospital_key, s.gateway, s.created_at,
       s.expires_at, s.sealed, s.closed_at, d.*
     FROM sessions s JOIN devices d ON d.id = s.device_id WHERE s.sid = ANY($1::bytea[])`,
    [sids],
  );
  return rows.map((row) => readSession(row, keyring));
}

/**
 * Opens a session's secrets.
 *
 * @throws {KeyError} `CELL_UNAUTHENTIC` where any column that they are bound to was altered.
 */
export function openSecrets(
  session: SessionFacts & { readonly sealed: Bytes },
  keyring: Keyring,
): SessionSecrets {
  const parts = decodeCbor(keyring.openCell(secretsCell(session), session.sealed));
  if (!isCborArray(parts) || ![KEY_PARTS, ALL_PARTS].includes(parts.length)) throw shapeError();
  const [keyUp, ivUp, keyDown, ivDown, nonceH, secret, commitment] = parts.map((part) => {
    if (!(part instanceof Uint8Array)) throw shapeError();
    return part;
  });
  if (!keyUp || !ivUp || !keyDown || !ivDown || !nonceH) throw shapeError();
  const secrets = { keys: { sid: session.sid, keyUp, ivUp, keyDown, ivDown }, nonceH };
  return secret && commitment ? { ...secrets, confirmation: { secret, commitment } } : secrets;
}

function encodeSecrets({ keys, nonceH, confirmation }: SessionSecrets): Bytes {
  const own = [keys.keyUp, keys.ivUp, keys.keyDown, keys.ivDown, nonceH];
  return encodeCbor(
    confirmation === undefined ? own : [...own, confirmation.secret, confirmation.commitment],
  );
}

/** Everything that a session promises is part of its place: secrets moved to other facts do not open. */
function secretsCell(facts: SessionFacts): Cell {
  const row = [
    toHex(facts.sid),
    facts.deviceId,
    facts.patientId,
    facts.hospitalKey,
    facts.createdAt,
    facts.expiresAt,
    facts.gateway,
  ].join("|");
  return { table: "sessions", column: "sealed", row };
}

function readSession(row: Row, keyring: Keyring): StoredSession {
  const patientId = row.text("session_patient_id");
  const device = readDeviceIfIntact(row, keyring);
  return {
    sid: row.bytes("sid"),
    deviceId: row.number("id"),
    patientId,
    hospitalKey: row.number("hospital_key"),
    gateway: row.text("gateway"),
    createdAt: row.number("created_at"),
    expiresAt: row.number("expires_at"),
    sealed: row.bytesOrNull("sealed"),
    closedAt: row.numberOrNull("closed_at"),
    device: device?.patientId === patientId ? device : undefined,
  };
}

/**
 * Reads a device from a joined row; `undefined` where the row was altered.
 *
 * One altered row must not stop the envelopes of all other devices in the same group.
 */
export function readDeviceIfIntact(row: Row, keyring: Keyring): Device | undefined {
  try {
    return readDevice(row, keyring);
  } catch (error) {
    if (error instanceof KeyError && error.code === "ROW_ALTERED") return undefined;
    throw error;
  }
}

function shapeError(): KeyError {
  return new KeyError("CELL_UNAUTHENTIC", "a session's secrets are in no known form");
}
