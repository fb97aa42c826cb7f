import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Beside `src` and `dist` alike. */
const FILE = fileURLToPath(new URL("../../data/common-passwords.txt", import.meta.url));

let loaded: ReadonlySet<string> | undefined;

/** Passwords that are often seen in published breaches, in lower case; read at the first call (SR-06). */
export function commonPasswords(): ReadonlySet<string> {
  loaded ??= new Set(readFileSync(FILE, "utf8").trimEnd().split("\n"));
  return loaded;
}
