import { concatBytes, equalBytes, toBase64Url, toHex, type Bytes } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Queryable, Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { bytesOf } from "./bytes-of.ts";

/** What a challenge is good for: an answer to it counts there and nowhere else. */
export interface ChallengeUse {
  readonly purpose: "key-log-in" | "log-in" | "register" | "step-up";
  /** Whose answer it must be; `null` where that is what the answer tells. */
  readonly staffId: number | null;
  /** Image of the link or session that it was made for. */
  readonly bound: Bytes | null;
}

/** How long a challenge is good (SR-03). */
export const CHALLENGE_LIFETIME_MS = 5 * 60_000;

const RANDOM_BYTES = 16;
const TIME_BYTES = 8;
const MAC_BYTES = 32;

/**
 * Makes a challenge: 16 random bytes, the time of its end, and a MAC over both and over what it is for.
 *
 * Nothing is stored, so that strangers who ask for many fill nothing; only those that were answered are remembered.
 */
export function createChallenge(
  use: ChallengeUse,
  { keyring, crypto, now }: { keyring: Keyring; crypto: NodeCrypto; now: number },
): string {
  const random = crypto.randomBytes(RANDOM_BYTES);
  const expiresAt = now + CHALLENGE_LIFETIME_MS;
  return toBase64Url(
    concatBytes(random, encodeTime(expiresAt), macOf(keyring, { use, random, expiresAt })),
  );
}

/** Whether a challenge was made here for this use and is still good. Whether it was answered before, the database knows. */
export function isChallengeFor(
  challenge: string,
  use: ChallengeUse,
  { keyring, now }: { readonly keyring: Keyring; readonly now: number },
): boolean {
  const bytes = bytesOf(challenge);
  if (bytes?.length !== RANDOM_BYTES + TIME_BYTES + MAC_BYTES) return false;
  const random = bytes.slice(0, RANDOM_BYTES);
  const expiresAt = timeOf(bytes);
  // Somebody else's bytes may say any time, also one that no number holds exactly.
  if (!Number.isSafeInteger(expiresAt)) return false;
  const mac = bytes.subarray(RANDOM_BYTES + TIME_BYTES);
  return equalBytes(macOf(keyring, { use, random, expiresAt }), mac) && now < expiresAt;
}

/** Uses up a challenge that {@link isChallengeFor} found good. @returns false when it was used before. */
export async function spendChallenge(
  tx: Transaction,
  keyring: Keyring,
  challenge: string,
): Promise<boolean> {
  const bytes = bytesOf(challenge);
  if (bytes === undefined) return false;
  const { count } = await tx.query(
    `INSERT INTO staff_spent_challenges (challenge_hash, expires_at) VALUES ($1, $2)
     ON CONFLICT (challenge_hash) DO NOTHING`,
    [keyring.blindIndex("staff-challenge", bytes), timeOf(bytes)],
  );
  return count === 1;
}

/** Forgets challenges that would be too old anyway. */
export async function deleteSpentChallenges(queryable: Queryable, now: number): Promise<void> {
  await queryable.query("DELETE FROM staff_spent_challenges WHERE expires_at <= $1", [now]);
}

function macOf(
  keyring: Keyring,
  made: { readonly use: ChallengeUse; readonly random: Bytes; readonly expiresAt: number },
): Bytes {
  const { purpose, staffId, bound } = made.use;
  return keyring.rowMac({
    table: "a challenge for staff, in no table",
    id: toHex(made.random),
    version: 1,
    columns: { purpose, staff_id: staffId, bound, expires_at: made.expiresAt },
  });
}

function encodeTime(time: number): Uint8Array {
  const bytes = new Uint8Array(TIME_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(time));
  return bytes;
}

function timeOf(challenge: Bytes): number {
  const view = new DataView(challenge.buffer, challenge.byteOffset, challenge.byteLength);
  return Number(view.getBigUint64(RANDOM_BYTES));
}
