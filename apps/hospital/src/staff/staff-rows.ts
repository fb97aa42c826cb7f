import type { Role } from "@siphms/api";
import { auditNameOfStaff } from "../audit/index.ts";
import { nextId, type Queryable, type Row, type Transaction } from "../database/index.ts";
import { KeyError, takeGenuine, type GrantingRow, type Keyring } from "../keys/index.ts";

/** A member of staff, the row's MAC checked. */
export interface Staff {
  readonly id: number;
  readonly name: string;
  readonly role: Role;
  readonly state: "active" | "disabled";
  readonly createdAt: number;
  readonly version: number;
}

const COLUMNS = "id, name, role, state, created_at, version, mac";

/** Finds a member of staff by number. @throws {KeyError} `ROW_ALTERED` */
export async function findStaffById(
  queryable: Queryable,
  keyring: Keyring,
  id: number,
): Promise<Staff | undefined> {
  const { rows } = await queryable.query(`SELECT ${COLUMNS} FROM staff WHERE id = $1`, [id]);
  return rows[0] === undefined ? undefined : readStaff(rows[0], keyring);
}

/** Finds a member of staff by name, whatever its case. @throws {KeyError} `ROW_ALTERED` */
export async function findStaffByName(
  queryable: Queryable,
  keyring: Keyring,
  name: string,
): Promise<Staff | undefined> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM staff WHERE lower(name) = lower($1)`,
    [name],
  );
  return rows[0] === undefined ? undefined : readStaff(rows[0], keyring);
}

/**
 * Takes the case out of a name as {@link findStaffByName} does. JavaScript folds some letters in another way (İ, ς): what goes
 * by a name, and is folded there, would take one account for several.
 */
export async function foldName(queryable: Queryable, name: string): Promise<string> {
  const { rows } = await queryable.query("SELECT lower($1::text) AS folded", [name]);
  return rows[0]?.text("folded") ?? name;
}

/** Everybody, in order of number; altered rows left out, so that one of them does not stop what only wants names. */
export async function listStaff(queryable: Queryable, keyring: Keyring): Promise<readonly Staff[]> {
  const { rows } = await queryable.query(`SELECT ${COLUMNS} FROM staff ORDER BY id`);
  return takeGenuine(rows, (row) => readStaff(row, keyring)).rows;
}

/** Names of staff by how the audit log names them, for showing who did something. */
export async function readStaffNames(
  queryable: Queryable,
  keyring: Keyring,
): Promise<ReadonlyMap<string, string>> {
  const staff = await listStaff(queryable, keyring);
  return new Map(staff.map(({ id, name }) => [auditNameOfStaff(id), name]));
}

/** Adds a member of staff. */
export async function insertStaff(
  tx: Transaction,
  keyring: Keyring,
  staff: { readonly name: string; readonly role: Role; readonly createdAt: number },
): Promise<Staff> {
  const id = await nextId(tx, "staff");
  const stored: Staff = { ...staff, id, state: "active", version: 1 };
  await tx.query(`INSERT INTO staff (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)`, [
    stored.id,
    stored.name,
    stored.role,
    stored.state,
    stored.createdAt,
    stored.version,
    keyring.rowMac(staffRow(stored)),
  ]);
  return stored;
}

/**
 * Changes an account that was read in this transaction: its role, or that it is disabled.
 *
 * @returns the account as it is now; `undefined` when the row has changed meanwhile.
 */
export async function updateStaff(
  tx: Transaction,
  keyring: Keyring,
  {
    staff,
    change,
  }: { readonly staff: Staff; readonly change: Partial<Pick<Staff, "role" | "state">> },
): Promise<Staff | undefined> {
  const changed: Staff = { ...staff, ...change, version: staff.version + 1 };
  const { count } = await tx.query(
    "UPDATE staff SET role = $3, state = $4, version = $5, mac = $6 WHERE id = $1 AND version = $2",
    [
      staff.id,
      staff.version,
      changed.role,
      changed.state,
      changed.version,
      keyring.rowMac(staffRow(changed)),
    ],
  );
  return count === 1 ? changed : undefined;
}

/** The row as its MAC covers it. */
function staffRow(staff: Staff): GrantingRow {
  return {
    table: "staff",
    id: String(staff.id),
    version: staff.version,
    columns: {
      name: staff.name,
      role: staff.role,
      state: staff.state,
      created_at: staff.createdAt,
    },
  };
}

/** Takes a row of `staff` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readStaff(row: Row, keyring: Keyring): Staff {
  const staff: Staff = {
    id: row.number("id"),
    name: row.text("name"),
    role: parseRole(row.text("role")),
    state: row.text("state") === "active" ? "active" : "disabled",
    createdAt: row.number("created_at"),
    version: row.number("version"),
  };
  keyring.checkRowMac(staffRow(staff), row.bytes("mac"));
  return staff;
}

function parseRole(role: string): Role {
  switch (role) {
    case "doctor":
    case "nurse":
    case "administrator":
    case "privacy-officer":
    case "integration":
      return role;
    default:
      throw new KeyError("ROW_ALTERED", "a member of staff has an unknown role");
  }
}
