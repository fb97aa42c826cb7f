import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdir, open, readFile, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { fromHex, toHex } from "@siphms/cose";
import { dataFolderAround } from "./data-folder.ts";
import { KeyError } from "./error.ts";
import type { Kek } from "./installation-key.ts";
import type { KekSource } from "./kek-source.ts";
import { createParameters, deriveFromPassphrase } from "./passphrase.ts";
import { parseRecovery } from "./recovery.ts";

/** What is needed besides the source itself. */
export interface KekOptions {
  /** File of mode 0600 with the passphrase, for the sources that need one. */
  readonly passphraseFile?: string | undefined;
  /** Folders whose copy must not hold the key: the backup's. The database's own is recognised by what lies in it. */
  readonly dataFolders?: readonly string[];
  /** Takes a key that lies with the data all the same. */
  readonly unsafeKekWithData?: boolean;
}

const KEK_BYTES = 32;
const COMMAND_TIMEOUT_MS = 30_000;
const OTHERS = 0o077;

/**
 * Reads the key-encryption key.
 *
 * @throws {KeyError} `KEK_MISSING`, `KEK_FILE_MODE` when others can read a file of it, `KEK_WITH_DATA`, `KEK_MALFORMED`,
 *   `KEK_COMMAND_FAILED`
 */
export async function loadKek(source: KekSource, options: KekOptions = {}): Promise<Kek> {
  if (source.kind === "command") return parseKek(await runCommand(source));
  await refuseAllWithData(source, options);
  if (source.kind === "file") return parseKek(await readPrivateFile(source.path));
  const passphrase = await readPassphrase(options);
  const text = await readPrivateFile(source.path);
  if (source.kind === "recovery") return parseRecovery(text, passphrase);
  return { bytes: await deriveFromPassphrase(passphrase, text) };
}

/** Takes a key-encryption key as its hexadecimal text. @throws {KeyError} `KEK_MALFORMED` */
export function parseKek(text: string): Kek {
  const hex = text.trim();
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    throw new KeyError("KEK_MALFORMED", "the key-encryption key is not 64 hexadecimal digits");
  }
  return { bytes: fromHex(hex) };
}

/**
 * Makes a new key-encryption key, or new parameters for a passphrase, where there are none yet. Whenever it is killed, the
 * file is whole or not there.
 *
 * @returns false when the file was there already, or comes from elsewhere.
 * @throws {KeyError} `KEK_WITH_DATA`
 */
export async function createKek(source: KekSource, options: KekOptions = {}): Promise<boolean> {
  if (source.kind === "command" || source.kind === "recovery" || existsSync(source.path)) {
    return false;
  }
  await mkdir(path.dirname(source.path), { recursive: true, mode: 0o700 });
  await refuseAllWithData(source, options);
  const random = toHex(new Uint8Array(randomBytes(KEK_BYTES)));
  const text = source.kind === "file" ? random : createParameters();
  return createDurably(source.path, `${text}\n`);
}

/** The key is on the disk before anything is sealed under it. @returns false where another process was quicker. */
async function createDurably(place: string, text: string): Promise<boolean> {
  const part = `${place}.${toHex(new Uint8Array(randomBytes(4)))}.part`;
  const file = await open(part, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // Unlike a rename it takes no other file's place.
    await link(part, place);
  } catch (error) {
    if (existsSync(place)) return false;
    throw error;
  } finally {
    await unlink(part);
  }
  await syncFolder(path.dirname(place));
  return true;
}

/** Makes names in a folder durable: a file that is synced may still be lost with its name. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether a file's mode lets anybody but its owner in. For `siphms check`. */
export async function isPrivateFile(file: string): Promise<boolean> {
  return ((await stat(file)).mode & OTHERS) === 0;
}

async function readPrivateFile(file: string): Promise<string> {
  if (!existsSync(file)) {
    throw new KeyError(
      "KEK_MISSING",
      `there is no key-encryption key at ${file}; restore it from its safe copy, start from a recovery file, or run siphms hospital init for a new installation`,
    );
  }
  if (!(await isPrivateFile(file))) {
    throw new KeyError("KEK_FILE_MODE", `other users can read ${file}; run: chmod 600 ${file}`);
  }
  return readFile(file, "utf8");
}

async function readPassphrase({ passphraseFile }: KekOptions): Promise<string> {
  if (passphraseFile === undefined) {
    throw new KeyError(
      "KEK_MISSING",
      "the key-encryption key needs a passphrase; set SIPHMS_HOSPITAL_KEK_PASSPHRASE_FILE to a file that holds it",
    );
  }
  return (await readPrivateFile(passphraseFile)).replace(/\r?\n$/, "");
}

function runCommand(source: Extract<KekSource, { kind: "command" }>): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: COMMAND_TIMEOUT_MS, encoding: "utf8", maxBuffer: 4096 } as const;
    execFile(source.program, [...source.arguments], options, (error, stdout) => {
      if (error === null) resolve(stdout);
      // Neither its output nor the driver's message, which quotes it: either may hold the key.
      else reject(new KeyError("KEK_COMMAND_FAILED", `${source.program} gave no key`));
    });
  });
}

/** Parameters and a recovery file too: with the passphrase, which may be guessed, they are the key. */
async function refuseAllWithData(
  source: Exclude<KekSource, { kind: "command" }>,
  options: KekOptions,
): Promise<void> {
  await refuseWithData(source.path, options);
  if (source.kind === "file" || options.passphraseFile === undefined) return;
  await refuseWithData(options.passphraseFile, options);
}

/** One copy of such a folder would hold both the data and the key to it. */
async function refuseWithData(file: string, options: KekOptions): Promise<void> {
  if (options.unsafeKekWithData === true) return;
  const culprit = await dataFolderAround(file, options.dataFolders);
  if (culprit === undefined) return;
  throw new KeyError(
    "KEK_WITH_DATA",
    `${file}, of the key-encryption key, would lie with the data that it protects, in ${culprit}; move it elsewhere`,
  );
}
