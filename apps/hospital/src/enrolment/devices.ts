import { toHex, type Bytes } from "@siphms/cose";
import {
  ConflictError,
  nextId,
  type Queryable,
  type Row,
  type Transaction,
} from "../database/index.ts";
import { takeGenuine, type Cell, type GrantingRow, type Keyring } from "../keys/index.ts";

/** States of a binding (protocol section 4). Only `pending` and `active` let a session begin. */
export type BindingState = "active" | "dropped" | "pending" | "revoked";

/** The binding of one device key to one patient, its MAC checked. */
export interface Device {
  readonly id: number;
  readonly kid: Bytes;
  readonly thumbprint: Bytes;
  /** CRED_I as received. */
  readonly credential: Bytes;
  readonly patientId: string;
  readonly invitationId: number;
  readonly state: BindingState;
  /** The name the device gave itself, sealed; {@link openDeviceName} opens it. */
  readonly sealedName: Bytes;
  /** The six digits, sealed, once the commitment is open; {@link openDeviceCode} opens them. */
  readonly sealedCode: Bytes | null;
  readonly enrolledAt: number;
  readonly confirmedAt: number | null;
  readonly confirmedBy: string | null;
  readonly endedAt: number | null;
  readonly version: number;
}

/** What a redeemed invitation binds. */
export interface NewDevice {
  readonly kid: Bytes;
  readonly thumbprint: Bytes;
  readonly credential: Bytes;
  readonly patientId: string;
  readonly invitationId: number;
  readonly name: string;
  readonly enrolledAt: number;
}

/** What may change in a binding. `code`: six digits, sealed here; null takes an older code away. */
export interface DeviceChange {
  readonly state?: BindingState;
  readonly code?: string | null;
  readonly confirmedAt?: number;
  readonly confirmedBy?: string;
  readonly endedAt?: number;
}

const COLUMNS = `id, kid, thumbprint, credential, patient_id, invitation_id, state, name, code,
  enrolled_at, confirmed_at, confirmed_by, ended_at, version, mac`;

/** Finds a binding by its kid. @throws {KeyError} `ROW_ALTERED` */
export async function findDeviceByKid(
  queryable: Queryable,
  keyring: Keyring,
  kid: Uint8Array,
): Promise<Device | undefined> {
  const [device] = await findDevicesByKids(queryable, keyring, [kid]);
  return device;
}

/** Finds bindings by their kids, in the order of these. @throws {KeyError} `ROW_ALTERED` where one of them was. */
export async function findDevicesByKids(
  queryable: Queryable,
  keyring: Keyring,
  kids: readonly Uint8Array[],
): Promise<readonly (Device | undefined)[]> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM devices WHERE kid = ANY($1::bytea[])`,
    [kids],
  );
  const found = new Map(rows.map((row) => [toHex(row.bytes("kid")), readDevice(row, keyring)]));
  return kids.map((kid) => found.get(toHex(kid)));
}

/** Reads a binding and locks its row until the transaction ends. @throws {KeyError} `ROW_ALTERED` */
export async function lockDevice(
  tx: Transaction,
  keyring: Keyring,
  id: number,
): Promise<Device | undefined> {
  return (await lockDevices(tx, keyring, [id])).get(id);
}

/** As {@link lockDevice}, for several; by id, and locked in its order, as everywhere. */
export async function lockDevices(
  tx: Transaction,
  keyring: Keyring,
  ids: readonly number[],
): Promise<ReadonlyMap<number, Device>> {
  const { rows } = await tx.query(
    `SELECT ${COLUMNS} FROM devices WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE`,
    [ids],
  );
  return new Map(rows.map((row) => [row.number("id"), readDevice(row, keyring)]));
}

/** A patient's bindings, oldest first. @throws {KeyError} `ROW_ALTERED` */
export async function listDevicesOfPatient(
  queryable: Queryable,
  keyring: Keyring,
  patientId: string,
): Promise<readonly Device[]> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM devices WHERE patient_id = $1 ORDER BY id`,
    [patientId],
  );
  return rows.map((row) => readDevice(row, keyring));
}

/** Every binding, oldest first; altered ones left out. */
export async function listDevices(
  queryable: Queryable,
  keyring: Keyring,
): Promise<readonly Device[]> {
  const { rows } = await queryable.query(`SELECT ${COLUMNS} FROM devices ORDER BY id`);
  return takeGenuine(rows, (row) => readDevice(row, keyring)).rows;
}

