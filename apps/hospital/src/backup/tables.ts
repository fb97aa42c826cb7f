import type { CopyTransaction, Queryable } from "../database/index.ts";
import type { PartMeta, StoredTable } from "./description.ts";
import { BackupError } from "./error.ts";
import { createTupleDigest, type TableDigest } from "./tuple-digest.ts";

/**
 * What does not travel: sessions with devices and everything under their keys, sessions and links of staff. Whoever comes to
 * a restored hospital proves anew who they are, and no number of an old session is used a second time. Which migrations were
 * applied is brought about by applying them.
 */
export const LEFT_OUT: ReadonlySet<string> = new Set([
  "public.known_server",
  "public.notice_sendings",
  "public.schema_migrations",
  "public.session_seqs",
  "public.sessions",
  "public.staff_links",
  "public.staff_sessions",
]);

/** The schema whose tables make the part of the keys. */
export const KEY_SCHEMA = "keystore";

/** How a table is called in `schema.table` form. */
export function nameOf({ schema, name }: Pick<StoredTable, "name" | "schema">): string {
  return `${schema}.${name}`;
}

/**
 * Every table of the hospital's schemas that travels, also one that somebody else has made there, with its columns, each behind those that its rows refer to. Partitions are read and filled
 * through the table that they are parts of.
 */
export async function readTables(queryable: Queryable): Promise<readonly StoredTable[]> {
  const { rows } = await queryable.query(
    `SELECT n.nspname::text AS schema, c.relname::text AS name,
       has_table_privilege(c.oid, 'SELECT') AS readable,
       json_agg(a.attname ORDER BY a.attnum)::text AS columns
     FROM pg_class c
     JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('public', 'keystore')
     GROUP BY c.oid, 1, 2 ORDER BY 1, 2`,
  );
  const tables = rows
    .map((row) => ({
      schema: row.text("schema"),
      name: row.text("name"),
      columns: parseColumns(row.text("columns")),
      isReadable: row.boolean("readable"),
    }))
    .filter((table) => !LEFT_OUT.has(nameOf(table)));
  const shut = tables.find(({ isReadable }) => !isReadable);
  if (shut !== undefined) {
    throw new BackupError(
      "BACKUP_NOT_WRITTEN",
      `no backup was made: the hospital may not read the table ${nameOf(shut)}. If it is none of the hospital's, move it out of the database; else grant SELECT on it to the hospital's role`,
    );
  }
  const known = tables.map(({ schema, name, columns }) => ({ schema, name, columns }));
  return inOrder(known, await readReferences(queryable));
}

function parseColumns(json: string): string[] {
  const names: unknown = JSON.parse(json);
  if (!Array.isArray(names)) throw new TypeError("json_agg without an array");
  return names.map(String);
}

interface Reference {
  readonly from: string;
  readonly to: string;
}

async function readReferences(queryable: Queryable): Promise<readonly Reference[]> {
  const { rows } = await queryable.query(
    `SELECT fn.nspname || '.' || f.relname AS "from", tn.nspname || '.' || t.relname AS "to"
     FROM pg_constraint k
     JOIN pg_class f ON f.oid = k.conrelid JOIN pg_namespace fn ON fn.oid = f.relnamespace
     JOIN pg_class t ON t.oid = k.confrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
     WHERE k.contype = 'f' AND k.conrelid <> k.confrelid`,
  );
  return rows.map((row) => ({ from: row.text("from"), to: row.text("to") }));
}

/** @throws {TypeError} where tables refer to each other in a circle: a fault of the schema. */
function inOrder(
  tables: readonly StoredTable[],
  references: readonly Reference[],
): readonly StoredTable[] {
  const names = new Set(tables.map(nameOf));
  const ordered: StoredTable[] = [];
  const placed = new Set<string>();
  let left = tables;
  while (left.length > 0) {
    const ready = left.filter((table) =>
      references.every(
        ({ from, to }) => from !== nameOf(table) || !names.has(to) || placed.has(to),
      ),
    );
    if (ready.length === 0) throw new TypeError(`no order for ${left.map(nameOf).join(", ")}`);
    for (const table of ready) placed.add(nameOf(table));
    ordered.push(...ready);
    left = left.filter((table) => !ready.includes(table));
  }
  return ordered;
}

/** The months that have a partition of `batches`. */
export async function readMonths(queryable: Queryable): Promise<PartMeta["months"]> {
  const { rows } = await queryable.query(
    `SELECT substr(c.relname, 9) AS month FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'batches'::regclass AND c.relname ~ '^batches_[0-9]{4}_[0-9]{2}$' ORDER BY 1`,
  );
  return rows.map((row) => row.text("month"));
}

/** Where the sequences stand: never behind what a snapshot shows that was taken before. */
export async function readSequences(queryable: Queryable): Promise<PartMeta["sequences"]> {
  const { rows } = await queryable.query(
    `SELECT schemaname::text AS schema, sequencename::text AS name, last_value AS value
     FROM pg_sequences WHERE last_value IS NOT NULL ORDER BY 1, 2`,
  );
  return rows.map((row) => ({
    schema: row.text("schema"),
    name: row.text("name"),
    value: row.number("value"),
  }));
}

/** The rows of a table as a transaction sees them, in PostgreSQL's binary COPY format. */
export function copyOut(tx: CopyTransaction, table: StoredTable): AsyncIterable<Uint8Array> {
  // A table with partitions is copied only as a query.
  return tx.copyOut(
    `COPY (SELECT ${columnsOf(table)} FROM ${quoted(table)}) TO STDOUT (FORMAT binary)`,
  );
}

/** Adds rows to a table. */
export function copyIn(
  tx: CopyTransaction,
  table: StoredTable,
  rows: AsyncIterable<Uint8Array>,
): Promise<void> {
  return tx.copyIn(`COPY ${quoted(table)} (${columnsOf(table)}) FROM STDIN (FORMAT binary)`, rows);
}

/** What a table holds as a transaction sees it. */
export async function digestOf(tx: CopyTransaction, table: StoredTable): Promise<TableDigest> {
  const digest = createTupleDigest();
  for await (const rows of copyOut(tx, table)) digest.add(rows);
  return digest.end();
}

/** A table's name as a statement takes it. */
export function quoted({ schema, name }: Pick<StoredTable, "name" | "schema">): string {
  return `${escaped(schema)}.${escaped(name)}`;
}

function columnsOf({ columns }: StoredTable): string {
  return columns.map(escaped).join(", ");
}

function escaped(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
