import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { startLocalPostgres, type LocalPostgres } from "@siphms/local-postgres";
import type { Kept } from "./keeper.ts";

const PAUSE_AFTER_FAILURE_MS = 100;

/** The embedded PostgreSQL, started again whenever it ends. */
export class KeptPostgres implements Kept {
  readonly name = "PostgreSQL";
  readonly #folder: string;
  #server: LocalPostgres | undefined;
  #urls: { readonly url: string; readonly adminUrl: string } | undefined;
  #starts = 0;
  #isHeld = false;
  #isStopped = false;
  #loop: Promise<void> = Promise.resolve();
  #wake: (() => void)[] = [];
  /** Why the last start failed. */
  lastFailure = "";

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Starts it in `pg/` of a folder that every user may pass, with `run/` and `secrets/` beside. */
  static async start(folder: string): Promise<KeptPostgres> {
    const kept = new KeptPostgres(folder);
    kept.#loop = kept.#keep();
    await kept.ready();
    return kept;
  }

  /** For the service's role; the same over all starts. */
  get url(): string {
    return this.#urls!.url;
  }

  /** For the role that owns the schema; the same over all starts. */
  get adminUrl(): string {
    return this.#urls!.adminUrl;
  }

  /** Of the postmaster, also while it starts or recovers. */
  get pid(): number | undefined {
    const cluster = join(this.#folder, "pg", "data");
    const pid = Number.parseInt(readText(join(cluster, "postmaster.pid")), 10);
    // The file may be that of a killed server, and its number somebody else's by now.
    return titleOf(pid).includes(cluster) ? pid : undefined;
  }

  get starts(): number {
    return this.#starts;
  }

  /** The postmaster's children: backends that serve the hospital, and the server's own helpers. */
  children(): readonly number[] {
    return this.pid === undefined ? [] : childrenOf(this.pid);
  }

  signal(signal: NodeJS.Signals): boolean {
    return this.pid !== undefined && sendSignal(this.pid, signal);
  }

  /** Sends a signal to the postmaster and all of its children at once. */
  signalAll(signal: NodeJS.Signals): boolean {
    const children = this.children();
    const found = this.signal(signal);
    for (const child of children) sendSignal(child, signal);
    return found;
  }

  async ready(): Promise<void> {
    while (this.#server === undefined) {
      if (this.#isStopped) throw new Error("PostgreSQL was stopped");
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  async hold(): Promise<void> {
    this.#isHeld = true;
    const server = this.#server;
    this.signalAll("SIGKILL");
    await server?.ended;
  }

  release(): void {
    this.#isHeld = false;
    this.#tell();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.release();
    await this.#server?.stop();
    await this.#loop;
  }

  async #keep(): Promise<void> {
    const at = (name: string): string => join(this.#folder, name);
    const options = { dataDir: at("pg"), runDir: at("run"), secretsDir: at("secrets") };
    const isOver = (): boolean => this.#isStopped;
    while (!isOver()) {
      if (this.#isHeld) {
        await new Promise<void>((resolve) => this.#wake.push(resolve));
        continue;
      }
      try {
        const server = await startLocalPostgres(options);
        this.#server = server;
        this.#urls = { url: server.url, adminUrl: server.adminUrl };
        this.#starts += 1;
        this.#tell();
        if (isOver()) await server.stop();
        await server.ended;
      } catch (error) {
        this.lastFailure = error instanceof Error ? error.message : "unknown";
        await wait(PAUSE_AFTER_FAILURE_MS);
      }
      this.#server = undefined;
    }
    this.#tell();
  }

  #tell(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

function childrenOf(parent: number): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  const text = readText(`/proc/${pid}/stat`);
  // The name of the program, in brackets, may hold blanks; behind it stand state and parent.
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[1]);
}

/** What a process calls itself: PostgreSQL's children say what they do. Empty where it has ended. */
export function titleOf(pid: number): string {
  return readText(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
}

/** Empty where there is no such file, or its process has ended. */
function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Sends a signal; false where the process has ended meanwhile. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    // It has ended meanwhile.
    return false;
  }
}
