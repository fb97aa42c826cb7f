import { open, readFile, rename } from "node:fs/promises";
import path from "node:path";

import { CliError } from "../cli-error.ts";
import type { Layout } from "./layout.ts";

/** What a data folder is for; chosen by its first start. */
export type Mode = "demo" | "real";

/**
 * Keeps demonstrations and real patients apart: a folder stays what its first start made it.
 *
 * In a demo a link for staff is a session by itself, so a real installation must never become one.
 *
 * @throws {CliError} when the folder is of the other mode.
 */
export async function claimMode(layout: Layout, mode: Mode): Promise<void> {
  const file = path.join(layout.data, "mode");
  const found = (await readFile(file, "utf8").catch(() => "")).trim();
  if (found === mode) return;
  if (found === "") {
    await writeDurably(file, `${mode}\n`);
    return;
  }
  throw new CliError(
    mode === "demo"
      ? `${layout.data} holds an installation for real patients, which can never run as a demo. Choose another folder with --data.`
      : `${layout.data} holds a demo. Start it with --demo, or choose another folder with --data.`,
  );
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.part`, "w", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.part`, file);
}
