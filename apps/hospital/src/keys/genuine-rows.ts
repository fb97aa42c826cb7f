import { DatabaseError, type Row } from "../database/index.ts";
import { KeyError } from "./error.ts";

/** Rows that could be believed, and how many could not. */
export interface GenuineRows<T> {
  readonly rows: readonly T[];
  readonly altered: number;
}

/**
 * Takes the rows that this installation wrote.
 *
 * An altered one opens nothing (SR-25, SR-26), and does not close what the others open: a forged row must not keep a
 * doctor from everybody else. `siphms check` names it.
 */
export function takeGenuine<T>(rows: readonly Row[], read: (row: Row) => T): GenuineRows<T> {
  const taken: T[] = [];
  for (const row of rows) {
    try {
      taken.push(read(row));
    } catch (error) {
      if (!isOfAlteredRow(error)) throw error;
    }
  }
  return { rows: taken, altered: rows.length - taken.length };
}

/** Whether an error means that a row is not as this installation wrote it: no good MAC, or a value that none has. */
export function isOfAlteredRow(error: unknown): boolean {
  if (error instanceof DatabaseError) return error.code === "ROW_SHAPE";
  return error instanceof KeyError && error.code === "ROW_ALTERED";
}
