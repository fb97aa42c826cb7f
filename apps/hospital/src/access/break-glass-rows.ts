import type { ReviewVerdict } from "@siphms/api";
import type { Bytes } from "@siphms/cose";
import { nextId, type Queryable, type Row, type Transaction } from "../database/index.ts";
import {
  KeyError,
  takeGenuine,
  type Cell,
  type GenuineRows,
  type GrantingRow,
  type Keyring,
} from "../keys/index.ts";

/** How a review was closed. */
export interface Review {
  readonly at: number;
  readonly by: number;
  readonly verdict: ReviewVerdict;
  /** Sealed. */
  readonly note: Bytes;
}

/** One access in an emergency with its review, the row's MAC checked. */
export interface BreakGlass {
  readonly id: number;
  readonly staffId: number;
  readonly patientId: string;
  /** Sealed: open it with {@link openBreakGlassText}. */
  readonly reason: Bytes;
  readonly beganAt: number;
  readonly endsAt: number;
  /** Null while the review is open. */
  readonly review: Review | null;
  readonly version: number;
}

/** What an access begins with. */
export interface NewBreakGlass {
  readonly staffId: number;
  readonly patientId: string;
  readonly reason: string;
  readonly beganAt: number;
  readonly endsAt: number;
}

const COLUMNS = `id, staff_id, patient_id, reason, began_at, ends_at, reviewed_at, reviewed_by, verdict, note,
  version, mac`;

