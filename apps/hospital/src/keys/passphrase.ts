import { randomBytes, scrypt } from "node:crypto";
import { fromHex, toHex, type Bytes } from "@siphms/cose";
import { KeyError } from "./error.ts";

/** Fewer characters are guessed, however slowly each guess goes. */
export const LEAST_PASSPHRASE = 15;

const KEY_BYTES = 32;
/** 128 MiB and about a third of a second: for a passphrase that a person can remember. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
const PARAMETERS = /^scrypt-2\^17-8-1 ([0-9a-f]{64})$/;

/** New parameters as text; they are no secret. */
export function createParameters(): string {
  return `scrypt-2^17-8-1 ${toHex(new Uint8Array(randomBytes(KEY_BYTES)))}`;
}

/**
 * The key that a passphrase and parameters give.
 *
 * @throws {KeyError} `KEK_MALFORMED`
 */
export function deriveFromPassphrase(passphrase: string, parameters: string): Promise<Bytes> {
  const salt = PARAMETERS.exec(parameters.trim())?.[1];
  if (salt === undefined) {
    throw new KeyError("KEK_MALFORMED", "the parameters of the passphrase are in no known form");
  }
  if (passphrase.length < LEAST_PASSPHRASE) {
    throw new KeyError(
      "KEK_MALFORMED",
      `the passphrase has fewer than ${String(LEAST_PASSPHRASE)} characters`,
    );
  }
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize("NFC"), fromHex(salt), KEY_BYTES, SCRYPT, (error, key) => {
      if (error === null) resolve(new Uint8Array(key));
      else reject(error);
    });
  });
}
