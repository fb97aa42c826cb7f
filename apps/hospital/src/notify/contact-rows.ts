import type { Bytes } from "@siphms/cose";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import {
  isOfAlteredRow,
  KeyError,
  type Cell,
  type GrantingRow,
  type Keyring,
} from "../keys/index.ts";

/** Where somebody is told beside the console, the row's MAC checked. */
export interface ContactRow {
  readonly staffId: number;
  /** The address, sealed; null: nowhere else. {@link openAddress} opens it. */
  readonly sealed: Bytes | null;
  readonly setAt: number;
  readonly version: number;
}

/** Somebody's address as it was found; `altered`: the row is not as it was written, and nothing is sent to it. */
export type FoundAddress =
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "altered" }
  | { readonly kind: "none" };

const COLUMNS = "staff_id, sealed, set_at, version, mac";

/** Where somebody is told beside the console. */
export async function findAddress(
  queryable: Queryable,
  keyring: Keyring,
  staffId: number,
): Promise<FoundAddress> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM staff_contacts WHERE staff_id = $1`,
    [staffId],
  );
  if (rows[0] === undefined) return { kind: "none" };
  try {
    const address = openAddress(readContact(rows[0], keyring), keyring);
    return address === null ? { kind: "none" } : { kind: "address", address };
  } catch (error) {
    if (error instanceof KeyError || isOfAlteredRow(error)) return { kind: "altered" };
    throw error;
  }
}

/** Which of these people want e-mail. Whose row was altered is among them: what is not delivered is found out, who is left out is not. */
export async function findReachable(
  queryable: Queryable,
  keyring: Keyring,
  staffIds: readonly number[],
): Promise<ReadonlySet<number>> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM staff_contacts WHERE staff_id = ANY($1::bigint[])`,
    [staffIds],
  );
  const found = rows.filter((row) => wantsMail(row, keyring));
  return new Set(found.map((row) => row.number("staff_id")));
}

function wantsMail(row: Row, keyring: Keyring): boolean {
  try {
    return readContact(row, keyring).sealed !== null;
  } catch (error) {
    if (isOfAlteredRow(error)) return true;
    throw error;
  }
}

/** Sets somebody's address, in place of whatever stands there. @returns the row's new version. */
export async function storeAddress(
  tx: Transaction,
  keyring: Keyring,
  set: { readonly staffId: number; readonly address: string | null; readonly at: number },
): Promise<number> {
  const { staffId, address, at } = set;
  const { rows } = await tx.query(
    "SELECT version FROM staff_contacts WHERE staff_id = $1 FOR UPDATE",
    [staffId],
  );
  const contact: ContactRow = {
    staffId,
    sealed:
      address === null
        ? null
        : keyring.sealCell(cellOf(staffId), new TextEncoder().encode(address)),
    setAt: at,
    version: (rows[0]?.number("version") ?? 0) + 1,
  };
  await tx.query(
    `INSERT INTO staff_contacts (${COLUMNS}) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (staff_id) DO UPDATE
     SET sealed = EXCLUDED.sealed, set_at = EXCLUDED.set_at, version = EXCLUDED.version, mac = EXCLUDED.mac`,
    [
      contact.staffId,
      contact.sealed,
      contact.setAt,
      contact.version,
      keyring.rowMac(contactRow(contact)),
    ],
  );
  return contact.version;
}

/** Takes a row of `staff_contacts` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readContact(row: Row, keyring: Keyring): ContactRow {
  const contact: ContactRow = {
    staffId: row.number("staff_id"),
    sealed: row.bytesOrNull("sealed"),
    setAt: row.number("set_at"),
    version: row.number("version"),
  };
  keyring.checkRowMac(contactRow(contact), row.bytes("mac"));
  return contact;
}

/** The address; null where there is none. @throws {KeyError} `CELL_UNAUTHENTIC` */
export function openAddress({ staffId, sealed }: ContactRow, keyring: Keyring): string | null {
  if (sealed === null) return null;
  return new TextDecoder("utf-8", { fatal: true }).decode(
    keyring.openCell(cellOf(staffId), sealed),
  );
}

function cellOf(staffId: number): Cell {
  return { table: "staff_contacts", column: "sealed", row: String(staffId) };
}

function contactRow({ staffId, sealed, setAt, version }: ContactRow): GrantingRow {
  return {
    table: "staff_contacts",
    id: String(staffId),
    version,
    columns: { sealed, set_at: setAt },
  };
}