/** Stores a new access; its review is open. */
export async function insertBreakGlass(
  tx: Transaction,
  keyring: Keyring,
  access: NewBreakGlass,
): Promise<BreakGlass> {
  const id = await nextId(tx, "break_glass");
  const cipher = await keyring.patientCipher(tx, access.patientId);
  const reason = cipher.seal(cellOf("reason", id), utf8(access.reason));
  const stored: BreakGlass = { ...access, id, reason, review: null, version: 1 };
  await tx.query(
    `INSERT INTO break_glass (id, staff_id, patient_id, reason, began_at, ends_at, version, mac)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      stored.id,
      stored.staffId,
      stored.patientId,
      stored.reason,
      stored.beganAt,
      stored.endsAt,
      stored.version,
      keyring.rowMac(breakGlassRow(stored)),
    ],
  );
  return stored;
}

/** The accesses that one person has at this moment, to one patient or to all; altered ones left out. */
export async function findBreakGlassOf(
  queryable: Queryable,
  keyring: Keyring,
  wanted: { readonly staffId: number; readonly patientId?: string; readonly now: number },
): Promise<readonly BreakGlass[]> {
  const { staffId, patientId, now } = wanted;
  const { rows } =
    patientId === undefined
      ? await queryable.query(
          `SELECT ${COLUMNS} FROM break_glass
           WHERE staff_id = $1 AND began_at <= $2 AND ends_at > $2`,
          [staffId, now],
        )
      : await queryable.query(
          `SELECT ${COLUMNS} FROM break_glass
           WHERE staff_id = $1 AND began_at <= $2 AND ends_at > $2 AND patient_id = $3`,
          [staffId, now, patientId],
        );
  return takeGenuine(rows, (row) => readBreakGlass(row, keyring)).rows;
}

/** Open reviews, oldest first, then the newest closed ones. What could not be believed is counted. */
export async function listBreakGlass(
  queryable: Queryable,
  keyring: Keyring,
  limit: number,
): Promise<GenuineRows<BreakGlass>> {
  const { rows } = await queryable.query(
    `SELECT ${COLUMNS} FROM break_glass
     ORDER BY reviewed_at IS NOT NULL, CASE WHEN reviewed_at IS NULL THEN id ELSE -id END LIMIT $1`,
    [limit],
  );
  return takeGenuine(rows, (row) => readBreakGlass(row, keyring));
}

/** How many reviews nobody has closed yet. */
export async function countOpenReviews(queryable: Queryable): Promise<number> {
  const { rows } = await queryable.query(
    "SELECT count(*) AS count FROM break_glass WHERE reviewed_at IS NULL",
  );
  return rows[0]?.number("count") ?? 0;
}

/** Finds one access and locks it, so that of two verdicts one comes first. @throws {KeyError} `ROW_ALTERED` */
export async function lockBreakGlass(
  tx: Transaction,
  keyring: Keyring,
  id: number,
): Promise<BreakGlass | undefined> {
  const { rows } = await tx.query(`SELECT ${COLUMNS} FROM break_glass WHERE id = $1 FOR UPDATE`, [
    id,
  ]);
  return rows[0] === undefined ? undefined : readBreakGlass(rows[0], keyring);
}

/** Closes the review of an access that {@link lockBreakGlass} found. */
export async function closeReviewRow(
  tx: Transaction,
  keyring: Keyring,
  closed: {
    readonly access: BreakGlass;
    readonly review: Omit<Review, "note"> & { readonly note: string };
  },
): Promise<void> {
  const { access, review } = closed;
  const cipher = await keyring.patientCipher(tx, access.patientId);
  const note = cipher.seal(cellOf("note", access.id), utf8(review.note));
  const stored: BreakGlass = {
    ...access,
    review: { ...review, note },
    version: access.version + 1,
  };
  await tx.query(
    `UPDATE break_glass SET reviewed_at = $2, reviewed_by = $3, verdict = $4, note = $5,
       version = $6, mac = $7 WHERE id = $1`,
    [
      stored.id,
      review.at,
      review.by,
      review.verdict,
      note,
      stored.version,
      keyring.rowMac(breakGlassRow(stored)),
    ],
  );
}

/** Opens the reason of an access, or the note of its review. @throws {KeyError} `CELL_UNAUTHENTIC`, `PATIENT_KEY_MISSING` */
export async function openBreakGlassText(
  queryable: Queryable,
  keyring: Keyring,
  text: { readonly access: BreakGlass; readonly column: "note" | "reason" },
): Promise<string | undefined> {
  const { access, column } = text;
  const sealed = column === "reason" ? access.reason : access.review?.note;
  if (sealed === undefined) return undefined;
  const cipher = await keyring.patientCipher(queryable, access.patientId);
  return new TextDecoder().decode(cipher.open(cellOf(column, access.id), sealed));
}

/** Takes a row of `break_glass` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readBreakGlass(row: Row, keyring: Keyring): BreakGlass {
  const access: BreakGlass = {
    id: row.number("id"),
    staffId: row.number("staff_id"),
    patientId: row.text("patient_id"),
    reason: row.bytes("reason"),
    beganAt: row.number("began_at"),
    endsAt: row.number("ends_at"),
    review: readReview(row),
    version: row.number("version"),
  };
  keyring.checkRowMac(breakGlassRow(access), row.bytes("mac"));
  return access;
}

function readReview(row: Row): Review | null {
  const at = row.numberOrNull("reviewed_at");
  const by = row.numberOrNull("reviewed_by");
  const verdict = row.textOrNull("verdict");
  const note = row.bytesOrNull("note");
  if (at === null || by === null || verdict === null || note === null) return null;
  if (verdict !== "justified" && verdict !== "not-justified") {
    throw new KeyError("ROW_ALTERED", "a review has an unknown verdict");
  }
  return { at, by, verdict, note };
}

/** The row as its MAC covers it. */
function breakGlassRow({ review, ...access }: BreakGlass): GrantingRow {
  return {
    table: "break_glass",
    id: String(access.id),
    version: access.version,
    columns: {
      staff_id: access.staffId,
      patient_id: access.patientId,
      reason: access.reason,
      began_at: access.beganAt,
      ends_at: access.endsAt,
      reviewed_at: review?.at ?? null,
      reviewed_by: review?.by ?? null,
      verdict: review?.verdict ?? null,
      note: review?.note ?? null,
    },
  };
}

function cellOf(column: "note" | "reason", id: number): Cell {
  return { table: "break_glass", column, row: String(id) };
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
