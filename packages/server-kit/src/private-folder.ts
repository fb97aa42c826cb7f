import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { ServerKitError } from "./error.ts";

/**
 * Makes sure that a folder exists and that nobody but this user gets into it (mode 0700).
 *
 * @throws {ServerKitError} `FOLDER_UNSAFE` if something else stands there, or a folder of another user.
 */
export function ensurePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  if (!found.isDirectory()) throw unsafe(path, "is not a folder. Choose another path");
  if (process.getuid !== undefined && found.uid !== process.getuid()) {
    throw unsafe(path, "belongs to another user. Choose another path or change its owner");
  }
  if ((found.mode & 0o077) !== 0) chmodSync(path, 0o700);
}

function unsafe(path: string, what: string): ServerKitError {
  return new ServerKitError("FOLDER_UNSAFE", `${path} ${what}.`);
}
