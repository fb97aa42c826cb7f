import type { Bytes } from "@siphms/cose";
import {
  ConflictError,
  nextId,
  type Queryable,
  type Row,
  type Transaction,
} from "../database/index.ts";
import type { GrantingRow, Keyring } from "../keys/index.ts";

/** An invitation as stored, its MAC checked: everything but its token. */
export interface StoredInvitation {
  readonly id: number;
  readonly tokenHash: Bytes;
  readonly patientId: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly handedOver: "in-person" | "link";
  readonly expiresAt: number;
  readonly redeemedAt: number | null;
  /** How many message_4 have answered its token: at most 3 (protocol section 4). */
  readonly codesShown: number;
  readonly voidAt: number | null;
  readonly version: number;
}

/** What an invitation is made of. */
export interface NewInvitation {
  readonly token: Bytes;
  readonly patientId: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly handedOver: "in-person" | "link";
  readonly expiresAt: number;
}

/** What may change in an invitation. */
export interface InvitationChange {
  readonly redeemedAt?: number;
  readonly codesShown?: number;
  readonly voidAt?: number;
}

const COLUMNS = `id, token_hash, patient_id, created_at, created_by, handed_over, expires_at,
  redeemed_at, codes_shown, void_at, version, mac`;

/**
 * Finds an invitation by its token and locks it until the transaction ends, so that of two redemptions one comes first.
 *
 * @throws {KeyError} `ROW_ALTERED`
 */
export async function lockInvitationByToken(
  tx: Transaction,
  keyring: Keyring,
  token: Uint8Array,
): Promise<StoredInvitation | undefined> {
  const { rows } = await tx.query(
    `SELECT ${COLUMNS} FROM invitations WHERE token_hash = $1 FOR UPDATE`,
    [keyring.blindIndex("invitation-token", token)],
  );
  return rows[0] === undefined ? undefined : readInvitation(rows[0], keyring);
}

/** Finds an invitation by its number. @throws {KeyError} `ROW_ALTERED` */
export async function findInvitation(
  queryable: Queryable,
  keyring: Keyring,
  id: number,
): Promise<StoredInvitation | undefined> {
  const { rows } = await queryable.query(`SELECT ${COLUMNS} FROM invitations WHERE id = $1`, [id]);
  return rows[0] === undefined ? undefined : readInvitation(rows[0], keyring);
}

/**
 * Until when somebody can still redeem an invitation of a patient, ms, by patient; of several the last.
 *
 * @throws {KeyError} `ROW_ALTERED`
 */
export async function readOpenInvitations(
  queryable: Queryable,
  keyring: Keyring,
  { patientIds, now }: { readonly patientIds: readonly string[]; readonly now: number },
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM invitations WHERE patient_id = ANY($1::uuid[]) AND redeemed_at IS NULL
       AND void_at IS NULL AND expires_at > $2 ORDER BY expires_at`,
    [patientIds, now],
  );
  const open = rows.map((row) => readInvitation(row, keyring));
  return new Map(open.map(({ patientId, expiresAt }) => [patientId, expiresAt]));
}

/** Stores a new invitation; of the token only a keyed hash. */
export async function insertInvitation(
  tx: Transaction,
  keyring: Keyring,
  invitation: NewInvitation,
): Promise<StoredInvitation> {
  const { token, ...rest } = invitation;
  const stored: StoredInvitation = {
    ...rest,
    id: await nextId(tx, "invitations"),
    tokenHash: keyring.blindIndex("invitation-token", token),
    redeemedAt: null,
    codesShown: 0,
    voidAt: null,
    version: 1,
  };
  await tx.query(
    `INSERT INTO invitations (${COLUMNS})
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      stored.id,
      stored.tokenHash,
      stored.patientId,
      stored.createdAt,
      stored.createdBy,
      stored.handedOver,
      stored.expiresAt,
      stored.redeemedAt,
      stored.codesShown,
      stored.voidAt,
      stored.version,
      keyring.rowMac(invitationRow(stored)),
    ],
  );
  return stored;
}

/**
 * Changes an invitation that was read before.
 *
 * @throws {ConflictError} `ROW_CHANGED` when it is no longer as it was read.
 */
export async function changeInvitation(
  tx: Transaction,
  keyring: Keyring,
  input: { readonly invitation: StoredInvitation; readonly change: InvitationChange },
): Promise<StoredInvitation> {
  const { invitation, change } = input;
  const changed: StoredInvitation = { ...invitation, ...change, version: invitation.version + 1 };
  const { count } = await tx.query(
    `UPDATE invitations SET redeemed_at = $3, codes_shown = $4, void_at = $5, version = $6, mac = $7
     WHERE id = $1 AND version = $2`,
    [
      invitation.id,
      invitation.version,
      changed.redeemedAt,
      changed.codesShown,
      changed.voidAt,
      changed.version,
      keyring.rowMac(invitationRow(changed)),
    ],
  );
  if (count !== 1) throw new ConflictError("the invitation has changed meanwhile");
  return changed;
}

/** The row as its MAC covers it, id included: bindings name their invitation by it. */
function invitationRow(invitation: StoredInvitation): GrantingRow {
  return {
    table: "invitations",
    id: String(invitation.id),
    version: invitation.version,
    columns: {
      token_hash: invitation.tokenHash,
      patient_id: invitation.patientId,
      created_at: invitation.createdAt,
      created_by: invitation.createdBy,
      handed_over: invitation.handedOver,
      expires_at: invitation.expiresAt,
      redeemed_at: invitation.redeemedAt,
      codes_shown: invitation.codesShown,
      void_at: invitation.voidAt,
    },
  };
}

/** Takes a row of `invitations` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readInvitation(row: Row, keyring: Keyring): StoredInvitation {
  const invitation: StoredInvitation = {
    id: row.number("id"),
    tokenHash: row.bytes("token_hash"),
    patientId: row.text("patient_id"),
    createdAt: row.number("created_at"),
    createdBy: row.text("created_by"),
    handedOver: row.text("handed_over") === "in-person" ? "in-person" : "link",
    expiresAt: row.number("expires_at"),
    redeemedAt: row.numberOrNull("redeemed_at"),
    codesShown: row.number("codes_shown"),
    voidAt: row.numberOrNull("void_at"),
    version: row.number("version"),
  };
  keyring.checkRowMac(invitationRow(invitation), row.bytes("mac"));
  return invitation;
}
