import pg from "pg";

import type { BenchScope } from "./bench-scope.ts";

/** A look into the database of a bench, beside the hospital. */
export interface BenchDatabase {
  /** Address of the role that owns the schema. */
  readonly adminUrl: string;
  /** Rows of a statement; values as `pg` gives them (bigint and numeric as text). */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  /** The single number that a statement gives as `count`. */
  count(sql: string, values?: readonly unknown[]): Promise<number>;
  /** Whether a commit waits for the disk. */
  isDurable(): Promise<boolean>;
  /** Version and the settings on which durability rests, as the server shows them. */
  conditions(): Promise<{
    readonly postgresql: string;
    readonly fsync: string;
    readonly synchronousCommit: string;
    readonly fullPageWrites: string;
  }>;
}

/** Connects to the database of a bench; the connection ends with the scope. */
export async function createBenchDatabase(
  scope: BenchScope,
  adminUrl: string,
): Promise<BenchDatabase> {
  const client = new pg.Client({ connectionString: adminUrl });
  // Without a listener an error after the database has ended would end this process.
  client.on("error", () => undefined);
  await client.connect();
  scope.hold({ stop: () => client.end() });

  const query: BenchDatabase["query"] = async (sql, values = []) => {
    const { rows } = await client.query<Record<string, unknown>>(sql, [...values]);
    return rows;
  };
  const show = async (setting: string): Promise<string> => {
    const [row] = await query("SELECT current_setting($1) AS value", [setting]);
    return String(row?.["value"]);
  };
  const conditions: BenchDatabase["conditions"] = async () => ({
    postgresql: await show("server_version"),
    fsync: await show("fsync"),
    synchronousCommit: await show("synchronous_commit"),
    fullPageWrites: await show("full_page_writes"),
  });
  return {
    adminUrl,
    query,
    count: async (sql, values) => Number((await query(sql, values))[0]?.["count"]),
    isDurable: async () => {
      const { fsync, synchronousCommit } = await conditions();
      return fsync === "on" && synchronousCommit === "on";
    },
    conditions,
  };
}
