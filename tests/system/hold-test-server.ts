import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

/** A program of its own: what vitest loads for itself it loads in a way of its own. */
const HOLDER = fileURLToPath(new URL("test-server-holder.ts", import.meta.url));
const SOURCE = ["--import", "tsx", "--conditions=siphms-source"];

let holder: ChildProcessByStdio<Writable, Readable, null> | undefined;

/** Before the first file of a run: the database server of the tests then runs until the last one has ended. */
export async function setup(): Promise<void> {
  holder = spawn(process.execPath, [...SOURCE, HOLDER], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await Promise.race([
    once(holder.stdout, "data"),
    once(holder, "exit"),
  ])) as unknown[];
  if (!Buffer.isBuffer(line)) throw new Error("the database server of the tests did not start");
}

/** After the last file. */
export async function teardown(): Promise<void> {
  if (holder === undefined || holder.exitCode !== null) return;
  holder.stdin.end();
  await once(holder, "exit");
}
