import { asBytes, concatBytes, type Bytes } from "./bytes.ts";
import { fromBase64Url, toBase64Url } from "./base64url.ts";
import { CoseError } from "./cose-error.ts";
import type { AgreementKey, Crypto, PublicPoint, SigningKey, VerifyKey } from "./crypto.ts";
import { fromHex } from "./hex.ts";
import { hkdfExpandWith } from "./hkdf.ts";
import { isOnCurve, pointFromX } from "./point.ts";

const ECDSA_P256 = { name: "ECDSA", namedCurve: "P-256" };
const ES256 = { name: "ECDSA", hash: "SHA-256" };
const ECDH_P256 = { name: "ECDH", namedCurve: "P-256" };
const HMAC_SHA256 = { name: "HMAC", hash: "SHA-256" };
const SIGNATURE_BYTES = 64;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
/** HMAC pads a short key with zeros (RFC 2104 §2), so this stands for the empty key that importKey refuses. */
const EMPTY_HMAC_KEY = new Uint8Array(32);
/** PKCS #8 of a P-256 private key without its public half; the scalar follows. */
const PKCS8_PREFIX = fromHex(
  "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420",
);
const PROBE = new Uint8Array(1);

/**
 * The platform's keys behind our handles. A handle says nothing of what it stands for, and one that
 * another adapter made is refused.
 */
const verifyKeys = new WeakMap<VerifyKey, CryptoKey>();
const signingKeys = new WeakMap<SigningKey, CryptoKey>();
const agreementKeys = new WeakMap<AgreementKey, CryptoKey>();

/**
 * The {@link Crypto} port on `globalThis.crypto`: for browsers, and wherever there is nothing better.
 *
 * Private keys never leave the platform unless they were made extractable. `randomBytes` gives at most
 * 65,536 bytes at a time.
 *
 * @see W3C Web Cryptography API
 */
export function createWebCrypto(): Crypto {
  return {
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    sha256: async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", asBytes(data))),
    hmacSha256: async (key, data) => hmac(await importHmacKey(key), data),
    hkdfExpand,
    seal,
    open,
    importVerifyKey,
    verify,
    generateSigningKey,
    importSigningKey,
    exportSigningKey,
    sign,
    isAgreementX: async (x) => Promise.resolve(isAgreementX(x)),
    generateAgreementKey,
    unsafeImportAgreementKey,
    agree,
  };
}

async function importHmacKey(key: Uint8Array): Promise<CryptoKey> {
  const raw = key.length === 0 ? EMPTY_HMAC_KEY : asBytes(key);
  return crypto.subtle.importKey("raw", raw, HMAC_SHA256, false, ["sign"]);
}

async function hmac(key: CryptoKey, data: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, asBytes(data)));
}

async function hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Promise<Bytes> {
  const key = await importHmacKey(prk);
  return hkdfExpandWith((data) => hmac(key, data), info, length);
}

// eslint-disable-next-line max-params -- the port's order
async function seal(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Promise<Bytes> {
  const algorithm = gcm(nonce, aad);
  const aesKey = await importAesKey(key, "encrypt");
  return new Uint8Array(await crypto.subtle.encrypt(algorithm, aesKey, asBytes(plaintext)));
}

// eslint-disable-next-line max-params -- the port's order
async function open(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
): Promise<Bytes | undefined> {
  const algorithm = gcm(nonce, aad);
  const aesKey = await importAesKey(key, "decrypt");
  if (ciphertext.length < TAG_BYTES) return undefined;
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, aesKey, asBytes(ciphertext)));
  } catch (cause) {
    // The only sign that WebCrypto gives of a tag that does not fit.
    if (cause instanceof DOMException && cause.name === "OperationError") return undefined;
    throw cause;
  }
}

function gcm(nonce: Uint8Array, aad: Uint8Array): AesGcmParams {
  if (nonce.length !== NONCE_BYTES) throw new RangeError("nonce: not 12 bytes");
  return {
    name: "AES-GCM",
    iv: asBytes(nonce),
    additionalData: asBytes(aad),
    tagLength: 8 * TAG_BYTES,
  };
}

async function importAesKey(key: Uint8Array, usage: "encrypt" | "decrypt"): Promise<CryptoKey> {
  if (key.length !== KEY_BYTES) throw new RangeError("key: not 32 bytes");
  return crypto.subtle.importKey("raw", asBytes(key), "AES-GCM", false, [usage]);
}

async function importVerifyKey(point: PublicPoint): Promise<VerifyKey> {
  if (!isOnCurve(point)) throw keyInvalid("point not on P-256");
  const key = await crypto.subtle.importKey("raw", uncompressed(point), ECDSA_P256, false, [
    "verify",
  ]);
  const handle: VerifyKey = Object.freeze({ kind: "verify-key" });
  verifyKeys.set(handle, key);
  return handle;
}

