import type { Queryable } from "./database.ts";
import { DatabaseError } from "./error.ts";

/**
 * Takes the next number of a table's identity column, for rows whose MAC must cover it.
 * Numbers of rolled-back transactions stay unused.
 */
export async function nextId(queryable: Queryable, table: string): Promise<number> {
  const { rows } = await queryable.query("SELECT nextval(pg_get_serial_sequence($1, 'id')) AS id", [
    table,
  ]);
  const [row] = rows;
  if (row === undefined) throw new DatabaseError("ROW_SHAPE", `table ${table} gave no number`);
  return row.number("id");
}
