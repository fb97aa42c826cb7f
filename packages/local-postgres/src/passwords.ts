import { randomBytes } from "node:crypto";
import { chmod, open, readFile, rename } from "node:fs/promises";
import path from "node:path";

import { makePrivate } from "./folders.ts";

/** The passwords of the three roles of the embedded server. */
export interface Passwords {
  readonly owner: string;
  readonly admin: string;
  readonly service: string;
}

const FILE_NAME = "database-passwords.json";

/** Reads the passwords of an earlier start; undefined where there are none. */
export async function loadPasswords(secretsDir: string): Promise<Passwords | undefined> {
  const text = await readFile(path.join(secretsDir, FILE_NAME), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  if (!isPasswords(value)) throw new TypeError(`${FILE_NAME} does not hold the three passwords`);
  return { owner: value.owner, admin: value.admin, service: value.service };
}

/** Makes three random passwords and keeps them in a file of mode 0600; the file is on disk before this returns. */
export async function createPasswords(secretsDir: string): Promise<Passwords> {
  const passwords = { owner: random(), admin: random(), service: random() };
  await makePrivate(secretsDir);
  await chmod(secretsDir, 0o700);
  const part = path.join(secretsDir, `${FILE_NAME}.part`);
  const file = await open(part, "w", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(passwords, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path.join(secretsDir, FILE_NAME));
  return passwords;
}

function random(): string {
  return randomBytes(24).toString("base64url");
}

function isPasswords(value: unknown): value is Passwords {
  return (
    typeof value === "object" &&
    value !== null &&
    "owner" in value &&
    typeof value.owner === "string" &&
    "admin" in value &&
    typeof value.admin === "string" &&
    "service" in value &&
    typeof value.service === "string"
  );
}
