import { type Bytes, concatBytes, type Crypto } from "@siphms/cose";

/**
 * The commitment to nonce-d that stands in EAD_3: SHA-256.
 *
 * It fixes the device's half of the code before the hospital's half is known, so that nobody in between can search for
 * a nonce that makes two codes agree.
 *
 * @param nonceD - 32 random bytes.
 * @see protocol section 4
 */
export async function commitment(nonceD: Uint8Array, crypto: Crypto): Promise<Bytes> {
  return crypto.sha256(nonceD);
}

/**
 * The six digits that patient and staff compare.
 *
 * @param input - The exporter's confirmation secret (32 bytes), nonce-d (32 bytes) and the grant's nonce-h (16 bytes).
 * @returns Six digits with leading zeros.
 * @throws {RangeError} for a part of another length.
 * @see protocol section 4, step 4
 */
export async function confirmationCode(
  input: {
    readonly secret: Uint8Array;
    readonly nonceD: Uint8Array;
    readonly nonceH: Uint8Array;
  },
  crypto: Crypto,
): Promise<string> {
  const { secret, nonceD, nonceH } = input;
  // The parts are joined without lengths, so the lengths have to be fixed.
  if (secret.length !== 32 || nonceD.length !== 32 || nonceH.length !== 16)
    throw new RangeError("confirmation code: a part of another length");
  const digest = await crypto.sha256(concatBytes(secret, nonceD, nonceH));
  const number = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0);
  return String(number % 1_000_000n).padStart(6, "0");
}
