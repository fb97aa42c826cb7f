import { execFile } from "node:child_process";
import { randomBytes, scrypt } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { fromHex, toHex } from "@siphms/cose";
import { KeyError } from "./error.ts";
import { parseKek, type Kek } from "./keyring.ts";

/** Where the key-encryption key comes from. */
export type KekSource =
  | { readonly kind: "command"; readonly program: string; readonly arguments: readonly string[] }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "passphrase"; readonly path: string };

/** What is needed besides the source itself. */
export interface KekOptions {
  /** File of mode 0600 with the passphrase, for the source of that kind. */
  readonly passphraseFile?: string | undefined;
  /** Folders whose copy must not hold the key: the backup's. The database's own is recognised by what lies in it. */
  readonly dataFolders?: readonly string[];
  /** Takes a key that lies with the data all the same. */
  readonly unsafeKekWithData?: boolean;
}

const KEK_BYTES = 32;
const COMMAND_TIMEOUT_MS = 30_000;
const OTHERS = 0o077;
/** 128 MiB and about a third of a second: for a passphrase that a person can remember. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
/** What marks a PostgreSQL data folder, and a backup of one. */
const DATA_MARKS = ["PG_VERSION", "backup_label", "backup_manifest"];

/**
 * Takes the text of a setting: `file:PATH`, `passphrase:PATH` or `command:PROGRAM ARGUMENT …`.
 *
 * @throws {Error} completing "SETTING …".
 */
export function parseKekSource(text: string): KekSource {
  const at = text.indexOf(":");
  const [kind, rest] = [text.slice(0, at), text.slice(at + 1)];
  const [program, ...args] = rest.split(" ").filter((part) => part !== "");
  if (program !== undefined) {
    if (kind === "file") return { kind: "file", path: rest };
    if (kind === "passphrase") return { kind: "passphrase", path: rest };
    if (kind === "command") return { kind: "command", program, arguments: args };
  }
  throw new Error("must be file:PATH, passphrase:PATH or command:PROGRAM ARGUMENTS");
}

/**
 * Reads the key-encryption key.
 *
 * @throws {KeyError} `KEK_MISSING`, `KEK_FILE_MODE` when others can read a file of it, `KEK_WITH_DATA`, `KEK_MALFORMED`,
 *   `KEK_COMMAND_FAILED`
 */
export async function loadKek(source: KekSource, options: KekOptions = {}): Promise<Kek> {
  if (source.kind === "command") return parseKek(await runCommand(source));
  if (source.kind === "file") {
    await refuseWithData(source.path, options);
    return parseKek(await readPrivateFile(source.path));
  }
  const passphrase = await readPassphrase(options);
  const parameters = parsePassphraseFile(await readPrivateFile(source.path));
  return { bytes: await deriveFromPassphrase(passphrase, parameters) };
}

/**
 * Makes a new key-encryption key, or new parameters for a passphrase, where there are none yet.
 *
 * @returns false when the file was there already.
 * @throws {KeyError} `KEK_WITH_DATA`
 */
export async function createKek(source: KekSource, options: KekOptions = {}): Promise<boolean> {
  if (source.kind === "command" || existsSync(source.path)) return false;
  await mkdir(path.dirname(source.path), { recursive: true, mode: 0o700 });
  await refuseWithData(source.path, options);
  const random = toHex(new Uint8Array(randomBytes(KEK_BYTES)));
  const text = source.kind === "file" ? random : `scrypt-2^17-8-1 ${random}`;
  // Fails where another process was quicker; the key is on the disk before anything is sealed under it.
  const file = await open(source.path, "wx", 0o600);
  try {
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return true;
}

/** Whether a file's mode lets anybody but its owner in. For `siphms check`. */
export async function isPrivateFile(file: string): Promise<boolean> {
  return ((await stat(file)).mode & OTHERS) === 0;
}

async function readPrivateFile(file: string): Promise<string> {
  if (!existsSync(file)) {
    throw new KeyError(
      "KEK_MISSING",
      `there is no key-encryption key at ${file}; restore it from its safe copy, or run siphms hospital init for a new installation`,
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
  const passphrase = (await readPrivateFile(passphraseFile)).replace(/\r?\n$/, "");
  if (passphrase.length < 15) {
    throw new KeyError("KEK_MALFORMED", "the passphrase has fewer than 15 characters");
  }
  return passphrase;
}

function parsePassphraseFile(text: string): Uint8Array {
  const salt = /^scrypt-2\^17-8-1 ([0-9a-f]{64})$/.exec(text.trim())?.[1];
  if (salt === undefined) {
    throw new KeyError("KEK_MALFORMED", "the parameters of the passphrase are in no known form");
  }
  return fromHex(salt);
}

function deriveFromPassphrase(passphrase: string, salt: Uint8Array): Promise<Kek["bytes"]> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize("NFC"), salt, KEK_BYTES, SCRYPT, (error, key) => {
      if (error === null) resolve(new Uint8Array(key));
      else reject(error);
    });
  });
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

/** One copy of such a folder would hold both the data and the key to it. */
async function refuseWithData(file: string, options: KekOptions): Promise<void> {
  if (options.unsafeKekWithData === true) return;
  const folder = path.dirname(path.resolve(file));
  // Before the first init the folder is not there; that the key is missing is said by who reads it.
  const folders = ancestorsOf(existsSync(folder) ? await realpath(folder) : folder);
  const forbidden = new Set(
    await Promise.all(
      (options.dataFolders ?? [])
        .filter((folder) => existsSync(folder))
        .map((one) => realpath(one)),
    ),
  );
  const culprit = folders.find(
    (folder) =>
      forbidden.has(folder) || DATA_MARKS.some((mark) => existsSync(path.join(folder, mark))),
  );
  if (culprit !== undefined) {
    throw new KeyError(
      "KEK_WITH_DATA",
      `the key-encryption key would lie with the data that it protects, in ${culprit}; move it elsewhere`,
    );
  }
}

function ancestorsOf(folder: string): readonly string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestorsOf(parent)];
}
