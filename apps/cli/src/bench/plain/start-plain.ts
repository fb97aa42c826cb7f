import { mkdtemp, chmod, rm } from "node:fs/promises";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { startLocalPostgres } from "@siphms/local-postgres";

import { createBenchDatabase } from "../harness/bench-database.ts";
import type { BenchDatabase } from "../harness/bench-database.ts";
import { startBenchProcess } from "../harness/bench-process.ts";
import type { BenchScope } from "../harness/bench-scope.ts";
import type { PlainServerOptions } from "./plain-server.ts";

/** What the plain server's process can be asked. */
export interface PlainCalls {
  /** Makes the tables and listens on a port that the system chooses. */
  listen(options: PlainServerOptions): Promise<{ readonly port: number }>;
}

/** The running plain pipeline: its own process, and its own database server. */
export interface PlainPipeline {
  /** For `measureCpu`. */
  readonly pids: { readonly server: number; readonly postgres: number };
  readonly port: number;
  readonly database: BenchDatabase;
}

/**
 * Starts the plain pipeline with a PostgreSQL of its own, of the same kind and settings as an installation's, so that each one's CPU
 * time is its own. Both end with the scope.
 */
export async function startPlainPipeline(
  scope: BenchScope,
  { poolSize }: { readonly poolSize: number },
): Promise<PlainPipeline> {
  const folder = await mkdtemp(path.join(tmpdir(), "siphms-bench-plain-"));
  scope.hold({
    stop: () => rm(folder, { recursive: true, force: true }),
    kill: () => rmSync(folder, { recursive: true, force: true }),
  });
  // Started by root, the database runs as another user, who has to get past this folder.
  await chmod(folder, 0o711);
  const inside = (name: string): string => path.join(folder, name);
  const postgres = await startLocalPostgres({
    dataDir: inside("pg"),
    runDir: inside("run"),
    secretsDir: inside("secrets"),
  });
  // Elsewhere than asked where the database's account could not come there.
  scope.hold({ stop: () => rm(path.dirname(postgres.dataDir), { recursive: true, force: true }) });
  scope.hold({ stop: () => postgres.stop(), kill: () => process.kill(postgres.pid, "SIGQUIT") });
  const server = await startBenchProcess<PlainCalls>(scope, "./plain-main", import.meta.url);
  const { port } = await server.ask("listen", { databaseUrl: postgres.adminUrl, poolSize });
  return {
    pids: { server: server.pid, postgres: postgres.pid },
    port,
    database: await createBenchDatabase(scope, postgres.adminUrl),
  };
}
