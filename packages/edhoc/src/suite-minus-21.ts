import type { Crypto } from "@siphms/cose";
import { CoseError } from "@siphms/cose";
import type { Suite } from "./suite.ts";

/**
 * Our private-use suite -21: `3, -16, 16, 1, -7, 3, -16`, that is A256GCM, SHA-256, MAC length 16 (not used
 * by method 0), P-256, ES256, and A256GCM, SHA-256 for the application. With the strict profile.
 *
 * @see RFC 9528 §10.2 (private use -21 to -24) and protocol section 5
 */
export function createSuiteMinus21(crypto: Crypto): Suite {
  return {
    id: -21,
    strictProfile: true,
    hashLength: 32,
    publicKeyLength: 32,
    signatureLength: 64,
    keyLength: 32,
    nonceLength: 12,
    tagLength: 16,
    randomBytes: (length) => crypto.randomBytes(length),
    hash: (data) => crypto.sha256(data),
    extract: (salt, ikm) => crypto.hmacSha256(salt, ikm),
    expand: (prk, info, length) => crypto.hkdfExpand(prk, info, length),
    seal: ({ key, nonce, aad }, plaintext) => crypto.seal(key, nonce, aad, plaintext),
    open: ({ key, nonce, aad }, ciphertext) => crypto.open(key, nonce, aad, ciphertext),
    generateEphemeral: () => crypto.generateAgreementKey(),
    isPublicKey: (publicKey) => crypto.isAgreementX(publicKey),
    agree: (ephemeral, publicKey) => unlessKeyInvalid(() => crypto.agree(ephemeral, publicKey)),
    sign: (key, data) => crypto.sign(key, data),
    verify: (key, signature, data) => crypto.verify(key, signature, data),
  };
}

/** It refuses what is not 32 bytes, below the field prime, and the x coordinate of a point. */
async function unlessKeyInvalid<T>(work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CoseError && error.code === "KEY_INVALID") return undefined;
    throw error;
  }
}
