import type { Bytes } from "../bytes.ts";
import type { NoteSigner } from "../ed25519.ts";
import { createVerifierKey, type VerifierKeyKind } from "../verifier-key.ts";

/** A signer with a fresh key that nothing outlives. */
export async function unsafeSigner(kind: VerifierKeyKind, name: string): Promise<NoteSigner> {
  const { subtle } = globalThis.crypto;
  const pair = await subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new TypeError("Ed25519 keys come in pairs.");
  const publicKey = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
  return {
    key: createVerifierKey(kind, name, publicKey),
    sign: async (message) => new Uint8Array(await subtle.sign("Ed25519", pair.privateKey, message)),
  };
}

/** A copy with one bit of one byte turned. */
export function turnBit(bytes: Bytes, at = 0, bit = 0): Bytes {
  const altered = bytes.slice();
  altered[at] = (altered[at] ?? 0) ^ (1 << bit);
  return altered;
}
