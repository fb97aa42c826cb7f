import type { Bytes } from "@siphms/cose";
import type { Queryable, Row, Transaction } from "../database/index.ts";
import { isOfAlteredRow, type Cell, type GrantingRow, type Keyring } from "../keys/index.ts";

/** That a week's activity was looked through, the row's MAC checked. */
export interface WeekReview {
  readonly week: string;
  /** A later one was written because the one before it had been altered. */
  readonly version: number;
  readonly at: number;
  /** As the audit log names them. */
  readonly by: string;
  /** How many people stood out then. */
  readonly standingOut: number;
  /** Sealed; {@link openReviewNote} opens it. */
  readonly note: Bytes;
}

/** What is known of a week's review: the newest row counts, and `altered` says that it cannot be believed. */
export type KnownReview =
  | { readonly kind: "altered"; readonly version: number }
  | { readonly kind: "reviewed"; readonly review: WeekReview };

const COLUMNS = "week, version, reviewed_at, reviewed_by, standing_out, note, mac";

/** The reviews of these weeks, by week. */
export async function findReviews(
  queryable: Queryable,
  keyring: Keyring,
  weeks: readonly string[],
): Promise<ReadonlyMap<string, KnownReview>> {
  const { rows } = await queryable.query(
    `SELECT DISTINCT ON (week) ${COLUMNS} FROM activity_reviews WHERE week = ANY($1::text[])
     ORDER BY week, version DESC`,
    [weeks],
  );
  return new Map(rows.map((row) => [row.text("week"), knownOf(row, keyring)]));
}

/** Adds a review. @returns false where somebody else has added it meanwhile. */
export async function insertReview(
  tx: Transaction,
  keyring: Keyring,
  review: Omit<WeekReview, "note"> & { readonly note: string },
): Promise<boolean> {
  const note = keyring.sealCell(noteCell(review), new TextEncoder().encode(review.note));
  const stored: WeekReview = { ...review, note };
  const { count } = await tx.query(
    `INSERT INTO activity_reviews (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (week, version) DO NOTHING`,
    [
      stored.week,
      stored.version,
      stored.at,
      stored.by,
      stored.standingOut,
      stored.note,
      keyring.rowMac(reviewRow(stored)),
    ],
  );
  return count === 1;
}

/** Takes a row of `activity_reviews` with all its columns. @throws {KeyError} `ROW_ALTERED` */
export function readReview(row: Row, keyring: Keyring): WeekReview {
  const review: WeekReview = {
    week: row.text("week"),
    version: row.number("version"),
    at: row.number("reviewed_at"),
    by: row.text("reviewed_by"),
    standingOut: row.number("standing_out"),
    note: row.bytes("note"),
  };
  keyring.checkRowMac(reviewRow(review), row.bytes("mac"));
  return review;
}

/** What was written about the week. @throws {KeyError} `CELL_UNAUTHENTIC` */
export function openReviewNote(review: WeekReview, keyring: Keyring): string {
  const note = keyring.openCell(noteCell(review), review.note);
  return new TextDecoder("utf-8", { fatal: true }).decode(note);
}

/** How findings and the audit log name a week. */
export function auditNameOfWeek(week: string): string {
  return `week:${week}`;
}

function knownOf(row: Row, keyring: Keyring): KnownReview {
  try {
    return { kind: "reviewed", review: readReview(row, keyring) };
  } catch (error) {
    if (!isOfAlteredRow(error)) throw error;
    return { kind: "altered", version: row.number("version") };
  }
}

function noteCell({ week, version }: Pick<WeekReview, "version" | "week">): Cell {
  return { table: "activity_reviews", column: "note", row: `${week}/${String(version)}` };
}

/** The row as its MAC covers it. */
function reviewRow(review: WeekReview): GrantingRow {
  return {
    table: "activity_reviews",
    id: review.week,
    version: review.version,
    columns: {
      reviewed_at: review.at,
      reviewed_by: review.by,
      standing_out: review.standingOut,
      note: review.note,
    },
  };
}
