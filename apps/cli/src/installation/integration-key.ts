import { open, readFile, stat, unlink } from "node:fs/promises";

import { integrationKeyFileSchema, keyLogInText, parseApi } from "@siphms/api";
import type { IntegrationKey, IntegrationKeyFile } from "@siphms/api";
import { fromBase64Url, toBase64Url } from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";

import { CliError } from "../cli-error.ts";

const OTHERS = 0o077;

/** Makes the key of an integration account: P-256, for one hospital. */
export async function createIntegrationKey(of: {
  readonly hospital: string;
  readonly name: string;
}): Promise<IntegrationKeyFile> {
  const crypto = createNodeCrypto();
  const key = await crypto.generateSigningKey({ extractable: true });
  const { x, y } = key.publicPoint;
  return {
    kind: "siphms-integration-key-1",
    ...of,
    key: {
      kty: "EC",
      crv: "P-256",
      x: toBase64Url(x),
      y: toBase64Url(y),
      d: toBase64Url(await crypto.exportSigningKey(key)),
    },
  };
}

/** The half of a key that the hospital is given. */
export function publicHalf({ key }: IntegrationKeyFile): IntegrationKey {
  const { kty, crv, x, y } = key;
  return { kty, crv, x, y };
}

/** Signs a challenge of the hospital whose key it is: for logging in there, and for nothing else. */
export async function signKeyLogIn(
  { hospital, name, key }: IntegrationKeyFile,
  challenge: string,
): Promise<string> {
  const crypto = createNodeCrypto();
  const point = { x: fromBase64Url(key.x), y: fromBase64Url(key.y) };
  const signingKey = await crypto.importSigningKey(fromBase64Url(key.d), point);
  const text = new TextEncoder().encode(keyLogInText({ hospital, name, challenge }));
  return toBase64Url(await crypto.sign(signingKey, text));
}

/** Writes a key file that only this user can read; on disk when this resolves. @throws {CliError} where a file is there. */
export async function writeKeyFile(file: string, content: IntegrationKeyFile): Promise<void> {
  const handle = await open(file, "wx", 0o600).catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") {
      throw new CliError(`${file} is there already. Name a file that is not.`, { cause });
    }
    throw cause;
  });
  try {
    // Not left to the umask.
    await handle.chmod(0o600);
    await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await handle.sync();
  } catch (error) {
    await unlink(file).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
}

/** Reads a key file. @throws {CliError} where it is none, or other users can read it. */
export async function readKeyFile(file: string): Promise<IntegrationKeyFile> {
  if (((await stat(file)).mode & OTHERS) !== 0) {
    throw new CliError(`Other users can read ${file}. Run chmod 600 on it, or make a new key.`);
  }
  const text = await readFile(file, "utf8");
  try {
    return parseApi(integrationKeyFileSchema, JSON.parse(text));
  } catch (cause) {
    throw new CliError(`${file} is no key file of an integration account.`, { cause });
  }
}
