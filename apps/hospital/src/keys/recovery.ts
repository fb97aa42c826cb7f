import { fromHex, toHex } from "@siphms/cose";
import { KeyError } from "./error.ts";
import type { Kek, WrappedKey } from "./installation-key.ts";
import { createParameters, deriveFromPassphrase } from "./passphrase.ts";

const FIRST_LINE = "siphms recovery 1";
const FILE = /^siphms recovery 1\nhospital ([a-z0-9-]+)\n(scrypt[^\n]*)\nkey ([0-9a-f]{2,200})$/;

/**
 * Makes a recovery file: the installation key, wrapped under a passphrase. It opens every database and every backup of the
 * installation, whatever key-encryption key they had, so it is kept where neither of them is.
 *
 * @param wrapUnder - Wraps the installation key: the keyring's.
 * @throws {KeyError} `KEK_MALFORMED` for a passphrase that is too short.
 */
export async function createRecovery(
  { passphrase, hospitalId }: { readonly passphrase: string; readonly hospitalId: string },
  wrapUnder: (kek: Kek) => WrappedKey,
): Promise<string> {
  const parameters = createParameters();
  const { wrapped } = wrapUnder({ bytes: await deriveFromPassphrase(passphrase, parameters) });
  return `${FIRST_LINE}\nhospital ${hospitalId}\n${parameters}\nkey ${toHex(wrapped)}\n`;
}

/**
 * Reads a recovery file: a key-encryption key that carries what it opens.
 *
 * @throws {KeyError} `KEK_MALFORMED`. Whether the passphrase is right shows when the installation key is opened.
 */
export async function parseRecovery(text: string, passphrase: string): Promise<Kek> {
  const [, , parameters, wrapped] = FILE.exec(text.trim()) ?? [];
  if (parameters === undefined || wrapped === undefined) {
    throw new KeyError("KEK_MALFORMED", "the recovery file is in no known form");
  }
  return {
    bytes: await deriveFromPassphrase(passphrase, parameters),
    carried: fromHex(wrapped),
  };
}
