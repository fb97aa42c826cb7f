import type { AgreementKey, Bytes, SigningKey, VerifyKey } from "@siphms/cose";

/** Key, nonce and associated data of one AEAD operation; a pair of key and nonce is used once. */
export interface AeadParameters {
  readonly key: Bytes;
  readonly nonce: Bytes;
  readonly aad: Bytes;
}

/**
 * A cipher suite as a value: its numbers and its algorithms, nothing of a handshake.
 *
 * Production uses suite -21 ({@link createSuiteMinus21}). The tests add the RFC's own suites,
 * so that the published traces run through the same code.
 *
 * @see RFC 9528 §3.6
 */
export interface Suite {
  /** The value that stands in SUITES_I. */
  readonly id: number;
  /**
   * True: only what protocol section 5 allows (no EAD_1, EAD_2; zero padding to fixed lengths; the two
   * labels in their places). False: RFC 9528 alone, for published traces.
   */
  readonly strictProfile: boolean;
  /** Bytes of a hash, of every PRK, and of MAC_2 and MAC_3 (RFC 9528 §5.3.2, §5.4.2: both sides sign). */
  readonly hashLength: number;
  /** Bytes of G_X and G_Y. */
  readonly publicKeyLength: number;
  /** Bytes of Signature_or_MAC_2 and _3. */
  readonly signatureLength: number;
  readonly keyLength: number;
  readonly nonceLength: number;
  readonly tagLength: number;

  randomBytes(length: number): Bytes;
  hash(data: Uint8Array): Promise<Bytes>;
  /** EDHOC_Extract. */
  extract(salt: Uint8Array, ikm: Uint8Array): Promise<Bytes>;
  /** EDHOC_Expand. */
  expand(prk: Uint8Array, info: Uint8Array, length: number): Promise<Bytes>;
  /** Ciphertext followed by the tag. */
  seal(parameters: AeadParameters, plaintext: Uint8Array): Promise<Bytes>;
  /** `undefined` for whatever does not authenticate. */
  open(parameters: AeadParameters, ciphertext: Uint8Array): Promise<Bytes | undefined>;
  generateEphemeral(): Promise<AgreementKey>;
  /** Whether these bytes are a public key of the suite's curve that may be agreed with. */
  isPublicKey(publicKey: Bytes): Promise<boolean>;
  /** G_XY, or `undefined` where {@link isPublicKey} would say no. */
  agree(ephemeral: AgreementKey, publicKey: Bytes): Promise<Bytes | undefined>;
  sign(key: SigningKey, data: Uint8Array): Promise<Bytes>;
  /** False for any bad signature; never throws on signature bytes. */
  verify(key: VerifyKey, signature: Uint8Array, data: Uint8Array): Promise<boolean>;
}
