import type { Bytes } from "@siphms/cose";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import type { Cell, GrantingRow, Keyring } from "../keys/index.ts";

/** A member of staff's TOTP secret as stored, opened. */
export interface StaffTotp {
  readonly staffId: number;
  readonly secret: Bytes;
  /** The time step of the last code that was taken. */
  readonly lastStep: number;
  readonly createdAt: number;
  readonly version: number;
  readonly sealed: Bytes;
}

const COLUMNS = "staff_id, sealed, last_step, created_at, version, mac";

const OF_STAFF = `SELECT ${COLUMNS} FROM staff_totp WHERE staff_id = $1`;

/** Finds somebody's secret and locks it, so that of two uses of one code one comes first. @throws {KeyError} */
export async function lockTotp(
  tx: Transaction,
  keyring: Keyring,
  staffId: number,
): Promise<StaffTotp | undefined> {
  const { rows } = await tx.query(`${OF_STAFF} FOR UPDATE`, [staffId]);
  return rows[0] === undefined ? undefined : readTotp(rows[0], keyring);
}

/** Finds somebody's secret, where nothing can be locked. @throws {KeyError} */
export async function findTotp(
  queryable: Queryable,
  keyring: Keyring,
  staffId: number,
): Promise<StaffTotp | undefined> {
  const { rows } = await queryable.query(OF_STAFF, [staffId]);
  return rows[0] === undefined ? undefined : readTotp(rows[0], keyring);
}

/** Whether somebody has a TOTP secret. */
export async function hasTotp(queryable: Queryable, staffId: number): Promise<boolean> {
  const { rows } = await queryable.query("SELECT 1 AS one FROM staff_totp WHERE staff_id = $1", [
    staffId,
  ]);
  return rows.length === 1;
}

/** Stores a secret in place of the one before. @param totp.lastStep - The step of the code that proved it. */
export async function storeTotp(
  tx: Transaction,
  keyring: Keyring,
  totp: Pick<StaffTotp, "createdAt" | "lastStep" | "secret" | "staffId">,
): Promise<void> {
  const known = await lockTotp(tx, keyring, totp.staffId);
  const sealed = keyring.sealCell(totpCell(totp.staffId), totp.secret);
  const stored: StaffTotp = { ...totp, sealed, version: (known?.version ?? 0) + 1 };
  await tx.query(
    `INSERT INTO staff_totp (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (staff_id) DO UPDATE SET sealed = excluded.sealed, last_step = excluded.last_step,
       created_at = excluded.created_at, version = excluded.version, mac = excluded.mac`,
    [
      stored.staffId,
      stored.sealed,
      stored.lastStep,
      stored.createdAt,
      stored.version,
      keyring.rowMac(totpRow(stored)),
    ],
  );
}

/** Notes the step of a code that was taken, in a row that {@link lockTotp} found. */
export async function markStepUsed(
  tx: Transaction,
  keyring: Keyring,
  { totp, step }: { readonly totp: StaffTotp; readonly step: number },
): Promise<void> {
  const used: StaffTotp = { ...totp, lastStep: step, version: totp.version + 1 };
  await tx.query(
    "UPDATE staff_totp SET last_step = $2, version = $3, mac = $4 WHERE staff_id = $1",
    [used.staffId, used.lastStep, used.version, keyring.rowMac(totpRow(used))],
  );
}

function totpCell(staffId: number): Cell {
  return { table: "staff_totp", column: "sealed", row: String(staffId) };
}

/** The row as its MAC covers it. */
function totpRow(totp: Omit<StaffTotp, "secret">): GrantingRow {
  return {
    table: "staff_totp",
    id: String(totp.staffId),
    version: totp.version,
    columns: { sealed: totp.sealed, last_step: totp.lastStep, created_at: totp.createdAt },
  };
}

/** Takes a row of `staff_totp` with all its columns. @throws {KeyError} `ROW_ALTERED`, `CELL_UNAUTHENTIC` */
export function readTotp(row: Row, keyring: Keyring): StaffTotp {
  const stored = {
    staffId: row.number("staff_id"),
    sealed: row.bytes("sealed"),
    lastStep: row.number("last_step"),
    createdAt: row.number("created_at"),
    version: row.number("version"),
  };
  keyring.checkRowMac(totpRow(stored), row.bytes("mac"));
  return { ...stored, secret: keyring.openCell(totpCell(stored.staffId), stored.sealed) };
}
