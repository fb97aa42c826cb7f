import type { Bytes } from "./bytes.ts";

/** Affine coordinates of a P-256 point, 32 bytes each, big-endian, leading zeros kept. */
export interface PublicPoint {
  readonly x: Bytes;
  readonly y: Bytes;
}

/** An adapter's own handle on a P-256 public key that verifies ES256. Import once, keep, use often. */
export interface VerifyKey {
  readonly kind: "verify-key";
}

/** An adapter's own handle on a P-256 private key that signs ES256 and does nothing else. */
export interface SigningKey {
  readonly kind: "signing-key";
  readonly publicPoint: PublicPoint;
}

/** An adapter's own handle on a P-256 private key that agrees on one secret and does nothing else. */
export interface AgreementKey {
  readonly kind: "agreement-key";
  /** The x coordinate of the public half: what EDHOC sends as G_X or G_Y. 32 bytes. */
  readonly publicX: Bytes;
}

/**
 * The cryptography that the protocol stands on, as a port with two adapters that pass one suite:
 * WebCrypto here in `cose` (`createWebCrypto`), node:crypto in `node-crypto`.
 *
 * Every method may be asynchronous. Inputs are never altered. No method logs or throws key bytes.
 */
export interface Crypto {
  /** Fills a new array with `length` bytes from the platform's secure generator. */
  randomBytes(length: number): Bytes;
  /** SHA-256. */
  sha256(data: Uint8Array): Promise<Bytes>;
  /** HMAC with SHA-256; the key may be empty. */
  hmacSha256(key: Uint8Array, data: Uint8Array): Promise<Bytes>;
  /** HKDF-Expand (RFC 5869 §2.3) with SHA-256; `length` at most 8160 bytes. */
  hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Promise<Bytes>;
  /** AES-256-GCM; returns ciphertext followed by the 16-byte tag. `key` 32 bytes, `nonce` 12 bytes. */
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Promise<Bytes>;
  /** Opens {@link seal}'s output; `undefined` for anything that does not authenticate, also for a text shorter than a tag. */
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
  ): Promise<Bytes | undefined>;
  /** Takes a public point after checking it (`KEY_INVALID` when a coordinate is ≥ p, or the point is off the curve). */
  importVerifyKey(point: PublicPoint): Promise<VerifyKey>;
  /** ES256: true only for a good 64-byte r‖s signature; never throws on bad signature bytes. */
  verify(key: VerifyKey, signature: Uint8Array, data: Uint8Array): Promise<boolean>;
  /** A new ES256 key pair; not extractable unless asked for. */
  generateSigningKey(options?: { readonly extractable?: boolean }): Promise<SigningKey>;
  /**
   * Takes a private key scalar (32 bytes) and its point, for stored keys and tests; not extractable
   * unless asked for. Throws `KEY_INVALID` when the two do not belong together.
   */
  importSigningKey(
    scalar: Uint8Array,
    point: PublicPoint,
    options?: { readonly extractable?: boolean },
  ): Promise<SigningKey>;
  /** The 32-byte scalar of an extractable key; throws `KEY_NOT_EXTRACTABLE` otherwise. */
  exportSigningKey(key: SigningKey): Promise<Bytes>;
  /** ES256, 64 bytes r‖s. */
  sign(key: SigningKey, data: Uint8Array): Promise<Bytes>;
  /** Whether these bytes are what {@link agree} takes from a peer: the x coordinate, 32 bytes, of a point on the curve. */
  isAgreementX(x: Uint8Array): Promise<boolean>;
  /** A new ephemeral ECDH key pair. */
  generateAgreementKey(): Promise<AgreementKey>;
  /** Takes an ephemeral private scalar; for published traces only. */
  unsafeImportAgreementKey(scalar: Uint8Array): Promise<AgreementKey>;
  /**
   * ECDH: the 32-byte x coordinate of the shared point, from the peer's x coordinate alone.
   * Throws `KEY_INVALID` when `peerX` is not the x coordinate of a point on the curve.
   */
  agree(key: AgreementKey, peerX: Uint8Array): Promise<Bytes>;
}
