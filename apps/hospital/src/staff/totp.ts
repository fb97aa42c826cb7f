import type { Bytes } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import { Secret, TOTP } from "otpauth";

/** 160 bits, the size of SHA-1's output (RFC 4226 §4, R6). */
const SECRET_BYTES = 20;
const PERIOD_SECONDS = 30;
/** One step back and one ahead, for phones whose clock is not quite right (RFC 6238 §5.2). */
const WINDOW_STEPS = 1;

/** Makes a new TOTP secret. */
export function createTotpSecret(crypto: NodeCrypto): Bytes {
  return crypto.randomBytes(SECRET_BYTES);
}

/** A secret as a person types it into a TOTP app, and as the app reads it from a QR code. */
export function describeTotp(
  secret: Bytes,
  owner: { readonly hospitalName: string; readonly staffName: string },
): { readonly secret: string; readonly uri: string } {
  const totp = totpOf(secret, { issuer: owner.hospitalName, label: owner.staffName });
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/**
 * The time step that a code is of, among those that are good now; `undefined` for a wrong code.
 *
 * A code is good once: take it only when its step is later than that of the last code taken (RFC 6238 §5.2).
 */
export function stepOfCode(secret: Bytes, code: string, now: number): number | undefined {
  const totp = totpOf(secret);
  const delta = totp.validate({ token: code, timestamp: now, window: WINDOW_STEPS });
  return delta === null ? undefined : totp.counter({ timestamp: now }) + delta;
}

/** SHA-1 and six digits: what every TOTP app knows. HMAC does not need SHA-1 to be free of collisions. */
function totpOf(secret: Bytes, names: { issuer?: string; label?: string } = {}): TOTP {
  return new TOTP({
    ...names,
    // A copy: a view may stand in a larger buffer.
    secret: new Secret({ buffer: secret.slice().buffer }),
    algorithm: "SHA1",
    digits: 6,
    period: PERIOD_SECONDS,
  });
}
