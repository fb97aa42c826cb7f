import type { Bytes } from "./bytes.ts";
import type { VerifierKey } from "./verifier-key.ts";

/** Length of an Ed25519 signature. */
export const SIGNATURE_BYTES = 64;

/** The check of signatures as a port; {@link createWebEd25519} is the adapter for WebCrypto. */
export interface Ed25519Verifier {
  /**
   * Whether a signature of {@link SIGNATURE_BYTES} bytes over the message was made by this key.
   * False for whatever is no good signature; never throws because of its bytes.
   *
   * @see RFC 8032 §5.1.7
   */
  verify(publicKey: Bytes, signature: Bytes, message: Bytes): Promise<boolean>;
}

/** Whoever signs: the private key stays on the other side of this port. */
export interface NoteSigner {
  /** Under which name and kind it signs. */
  readonly key: VerifierKey;
  /** Ed25519 over the message: {@link SIGNATURE_BYTES} bytes. */
  sign(message: Bytes): Promise<Bytes>;
}

/** {@link Ed25519Verifier} on the platform's WebCrypto, as browsers and Node have it. */
export function createWebEd25519(): Ed25519Verifier {
  return {
    async verify(publicKey, signature, message) {
      const subtle = globalThis.crypto.subtle;
      const key = await subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
      return subtle.verify("Ed25519", key, signature, message);
    },
  };
}
