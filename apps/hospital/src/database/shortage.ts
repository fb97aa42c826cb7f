import pg from "pg";

/** No connection (08), no room on the disk, no memory, too many connections (53), stopped or stopping (57). */
const CLASSES: ReadonlySet<string> = new Set(["08", "53", "57"]);

/**
 * True for an error that tells of the database's own want and nothing of the statement: the same statement works once the
 * want is over, so it is to be tried again for as long as that takes.
 *
 * @see PostgreSQL, "Error Codes": the first two characters are the class
 */
export function isShortage(error: unknown): boolean {
  return error instanceof pg.DatabaseError && CLASSES.has(error.code?.slice(0, 2) ?? "");
}