async function verify(key: VerifyKey, signature: Uint8Array, data: Uint8Array): Promise<boolean> {
  const cryptoKey = lookUp(verifyKeys, key);
  if (signature.length !== SIGNATURE_BYTES) return false;
  return crypto.subtle.verify(ES256, cryptoKey, asBytes(signature), asBytes(data));
}

async function generateSigningKey(
  options: { readonly extractable?: boolean } = {},
): Promise<SigningKey> {
  const pair = await crypto.subtle.generateKey(ECDSA_P256, options.extractable ?? false, [
    "sign",
    "verify",
  ]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return signingHandle(pair.privateKey, { x: raw.slice(1, 33), y: raw.slice(33) });
}

async function importSigningKey(
  scalar: Uint8Array,
  point: PublicPoint,
  options: { readonly extractable?: boolean } = {},
): Promise<SigningKey> {
  if (scalar.length !== KEY_BYTES) throw keyInvalid("not 32 bytes");
  const publicKey = await importVerifyKey(point);
  const handle = signingHandle(
    await importPrivateJwk(scalar, point, options.extractable ?? false),
    point,
  );
  // Not every platform compares the halves, and signatures under a wrong one would never verify.
  if (!(await verify(publicKey, await sign(handle, PROBE), PROBE))) {
    throw keyInvalid("scalar and point do not belong together");
  }
  return handle;
}

async function importPrivateJwk(
  scalar: Uint8Array,
  point: PublicPoint,
  extractable: boolean,
): Promise<CryptoKey> {
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: toBase64Url(point.x),
    y: toBase64Url(point.y),
    d: toBase64Url(scalar),
  };
  try {
    return await crypto.subtle.importKey("jwk", jwk, ECDSA_P256, extractable, ["sign"]);
  } catch {
    // The platform's own error could quote the key.
    throw keyInvalid("not a private key");
  }
}

function signingHandle(privateKey: CryptoKey, publicPoint: PublicPoint): SigningKey {
  const handle: SigningKey = Object.freeze({ kind: "signing-key", publicPoint });
  signingKeys.set(handle, privateKey);
  return handle;
}

async function exportSigningKey(key: SigningKey): Promise<Bytes> {
  const privateKey = lookUp(signingKeys, key);
  if (!privateKey.extractable) {
    throw new CoseError("KEY_NOT_EXTRACTABLE", "This private key was made to stay where it is.");
  }
  const { d } = await crypto.subtle.exportKey("jwk", privateKey);
  if (d === undefined) throw keyInvalid("not a private key");
  return fromBase64Url(d);
}

async function sign(key: SigningKey, data: Uint8Array): Promise<Bytes> {
  const privateKey = lookUp(signingKeys, key);
  return new Uint8Array(await crypto.subtle.sign(ES256, privateKey, asBytes(data)));
}

function isAgreementX(x: Uint8Array): boolean {
  try {
    pointFromX(x);
    return true;
  } catch (error) {
    if (error instanceof CoseError) return false;
    throw error;
  }
}

async function generateAgreementKey(): Promise<AgreementKey> {
  const pair = await crypto.subtle.generateKey(ECDH_P256, false, ["deriveBits"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return agreementHandle(pair.privateKey, raw.slice(1, 33));
}

async function unsafeImportAgreementKey(scalar: Uint8Array): Promise<AgreementKey> {
  if (scalar.length !== KEY_BYTES) throw keyInvalid("not 32 bytes");
  const pkcs8 = concatBytes(PKCS8_PREFIX, scalar);
  try {
    const key = await crypto.subtle.importKey("pkcs8", pkcs8, ECDH_P256, true, ["deriveBits"]);
    const { x } = await crypto.subtle.exportKey("jwk", key);
    return agreementHandle(key, fromBase64Url(x ?? ""));
  } catch {
    throw keyInvalid("not a private key");
  }
}

function agreementHandle(privateKey: CryptoKey, publicX: Bytes): AgreementKey {
  const handle: AgreementKey = Object.freeze({ kind: "agreement-key", publicX });
  agreementKeys.set(handle, privateKey);
  return handle;
}

async function agree(key: AgreementKey, peerX: Uint8Array): Promise<Bytes> {
  const privateKey = lookUp(agreementKeys, key);
  // Browsers do not agree on compressed points, so the missing half is computed here.
  const peer = uncompressed(pointFromX(peerX));
  const publicKey = await crypto.subtle.importKey("raw", peer, ECDH_P256, false, []);
  const algorithm = { name: "ECDH", public: publicKey };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, privateKey, 256));
}

function uncompressed(point: PublicPoint): Bytes {
  return concatBytes(Uint8Array.of(4), point.x, point.y);
}

function lookUp<Handle extends WeakKey>(
  keys: WeakMap<Handle, CryptoKey>,
  handle: Handle,
): CryptoKey {
  const key = keys.get(handle);
  if (key === undefined) throw new TypeError("key: not made by this adapter");
  return key;
}

function keyInvalid(what: string): CoseError {
  return new CoseError("KEY_INVALID", `Key refused: ${what}.`);
}
