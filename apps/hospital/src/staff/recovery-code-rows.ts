import { toHex, type Bytes } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import type { GrantingRow, Keyring } from "../keys/index.ts";

/** A recovery code as stored: everything but the code. */
export interface StaffRecoveryCode {
  readonly codeHash: Bytes;
  readonly staffId: number;
  readonly createdAt: number;
  readonly usedAt: number | null;
  readonly version: number;
}

const COLUMNS = "code_hash, staff_id, created_at, used_at, version, mac";
const CODES = 10;
/** 80 bits each, so that a keyed image is enough to store: no one guesses that (NIST SP 800-63B, look-up secrets). */
const CODE_CHARACTERS = 16;
/** RFC 4648 §6, in lower case. */
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** Makes somebody's recovery codes in place of those before. They are shown once: only their images are stored. */
export async function renewRecoveryCodes(
  tx: Transaction,
  { keyring, crypto }: { readonly keyring: Keyring; readonly crypto: NodeCrypto },
  { staffId, now }: { readonly staffId: number; readonly now: number },
): Promise<readonly string[]> {
  await deleteRecoveryCodes(tx, staffId);
  const codes = Array.from({ length: CODES }, () => createCode(crypto));
  for (const code of codes) {
    const codeHash = hashOf(keyring, { staffId, code });
    const stored = { codeHash, staffId, createdAt: now, usedAt: null, version: 1 };
    await tx.query(
      `INSERT INTO staff_recovery_codes (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)`,
      [codeHash, staffId, now, null, 1, keyring.rowMac(recoveryCodeRow(stored))],
    );
  }
  return codes;
}

/** Uses up one of somebody's recovery codes. @returns false where there is none like it, or it was used before. */
export async function takeRecoveryCode(
  tx: Transaction,
  keyring: Keyring,
  use: { readonly staffId: number; readonly code: string; readonly now: number },
): Promise<boolean> {
  const { rows } = await tx.query(
    `SELECT ${COLUMNS} FROM staff_recovery_codes WHERE code_hash = $1 FOR UPDATE`,
    [hashOf(keyring, use)],
  );
  if (rows[0] === undefined) return false;
  const found = readRecoveryCode(rows[0], keyring);
  if (found.usedAt !== null || found.staffId !== use.staffId) return false;
  const used: StaffRecoveryCode = { ...found, usedAt: use.now, version: found.version + 1 };
  await tx.query(
    "UPDATE staff_recovery_codes SET used_at = $2, version = $3, mac = $4 WHERE code_hash = $1",
    [used.codeHash, used.usedAt, used.version, keyring.rowMac(recoveryCodeRow(used))],
  );
  return true;
}

/** How many codes somebody has left. */
export async function countRecoveryCodes(queryable: Queryable, staffId: number): Promise<number> {
  const { rows } = await queryable.query(
    "SELECT count(*) AS count FROM staff_recovery_codes WHERE staff_id = $1 AND used_at IS NULL",
    [staffId],
  );
  return rows[0]?.number("count") ?? 0;
}

/** Takes all of somebody's codes away, the used ones too. */
async function deleteRecoveryCodes(tx: Transaction, staffId: number): Promise<void> {
  await tx.query("DELETE FROM staff_recovery_codes WHERE staff_id = $1", [staffId]);
}

function createCode(crypto: NodeCrypto): string {
  // 256 is a multiple of 32: every letter is as likely as any other.
  const letters = Array.from(crypto.randomBytes(CODE_CHARACTERS), (byte) =>
    ALPHABET.charAt(byte % ALPHABET.length),
  ).join("");
  return letters.replace(/(.{4})(?=.)/g, "$1-");
}

/** With whose it is: the same letters are another code for somebody else. */
function hashOf(keyring: Keyring, of: { readonly staffId: number; readonly code: string }): Bytes {
  return keyring.blindIndex("staff-recovery-code", `${String(of.staffId)}:${of.code}`);
}

/** The row as its MAC covers it. */
function recoveryCodeRow(code: StaffRecoveryCode): GrantingRow {
  return {
    table: "staff_recovery_codes",
    id: toHex(code.codeHash),
    version: code.version,
    columns: { staff_id: code.staffId, created_at: code.createdAt, used_at: code.usedAt },
  };
}

/** Takes a row of `staff_recovery_codes` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readRecoveryCode(row: Row, keyring: Keyring): StaffRecoveryCode {
  const code: StaffRecoveryCode = {
    codeHash: row.bytes("code_hash"),
    staffId: row.number("staff_id"),
    createdAt: row.number("created_at"),
    usedAt: row.numberOrNull("used_at"),
    version: row.number("version"),
  };
  keyring.checkRowMac(recoveryCodeRow(code), row.bytes("mac"));
  return code;
}
