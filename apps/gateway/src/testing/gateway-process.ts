import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const NODE_FLAGS = ["--conditions=siphms-source", "--import", "tsx", MAIN];

/** A gateway in a process of its own. */
export interface GatewayProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly port: number;
  readonly stderr: () => string;
}

/** How a process is started. */
export interface ProcessOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Kibibytes to which its files may grow, as a disk that is full. */
  readonly maxFileKibibytes?: number;
  /** Files that it may have open. */
  readonly maxOpenFiles?: number;
}

/** What a command that ends by itself said. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `gateway ...words` to its end. */
export async function runGateway(
  words: readonly string[],
  options: ProcessOptions,
): Promise<Finished> {
  const child = spawnGateway(words, options);
  const [stdout, stderr] = [collect(child, "stdout"), collect(child, "stderr")];
  await once(child, "close");
  return { code: child.exitCode, stdout: stdout(), stderr: stderr() };
}

/** Starts `gateway` and waits for its ready line. */
export async function startGatewayProcess(options: ProcessOptions): Promise<GatewayProcess> {
  const child = spawnGateway([], options);
  const [stdout, stderr] = [collect(child, "stdout"), collect(child, "stderr")];
  while (!stdout().includes("\n")) {
    await Promise.race([once(child.stdout ?? child, "data"), once(child, "close")]);
    if (child.exitCode !== null) throw new Error(`the gateway did not start: ${stderr()}`);
  }
  const line = JSON.parse(stdout()) as { ready: unknown; url: string; port: number };
  if (line.ready !== true) throw new Error("no ready line");
  return { child, url: line.url, port: line.port, stderr };
}

/** Sends a signal and waits for the end; the exit code, or the signal that ended it. */
export async function endProcess(
  child: ChildProcess,
  signal: NodeJS.Signals,
): Promise<number | string | null> {
  const closed = once(child, "close");
  child.kill(signal);
  await closed;
  return child.exitCode ?? child.signalCode;
}

function spawnGateway(words: readonly string[], options: ProcessOptions): ChildProcess {
  const env = { PATH: process.env["PATH"] ?? "", ...options.environment };
  const stdio = ["ignore", "pipe", "pipe", "ipc"] as const;
  const command = [process.execPath, ...NODE_FLAGS, ...words];
  const limits = { f: options.maxFileKibibytes, n: options.maxOpenFiles };
  const given = Object.entries(limits).filter(([, limit]) => limit !== undefined);
  const limit = [...given.map((one) => `ulimit -${one.join(" ")}`), 'exec "$@"'].join("; ");
  return spawn("bash", ["-c", limit, "bash", ...command], { env, stdio: [...stdio] });
}

function collect(child: ChildProcess, stream: "stdout" | "stderr"): () => string {
  let text = "";
  child[stream]?.on("data", (data: Buffer) => (text += data.toString()));
  return () => text;
}
