import { ensurePrivateFolder, ServerKitError } from "@siphms/server-kit";
import { createVerifierKey, type NoteSigner } from "@siphms/tlog";
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

const FILE = "witness.key";
const NEWLINE = "\n";

/**
 * Opens the key with which this gateway cosigns, from `witness.key` (0600) in the data folder; makes it where there is
 * none.
 *
 * @param name - Under which a new key signs. A key keeps its name for ever: to whoever knows it, it would else be another.
 * @throws {ServerKitError} `SETTING_INVALID` when the file is no such key, or others may read it.
 */
export function openWitnessKey(folder: string, name: string): NoteSigner {
  ensurePrivateFolder(folder);
  const path = join(folder, FILE);
  const stored = readKey(path) ?? makeKey(path, name);
  return signerOf(stored, path);
}

function readKey(path: string): string | undefined {
  try {
    if ((statSync(path).mode & 0o077) !== 0) {
      throw broken(path, "others than this user may read it. Set its mode to 0600");
    }
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whole and on disk before it has its name: two programs that start at once take one key. */
function makeKey(path: string, name: string): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  const text = `${name}${NEWLINE}${privateKey.export({ format: "pem", type: "pkcs8" }).toString()}`;
  const part = `${path}.${String(process.pid)}.part`;
  const handle = openSync(part, "w", 0o600);
  writeSync(handle, text);
  fsyncSync(handle);
  closeSync(handle);
  try {
    linkSync(part, path);
    return text;
  } catch (error) {
    const theirs = readKey(path);
    if (theirs === undefined) throw error;
    return theirs;
  } finally {
    unlinkSync(part);
  }
}

function signerOf(text: string, path: string): NoteSigner {
  const end = text.indexOf(NEWLINE);
  try {
    const key = createPrivateKey(text.slice(end + 1));
    if (key.asymmetricKeyType !== "ed25519") throw new RangeError("another kind of key");
    return {
      key: createVerifierKey("cosignature", text.slice(0, end), rawPublicKey(key)),
      sign: (message) => Promise.resolve(new Uint8Array(sign(null, message, key))),
    };
  } catch (cause) {
    // The cause may quote the file.
    if (cause instanceof Error) throw broken(path, "it is not a witness key. Restore it");
    throw cause;
  }
}

function rawPublicKey(key: KeyObject): Uint8Array<ArrayBuffer> {
  const { x = "" } = createPublicKey(key).export({ format: "jwk" });
  return new Uint8Array(Buffer.from(x, "base64url"));
}

function broken(path: string, what: string): ServerKitError {
  return new ServerKitError("SETTING_INVALID", `${path}: ${what}.`);
}
