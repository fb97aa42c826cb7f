import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { ENTRIES_FOLDER } from "../emergency/index.ts";
import { isPrivateFile, type KekSource } from "../keys/index.ts";
import type { Around } from "./around.ts";
import { createSweep, type Sweep } from "./sweep.ts";

const OTHERS = 0o077;

/** Looks whether anybody but the hospital's own user can read what is secret, or reach the private socket. */
export async function sweepFiles({
  kek,
  dataFolder,
  around,
}: {
  readonly kek: KekSource;
  readonly dataFolder: string;
  readonly around?: Around;
}): Promise<Sweep> {
  const sweep = createSweep("files");
  const secrets = path.join(dataFolder, "secrets");
  const named = [
    kek.kind === "command" ? undefined : kek.path,
    around?.settings.kekPassphraseFile,
    around?.settings.tlsKey,
    around?.settings.smtpPasswordFile,
    around?.settings.webhookSecretFile,
    ...(await namesIn(secrets)).map((name) => path.join(secrets, name)),
  ];
  const files = new Set(
    named.flatMap((file) => (file === undefined || !existsSync(file) ? [] : [path.resolve(file)])),
  );
  for (const file of files) {
    if (!(await isPrivateFile(file))) {
      sweep.find(file, `other users can read it; run: chmod 600 ${file}`);
    }
  }
  const folders = [secrets, ...["run", ENTRIES_FOLDER].map((name) => path.join(dataFolder, name))];
  const present = folders.filter((folder) => existsSync(folder));
  for (const folder of present) {
    if (((await stat(folder)).mode & OTHERS) !== 0) {
      sweep.find(folder, `other users can enter it; run: chmod 700 ${folder}`);
    }
  }
  return sweep.done(files.size + present.length);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return existsSync(folder) ? readdir(folder) : [];
}
