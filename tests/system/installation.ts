import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { OperatorClient } from "../../apps/cli/src/installation/operator-client.ts";
import { CommandLogin } from "./command-login.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
/** The command, as the checkout has it. */
export const SIPHMS = join(PROJECT, "apps/cli/bin/siphms.js");
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 40_000;

/** What a command of `siphms` left behind. */
export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A stored reading, in the members that tests look at. */
export interface StoredReading {
  readonly at: number;
  readonly kind: string;
  readonly value: number | readonly (number | null)[];
  readonly unit: string;
  readonly origin: string;
  readonly state: string;
}

/** A port that is free at this moment. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        resolve(typeof address === "object" && address !== null ? address.port : 0),
      );
    });
  });
}

/** Runs `siphms` with arguments, as a person would, and waits for its end. */
export async function siphms(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<CommandResult> {
  const child = spawn(process.execPath, [SIPHMS, ...args], {
    cwd: PROJECT,
    env: { ...process.env, ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { status, stdout, stderr };
}

/** The last line of a command's output as JSON; fails with what the command said when there is none. */
export function jsonOf<T>(result: CommandResult): T {
  const line = result.stdout.trim().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(line) as T;
  } catch {
    throw new Error(
      `exit ${String(result.status)}, no JSON on the last line:\n${result.stdout}\n${result.stderr}`,
    );
  }
}

/** A whole installation as real processes: PostgreSQL, hospital, gateway, started by `siphms up`. */
export class Installation {
  readonly data: string;
  readonly ports: { readonly gateway: number; readonly hospital: number; readonly app: number };
  output = "";
  #process: ChildProcess | undefined;
  readonly #extra: readonly string[];
  readonly #login: CommandLogin;

  private constructor(data: string, ports: Installation["ports"], extra: readonly string[]) {
    this.data = data;
    this.ports = ports;
    this.#extra = extra;
    this.#login = new CommandLogin(data);
  }

  /** Starts one in a new folder and waits until devices and staff can be served. */
  static async start(extra: readonly string[] = []): Promise<Installation> {
    const parent = mkdtempSync(join(tmpdir(), "siphms-e2e-"));
    // Started by root, the database runs as another user, who has to get past this folder.
    chmodSync(parent, 0o755);
    const data = join(parent, "data");
    const [gateway, hospital, app] = [await freePort(), await freePort(), await freePort()];
    const installation = new Installation(data, { gateway, hospital, app }, extra);
    await installation.launch();
    return installation;
  }

  get gatewayUrl(): string {
    return `http://127.0.0.1:${this.ports.gateway}`;
  }

  get consoleUrl(): string {
    return `http://localhost:${this.ports.hospital}`;
  }

  /** The patient app's origin, where its service worker and its store live. */
  get appUrl(): string {
    return `http://localhost:${this.ports.app}`;
  }

  /** Starts the processes on this installation's folder; again after a stop or a kill. */
  async launch(): Promise<void> {
    const { gateway, hospital, app } = this.ports;
    const ports = ["--gateway-port", gateway, "--hospital-port", hospital, "--app-port", app].map(
      String,
    );
    const child = spawn(
      process.execPath,
      [SIPHMS, "up", "--data", this.data, ...ports, ...this.#extra],
      {
        cwd: PROJECT,
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    this.#process = child;
    const keep = (chunk: Buffer): void => void (this.output += chunk.toString());
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const end = performance.now() + START_LIMIT_MS;
    while (!(await this.isReady())) {
      if (child.exitCode !== null)
        throw new Error(`siphms up ended with ${child.exitCode}:\n${this.output}`);
      if (performance.now() > end)
        throw new Error(`siphms up was not ready in time:\n${this.output}`);
      await wait(100);
    }
  }

  /** Whether the gateway has its hospital and the operator's socket answers. */
  async isReady(): Promise<boolean> {
    const healthy = await fetch(`${this.gatewayUrl}/v1/health`).then(
      (r) => r.ok,
      () => false,
    );
    if (!healthy) return false;
    const answered = this.asOperator((operator) => operator.registration());
    return answered.then(
      () => true,
      () => false,
    );
  }

  /** Runs a command of `siphms` on this installation, logged in with a key as a script would be. */
  async run(...args: string[]): Promise<CommandResult> {
    // Where no hospital runs, the command itself says so.
    await this.#login.keepFresh().catch(() => undefined);
    return siphms([...args, "--data", this.data]);
  }

  /** Has the next command log in anew: the hospital has closed every session. */
  signInAnew(): void {
    this.#login.forget();
  }

  /** Runs a command that must succeed, and returns its JSON. */
  async json<T>(...args: string[]): Promise<T> {
    const result = await this.run(...args, "--json");
    if (result.status !== 0) throw new Error(`siphms ${args.join(" ")}: ${result.stderr}`);
    return jsonOf<T>(result);
  }

  /** What the hospital has stored of a patient, as `siphms readings` prints it. */
  async readings(mrn: string): Promise<readonly StoredReading[]> {
    const { stdout } = await this.run("readings", mrn, "--json");
    const lines = stdout.split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line) as StoredReading);
  }

  /** Does something from this process, logged in with a key: much quicker than a command. */
  async asOperator<T>(work: (operator: OperatorClient) => Promise<T>): Promise<T> {
    const operator = this.#login.connect();
    try {
      return await work(operator);
    } finally {
      operator.close();
    }
  }

  /** Registers an invented patient and returns an invitation's link for them. */
  async invite(mrn: string, name = "Ada Example"): Promise<string> {
    return this.asOperator(async (operator) => {
      await operator.addPatient({ mrn, name, birthDate: "1950-07-01", sex: "F" });
      return (await operator.invite(mrn)).link;
    });
  }

  /** The process of `siphms up` itself, for tests that kill it. */
  get process(): ChildProcess {
    if (this.#process === undefined) throw new Error("not started");
    return this.#process;
  }

  /** Stops as Ctrl-C does and returns the exit code. */
  async stop(): Promise<number | null> {
    return this.end("SIGINT");
  }

  /** Sends a signal to `siphms up` and waits for its end. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.process;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    const status = await ended;
    clearTimeout(timer);
    return status;
  }

  /** Stops and removes the folder. */
  async remove(): Promise<void> {
    await this.stop();
    const parent = join(this.data, "..");
    if (existsSync(parent)) rmSync(parent, { recursive: true, force: true });
  }
}
