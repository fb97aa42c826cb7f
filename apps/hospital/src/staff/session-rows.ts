import { toHex, type Bytes } from "@siphms/cose";
import type { Queryable, Row } from "../database/index.ts";
import { KeyError, type GrantingRow, type Keyring } from "../keys/index.ts";

/** A session of a browser or of the command line as stored: everything but the token that opens it. */
export interface StaffSessionRow {
  readonly idHash: Bytes;
  readonly staffId: number;
  readonly createdAt: number;
  readonly lastActiveAt: number;
  readonly expiresAt: number;
  /** When both factors were last proved: at log-in or step-up. */
  readonly provedAt: number;
  readonly method: SessionMethod;
  readonly version: number;
}

/** How somebody proved who they are. `demo-link`: not at all; demo installations only. `key`: a machine. */
export type SessionMethod = "demo-link" | "key" | "passkey" | "password";

const COLUMNS =
  "id_hash, staff_id, created_at, last_active_at, expires_at, proved_at, method, version, mac";

/** Stores a new session. */
export async function insertStaffSession(
  queryable: Queryable,
  keyring: Keyring,
  session: Omit<StaffSessionRow, "version">,
): Promise<void> {
  const stored: StaffSessionRow = { ...session, version: 1 };
  await queryable.query(
    `INSERT INTO staff_sessions (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      stored.idHash,
      stored.staffId,
      stored.createdAt,
      stored.lastActiveAt,
      stored.expiresAt,
      stored.provedAt,
      stored.method,
      stored.version,
      keyring.rowMac(sessionRow(stored)),
    ],
  );
}

/** Finds a session. @throws {KeyError} `ROW_ALTERED` */
export async function findStaffSession(
  queryable: Queryable,
  keyring: Keyring,
  idHash: Uint8Array,
): Promise<StaffSessionRow | undefined> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM staff_sessions WHERE id_hash = $1`,
    [idHash],
  );
  return rows[0] === undefined ? undefined : readStaffSession(rows[0], keyring);
}

/** Notes activity. Where another request has noted it meanwhile, that one stands. */
export async function touchStaffSession(
  queryable: Queryable,
  keyring: Keyring,
  { session, now }: { readonly session: StaffSessionRow; readonly now: number },
): Promise<void> {
  const touched: StaffSessionRow = { ...session, lastActiveAt: now, version: session.version + 1 };
  await queryable.query(
    `UPDATE staff_sessions SET last_active_at = $3, version = $4, mac = $5
     WHERE id_hash = $1 AND version = $2`,
    [
      session.idHash,
      session.version,
      touched.lastActiveAt,
      touched.version,
      keyring.rowMac(sessionRow(touched)),
    ],
  );
}

/** Ends one session; true when there was one. */
export async function deleteStaffSession(
  queryable: Queryable,
  idHash: Uint8Array,
): Promise<boolean> {
  const { count } = await queryable.query("DELETE FROM staff_sessions WHERE id_hash = $1", [
    idHash,
  ]);
  return count === 1;
}

/** Ends every session of one member of staff, and takes the links away that would open another. */
export async function deleteAccessOf(queryable: Queryable, staffId: number): Promise<void> {
  await queryable.query("DELETE FROM staff_sessions WHERE staff_id = $1", [staffId]);
  await queryable.query("DELETE FROM staff_links WHERE staff_id = $1", [staffId]);
}

/** Ends every session of everybody, and takes away every link that would open one. */
export async function deleteAllAccess(queryable: Queryable): Promise<void> {
  await queryable.query("DELETE FROM staff_sessions");
  await queryable.query("DELETE FROM staff_links");
}

/** Ends somebody's sessions but one. */
export async function deleteOtherSessions(
  queryable: Queryable,
  { staffId, kept }: { readonly staffId: number; readonly kept: Uint8Array },
): Promise<void> {
  await queryable.query("DELETE FROM staff_sessions WHERE staff_id = $1 AND id_hash <> $2", [
    staffId,
    kept,
  ]);
}

/** Takes away what can no longer open anything: sessions past their absolute end, links past theirs. */
export async function deleteExpired(queryable: Queryable, now: number): Promise<void> {
  await queryable.query("DELETE FROM staff_sessions WHERE expires_at <= $1", [now]);
  await queryable.query("DELETE FROM staff_links WHERE expires_at <= $1", [now]);
}

/** The row as its MAC covers it. */
function sessionRow(session: StaffSessionRow): GrantingRow {
  return {
    table: "staff_sessions",
    id: toHex(session.idHash),
    version: session.version,
    columns: {
      staff_id: session.staffId,
      created_at: session.createdAt,
      last_active_at: session.lastActiveAt,
      expires_at: session.expiresAt,
      proved_at: session.provedAt,
      method: session.method,
    },
  };
}

/** Takes a row of `staff_sessions` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readStaffSession(row: Row, keyring: Keyring): StaffSessionRow {
  const session: StaffSessionRow = {
    idHash: row.bytes("id_hash"),
    staffId: row.number("staff_id"),
    createdAt: row.number("created_at"),
    lastActiveAt: row.number("last_active_at"),
    expiresAt: row.number("expires_at"),
    provedAt: row.number("proved_at"),
    method: parseMethod(row.text("method")),
    version: row.number("version"),
  };
  keyring.checkRowMac(sessionRow(session), row.bytes("mac"));
  return session;
}

function parseMethod(method: string): SessionMethod {
  switch (method) {
    case "demo-link":
    case "key":
    case "passkey":
    case "password":
      return method;
    default:
      throw new KeyError("ROW_ALTERED", "a session was opened in an unknown way");
  }
}
