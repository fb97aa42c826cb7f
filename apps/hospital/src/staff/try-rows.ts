import type { Queryable, Transaction } from "../database/index.ts";

/** How tries of one sort stand. */
export interface Tries {
  readonly failures: number;
  readonly blockedUntil: number;
  readonly lastAt: number;
  readonly knownUntil: number;
}

/** Without a try for this long, any count begins anew. */
export const FORGET_TRIES_MS = 30 * 24 * 3_600_000;

/** Locks a count, made when there is none; a row that is not there could not be locked. Always source, both, account. */
export async function lockTries(tx: Transaction, key: Uint8Array, now: number): Promise<Tries> {
  await tx.query(
    `INSERT INTO staff_tries (key_hash, failures, blocked_until, last_at, known_until)
     VALUES ($1, 0, 0, $2, 0) ON CONFLICT (key_hash) DO NOTHING`,
    [key, now],
  );
  const { rows } = await tx.query(
    `SELECT failures, blocked_until, last_at, known_until FROM staff_tries
     WHERE key_hash = $1 FOR UPDATE`,
    [key],
  );
  const [row] = rows;
  if (row === undefined) return { failures: 0, blockedUntil: 0, lastAt: now, knownUntil: 0 };
  return {
    failures: row.number("failures"),
    blockedUntil: row.number("blocked_until"),
    lastAt: row.number("last_at"),
    knownUntil: row.number("known_until"),
  };
}

/** Changes what is named of a count; where there is none, none is made. */
export async function changeTries(
  tx: Transaction,
  key: Uint8Array,
  { failures, blockedUntil, lastAt, knownUntil }: Partial<Tries>,
): Promise<void> {
  await tx.query(
    `UPDATE staff_tries SET failures = coalesce($2, failures),
       blocked_until = coalesce($3, blocked_until), last_at = coalesce($4, last_at),
       known_until = coalesce($5, known_until)
     WHERE key_hash = $1`,
    [key, failures ?? null, blockedUntil ?? null, lastAt ?? null, knownUntil ?? null],
  );
}

/** Takes counts away that would begin anew anyway. */
export async function deleteOldTries(queryable: Queryable, now: number): Promise<void> {
  await queryable.query("DELETE FROM staff_tries WHERE last_at <= $1 AND known_until <= $2", [
    now - FORGET_TRIES_MS,
    now,
  ]);
}