/** Adds a pending binding; call {@link recordSeenKey} before it in the same transaction. */
export async function insertDevice(
  tx: Transaction,
  keyring: Keyring,
  device: NewDevice,
): Promise<Device> {
  const cipher = await keyring.patientCipher(tx, device.patientId);
  const { name, ...rest } = device;
  const stored: Device = {
    ...rest,
    id: await nextId(tx, "devices"),
    state: "pending",
    sealedName: cipher.seal(deviceCell("name", device.kid), utf8(name)),
    sealedCode: null,
    confirmedAt: null,
    confirmedBy: null,
    endedAt: null,
    version: 1,
  };
  await tx.query(
    `INSERT INTO devices (${COLUMNS})
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      stored.id,
      stored.kid,
      stored.thumbprint,
      stored.credential,
      stored.patientId,
      stored.invitationId,
      stored.state,
      stored.sealedName,
      stored.sealedCode,
      stored.enrolledAt,
      stored.confirmedAt,
      stored.confirmedBy,
      stored.endedAt,
      stored.version,
      keyring.rowMac(deviceRow(stored)),
    ],
  );
  return stored;
}

/**
 * Changes a binding that was read in this transaction or before it.
 *
 * @throws {ConflictError} `ROW_CHANGED` when it is no longer as it was read.
 */
export async function changeDevice(
  tx: Transaction,
  keyring: Keyring,
  { device, change }: { readonly device: Device; readonly change: DeviceChange },
): Promise<Device> {
  const { code, ...columns } = change;
  const changed: Device = {
    ...device,
    ...columns,
    ...(code === undefined ? {} : { sealedCode: await sealCode(tx, keyring, { device, code }) }),
    version: device.version + 1,
  };
  const { count } = await tx.query(
    `UPDATE devices SET state = $3, code = $4, confirmed_at = $5, confirmed_by = $6, ended_at = $7,
       version = $8, mac = $9
     WHERE id = $1 AND version = $2`,
    [
      device.id,
      device.version,
      changed.state,
      changed.sealedCode,
      changed.confirmedAt,
      changed.confirmedBy,
      changed.endedAt,
      changed.version,
      keyring.rowMac(deviceRow(changed)),
    ],
  );
  if (count !== 1) throw new ConflictError("the device's binding has changed meanwhile");
  return changed;
}

/** The device's own name for itself. @throws {KeyError} `CELL_UNAUTHENTIC`, `PATIENT_KEY_MISSING` */
export async function openDeviceName(
  queryable: Queryable,
  keyring: Keyring,
  device: Device,
): Promise<string> {
  const cipher = await keyring.patientCipher(queryable, device.patientId);
  return text(cipher.open(deviceCell("name", device.kid), device.sealedName));
}

/** The six digits, or `undefined` before the commitment is open. @throws {KeyError} as {@link openDeviceName} */
export async function openDeviceCode(
  queryable: Queryable,
  keyring: Keyring,
  device: Device,
): Promise<string | undefined> {
  if (device.sealedCode === null) return undefined;
  const cipher = await keyring.patientCipher(queryable, device.patientId);
  return text(cipher.open(deviceCell("code", device.kid), device.sealedCode));
}

/**
 * Notes a key that came in an enrolment.
 *
 * @returns false when this key or its kid was ever seen before: the enrolment is then refused (protocol section 1).
 */
export async function recordSeenKey(
  tx: Transaction,
  key: { readonly thumbprint: Bytes; readonly kid: Bytes; readonly now: number },
): Promise<boolean> {
  const { count } = await tx.query(
    `INSERT INTO seen_keys (thumbprint, kid, first_seen_at) VALUES ($1, $2, $3)
     ON CONFLICT DO NOTHING`,
    [key.thumbprint, key.kid, key.now],
  );
  return count === 1;
}

/** The row as its MAC covers it, id included: a session that names a device by id must not meet another one there. */
function deviceRow(device: Device): GrantingRow {
  return {
    table: "devices",
    id: String(device.id),
    version: device.version,
    columns: {
      kid: device.kid,
      thumbprint: device.thumbprint,
      credential: device.credential,
      patient_id: device.patientId,
      invitation_id: device.invitationId,
      state: device.state,
      name: device.sealedName,
      code: device.sealedCode,
      enrolled_at: device.enrolledAt,
      confirmed_at: device.confirmedAt,
      confirmed_by: device.confirmedBy,
      ended_at: device.endedAt,
    },
  };
}

/** Takes a row of `devices` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readDevice(row: Row, keyring: Keyring): Device {
  const device: Device = {
    id: row.number("id"),
    kid: row.bytes("kid"),
    thumbprint: row.bytes("thumbprint"),
    credential: row.bytes("credential"),
    patientId: row.text("patient_id"),
    invitationId: row.number("invitation_id"),
    state: parseState(row.text("state")),
    sealedName: row.bytes("name"),
    sealedCode: row.bytesOrNull("code"),
    enrolledAt: row.number("enrolled_at"),
    confirmedAt: row.numberOrNull("confirmed_at"),
    confirmedBy: row.textOrNull("confirmed_by"),
    endedAt: row.numberOrNull("ended_at"),
    version: row.number("version"),
  };
  keyring.checkRowMac(deviceRow(device), row.bytes("mac"));
  return device;
}

async function sealCode(
  tx: Transaction,
  keyring: Keyring,
  { device, code }: { readonly device: Device; readonly code: string | null },
): Promise<Bytes | null> {
  if (code === null) return null;
  const cipher = await keyring.patientCipher(tx, device.patientId);
  return cipher.seal(deviceCell("code", device.kid), utf8(code));
}

function deviceCell(column: "name" | "code", kid: Bytes): Cell {
  return { table: "devices", column, row: toHex(kid) };
}

/** The column's CHECK allows these four; anything else fails the MAC, so what is left grants nothing. */
function parseState(state: string): BindingState {
  return state === "pending" || state === "active" || state === "revoked" ? state : "dropped";
}

function utf8(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
