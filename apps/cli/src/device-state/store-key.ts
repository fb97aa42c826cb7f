import { createCipheriv, createDecipheriv, randomBytes, scrypt } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

import { CliError } from "../cli-error.ts";

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** scrypt: 64 MiB and about 0.2 s for each guess at the passphrase. */
const SCRYPT = { N: 65_536, r: 8, p: 1, maxmem: 128 * 1024 * 1024 };
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const NO_PASSPHRASE = "demo: no passphrase protects this key; never use it for a real patient";

/** The file `store-key.json`: the key of a device's store, sealed, or in the clear and marked as demo. */
type KeyFile =
  | { readonly salt: string; readonly sealed: string }
  | { readonly unsafe: string; readonly key: string };

/**
 * Loads the key of a simulated device's store, or makes it at the first call.
 *
 * With a passphrase the key lies sealed under it (scrypt, AES-256-GCM); without one in a file of mode 0600 that is marked demo.
 *
 * @throws {CliError} when the passphrase is missing or wrong, or the file is damaged.
 */
export async function loadStoreKey(
  folder: string,
  passphrase: string | undefined,
): Promise<Uint8Array> {
  const file = path.join(folder, "store-key.json");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return createKey(file, passphrase);
  const content = parseKeyFile(file, text);
  if ("key" in content) return Buffer.from(content.key, "base64url");
  if (passphrase === undefined) {
    throw new CliError(
      `The device in ${folder} is protected by a passphrase. Set SIPHMS_DEVICE_PASSPHRASE.`,
    );
  }
  return openSealed(content, passphrase, folder);
}

async function createKey(file: string, passphrase: string | undefined): Promise<Uint8Array> {
  const key = randomBytes(KEY_BYTES);
  const content: KeyFile =
    passphrase === undefined
      ? { unsafe: NO_PASSPHRASE, key: key.toString("base64url") }
      : await seal(key, passphrase);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(`${file}.part`, "w", 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.part`, file);
  return key;
}

async function seal(key: Buffer, passphrase: string): Promise<KeyFile> {
  const salt = randomBytes(16);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", await wrapKey(passphrase, salt), nonce, {
    authTagLength: TAG_BYTES,
  });
  const sealed = Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
  return { salt: salt.toString("base64url"), sealed: sealed.toString("base64url") };
}

async function openSealed(
  content: { readonly salt: string; readonly sealed: string },
  passphrase: string,
  folder: string,
): Promise<Uint8Array> {
  const sealed = Buffer.from(content.sealed, "base64url");
  const key = await wrapKey(passphrase, Buffer.from(content.salt, "base64url"));
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const plain = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([plain, decipher.final()]);
  } catch (cause) {
    throw new CliError(
      `SIPHMS_DEVICE_PASSPHRASE is not the passphrase of the device in ${folder}.`,
      {
        cause,
      },
    );
  }
}

function wrapKey(passphrase: string, salt: Buffer): Promise<Buffer> {
  return derive(passphrase.normalize("NFC"), salt, KEY_BYTES, SCRYPT);
}

function parseKeyFile(file: string, text: string): KeyFile {
  const value: unknown = parseJson(text);
  if (typeof value === "object" && value !== null) {
    if (hasText(value, "key") && hasText(value, "unsafe")) return value;
    if (hasText(value, "salt") && hasText(value, "sealed")) return value;
  }
  throw new CliError(`${file} is damaged: bring it back from a backup, or enrol the device anew.`);
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function hasText<T extends object, K extends string>(
  value: T,
  name: K,
): value is T & Record<K, string> {
  return name in value && typeof (value as Record<string, unknown>)[name] === "string";
}
