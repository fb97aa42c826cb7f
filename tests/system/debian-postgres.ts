import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Client } from "pg";

const BINARIES = "/usr/lib/postgresql/15/bin";
const START_LIMIT_MS = 30_000;

/** Whether Debian's PostgreSQL 15 is on this machine. */
export const hasDebianPostgres = existsSync(join(BINARIES, "initdb"));

function idOf(flag: "-u" | "-g"): number {
  return Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
}

/** A PostgreSQL server that is not ours: Debian's 15, in a folder of its own, on a Unix socket. */
export class DebianPostgres {
  readonly #folder: string;
  readonly #server: ChildProcess;

  private constructor(folder: string, server: ChildProcess) {
    this.#folder = folder;
    this.#server = server;
  }

  static start(): Promise<DebianPostgres> {
    return DebianPostgres.#startOn((data, account) => {
      const words = ["-D", data, "-U", "owner", "-A", "trust"];
      execFileSync(join(BINARIES, "initdb"), words, { ...account, stdio: "ignore" });
    });
  }

  /** Another server that follows this one and takes no writes: a hot standby, by streaming replication. */
  startStandby(): Promise<DebianPostgres> {
    return DebianPostgres.#startOn((data, account) => {
      const words = ["-D", data, "-R", "-X", "stream", "-c", "fast", "-U", "owner"];
      execFileSync(join(BINARIES, "pg_basebackup"), [...words, "-h", this.#folder], {
        ...account,
        stdio: "ignore",
      });
    });
  }

  static async #startOn(
    makeData: (data: string, account: { uid?: number; gid?: number }) => void,
  ): Promise<DebianPostgres> {
    const folder = mkdtempSync(join(tmpdir(), "siphms-pg15-"));
    // PostgreSQL refuses to run as root; Debian's package made this user.
    const account = process.getuid?.() === 0 ? { uid: idOf("-u"), gid: idOf("-g") } : {};
    if (account.uid !== undefined) chownSync(folder, account.uid, account.gid);
    chmodSync(folder, 0o755);
    const data = join(folder, "data");
    makeData(data, account);
    const server = spawn(
      join(BINARIES, "postgres"),
      ["-D", data, "-k", folder, "-c", "listen_addresses="],
      {
        ...account,
        stdio: "ignore",
      },
    );
    const postgres = new DebianPostgres(folder, server);
    const end = performance.now() + START_LIMIT_MS;
    while (!(await postgres.answers())) {
      if (performance.now() > end) throw new Error("Debian's PostgreSQL did not start");
      await wait(100);
    }
    return postgres;
  }

  /** An address of one of its databases, for one of its roles. */
  url(role: string, database: string): string {
    return `postgres://${role}@localhost/${database}?host=${encodeURIComponent(this.#folder)}`;
  }

  /** Runs statements as the server's owner. */
  async run(...statements: string[]): Promise<void> {
    const client = new Client({ connectionString: this.url("owner", "postgres") });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  }

  async answers(): Promise<boolean> {
    return this.run("select 1").then(
      () => true,
      () => false,
    );
  }

  /** The first value of a statement's answer, as the server's owner gets it. */
  async ask(statement: string): Promise<unknown> {
    const client = new Client({ connectionString: this.url("owner", "postgres") });
    await client.connect();
    try {
      const { rows } = await client.query<unknown[]>({ text: statement, rowMode: "array" });
      return rows[0]?.[0];
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#server.once("exit", resolve));
    this.#server.kill("SIGINT");
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
