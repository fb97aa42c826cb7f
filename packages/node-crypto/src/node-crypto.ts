import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHmac,
  createPrivateKey,
  createPublicKey,
  ECDH,
  generateKeyPairSync,
  hash,
  randomFillSync,
  sign as nodeSign,
  verify as nodeVerify,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";
import {
  CoseError,
  fromBase64Url,
  hkdfExpandWith,
  isOnCurve,
  toBase64Url,
  type AgreementKey,
  type Bytes,
  type Crypto,
  type PublicPoint,
  type SigningKey,
  type VerifyKey,
} from "@siphms/cose";

/**
 * The {@link Crypto} port on node:crypto, with synchronous forms of what a server does most.
 *
 * The synchronous forms cost a little less and block the event loop meanwhile (a verification about 70 µs):
 * use them in a worker, or for a single message. The asynchronous `sign` and `verify` run in the thread pool.
 */
export interface NodeCrypto extends Crypto {
  sha256Sync(data: Uint8Array): Bytes;
  hmacSha256Sync(key: Uint8Array, data: Uint8Array): Bytes;
  /** As {@link Crypto.seal}. */
  sealSync(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Bytes;
  /** As {@link Crypto.open}. */
  openSync(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
  ): Bytes | undefined;
  /** As {@link Crypto.verify}. */
  verifySync(key: VerifyKey, signature: Uint8Array, data: Uint8Array): boolean;
  /** As {@link Crypto.sign}. */
  signSync(key: SigningKey, data: Uint8Array): Bytes;
}

const CURVE = "prime256v1";
const CIPHER = "aes-256-gcm";
const SIGNATURE_BYTES = 64;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
/** Without it Node 20 takes tags of 4, 8 and 12 bytes as well. */
const GCM_OPTIONS = { authTagLength: TAG_BYTES };
const PROBE = new Uint8Array(1);

/** r‖s, as COSE has it, in place of DER. */
interface Es256Key {
  readonly key: KeyObject;
  readonly dsaEncoding: "ieee-p1363";
}

/** A private key and whether it may be exported. */
interface PrivateEs256Key extends Es256Key {
  readonly extractable: boolean;
}

/**
 * The platform's keys behind our handles: made once, used for every message. A handle says nothing of what
 * it stands for, and one that another adapter made is refused.
 */
const verifyKeys = new WeakMap<VerifyKey, Es256Key>();
const signingKeys = new WeakMap<SigningKey, PrivateEs256Key>();
const agreementKeys = new WeakMap<AgreementKey, ECDH>();

/**
 * The {@link Crypto} port on node:crypto: what servers and the command line use, at about two thirds of the
 * cost of WebCrypto on Node.
 */
export function createNodeCrypto(): NodeCrypto {
  return {
    randomBytes,
    sha256: async (data) => Promise.resolve(sha256Sync(data)),
    sha256Sync,
    hmacSha256: async (key, data) => Promise.resolve(hmacSha256Sync(key, data)),
    hmacSha256Sync,
    hkdfExpand: async (prk, info, length) =>
      hkdfExpandWith((data) => Promise.resolve(hmacSha256Sync(prk, data)), info, length),
    seal: async (...input) => Promise.resolve(sealSync(...input)),
    sealSync,
    open: async (...input) => Promise.resolve(openSync(...input)),
    openSync,
    importVerifyKey: async (point) => Promise.resolve(importVerifyKey(point)),
    verify,
    verifySync,
    generateSigningKey: async (options) => Promise.resolve(generateSigningKey(options)),
    importSigningKey: async (...input) => Promise.resolve(importSigningKey(...input)),
    exportSigningKey: async (key) => Promise.resolve(exportSigningKey(key)),
    sign,
    signSync,
    isAgreementX: async (x) => Promise.resolve(isAgreementX(x)),
    generateAgreementKey: async () => Promise.resolve(generateAgreementKey()),
    unsafeImportAgreementKey: async (scalar) => Promise.resolve(importAgreementKey(scalar)),
    agree: async (key, peerX) => Promise.resolve(agree(key, peerX)),
  };
}

/** Nonces and ids: what a server takes most of. Longer ones are keys, and come from the system one by one. */
const POOLED_BYTES = 16;
const pool = new Uint8Array(4096);
let poolAt = pool.length;

/** One call of the system's generator costs ten times as much as copying a few of its bytes. */
function randomBytes(length: number): Bytes {
  if (length > POOLED_BYTES) return randomFillSync(new Uint8Array(length));
  if (poolAt + length > pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  const bytes = pool.slice(poolAt, poolAt + length);
  // Given out once, and gone from here.
  pool.fill(0, poolAt, poolAt + length);
  poolAt += length;
  return bytes;
}

function sha256Sync(data: Uint8Array): Bytes {
  return plain(hash("sha256", data, "buffer"));
}

function hmacSha256Sync(key: Uint8Array, data: Uint8Array): Bytes {
  return plain(createHmac("sha256", key).update(data).digest());
}

// eslint-disable-next-line max-params -- the port's order
function sealSync(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Bytes {
  checkAeadSizes(key, nonce);
  const cipher = createCipheriv(CIPHER, key, nonce, GCM_OPTIONS).setAAD(aad);
  const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
  sealed.set(cipher.update(plaintext));
  cipher.final();
  sealed.set(cipher.getAuthTag(), plaintext.length);
  return sealed;
}

// eslint-disable-next-line max-params -- the port's order
function openSync(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
): Bytes | undefined {
  checkAeadSizes(key, nonce);
  const textBytes = ciphertext.length - TAG_BYTES;
  if (textBytes < 0) return undefined;
  const decipher = createDecipheriv(CIPHER, key, nonce, GCM_OPTIONS)
    .setAAD(aad)
    .setAuthTag(ciphertext.subarray(textBytes));
  const plaintext = decipher.update(ciphertext.subarray(0, textBytes));
  try {
    decipher.final();
  } catch {
    // The only sign that node:crypto gives of a tag that does not fit.
    return undefined;
  }
  return plain(plaintext);
}

function checkAeadSizes(key: Uint8Array, nonce: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw new RangeError("key: not 32 bytes");
  if (nonce.length !== NONCE_BYTES) throw new RangeError("nonce: not 12 bytes");
}

function importVerifyKey(point: PublicPoint): VerifyKey {
  if (!isOnCurve(point)) throw keyInvalid("point not on P-256");
  const key = createPublicKey({ format: "jwk", key: publicJwk(point) });
  const handle: VerifyKey = Object.freeze({ kind: "verify-key" });
  verifyKeys.set(handle, { key, dsaEncoding: "ieee-p1363" });
  return handle;
}

function verifySync(key: VerifyKey, signature: Uint8Array, data: Uint8Array): boolean {
  const publicKey = lookUp(verifyKeys, key);
  return signature.length === SIGNATURE_BYTES && nodeVerify("sha256", data, publicKey, signature);
}

async function verify(key: VerifyKey, signature: Uint8Array, data: Uint8Array): Promise<boolean> {
  const publicKey = lookUp(verifyKeys, key);
  if (signature.length !== SIGNATURE_BYTES) return false;
  return new Promise((resolve, reject) => {
    nodeVerify("sha256", data, publicKey, signature, (error, valid) => {
      if (error === null) resolve(valid);
      else reject(error);
    });
  });
}

function generateSigningKey(options: { readonly extractable?: boolean } = {}): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: CURVE });
  const jwk = publicKey.export({ format: "jwk" });
  return signingHandle(privateKey, pointOf(jwk), options.extractable ?? false);
}

function importSigningKey(
  scalar: Uint8Array,
  point: PublicPoint,
  options: { readonly extractable?: boolean } = {},
): SigningKey {
  if (scalar.length !== KEY_BYTES) throw keyInvalid("not 32 bytes");
  const publicKey = importVerifyKey(point);
  const handle = signingHandle(
    importPrivateJwk(scalar, point),
    point,
    options.extractable ?? false,
  );
  // OpenSSL does not compare the halves, and signatures under a wrong one would never verify.
  if (!verifySync(publicKey, signSync(handle, PROBE), PROBE)) {
    throw keyInvalid("scalar and point do not belong together");
  }
  return handle;
}

function importPrivateJwk(scalar: Uint8Array, point: PublicPoint): KeyObject {
  try {
    const key = { ...publicJwk(point), d: toBase64Url(scalar) };
    return createPrivateKey({ format: "jwk", key });
  } catch {
    // The platform's own error could quote the key.
    throw keyInvalid("not a private key");
  }
}

function signingHandle(key: KeyObject, publicPoint: PublicPoint, extractable: boolean): SigningKey {
  const handle: SigningKey = Object.freeze({ kind: "signing-key", publicPoint });
  signingKeys.set(handle, { key, dsaEncoding: "ieee-p1363", extractable });
  return handle;
}

function exportSigningKey(key: SigningKey): Bytes {
  const privateKey = lookUp(signingKeys, key);
  if (!privateKey.extractable) {
    throw new CoseError("KEY_NOT_EXTRACTABLE", "This private key was made to stay where it is.");
  }
  return fromBase64Url(privateKey.key.export({ format: "jwk" }).d ?? "");
}

function signSync(key: SigningKey, data: Uint8Array): Bytes {
  return plain(nodeSign("sha256", data, lookUp(signingKeys, key)));
}

async function sign(key: SigningKey, data: Uint8Array): Promise<Bytes> {
  const privateKey = lookUp(signingKeys, key);
  return new Promise((resolve, reject) => {
    nodeSign("sha256", data, privateKey, (error, signature) => {
      if (error === null) resolve(plain(signature));
      else reject(error);
    });
  });
}

/** OpenSSL finds the point, in a twentieth of the time that BigInts need: whoever floods us with first messages gets this. */
function isAgreementX(x: Uint8Array): boolean {
  if (x.length !== KEY_BYTES) return false;
  try {
    ECDH.convertKey(compressed(x), CURVE);
    return true;
  } catch {
    return false;
  }
}

function generateAgreementKey(): AgreementKey {
  const ecdh = createECDH(CURVE);
  ecdh.generateKeys();
  return agreementHandle(ecdh);
}

function importAgreementKey(scalar: Uint8Array): AgreementKey {
  if (scalar.length !== KEY_BYTES) throw keyInvalid("not 32 bytes");
  const ecdh = createECDH(CURVE);
  try {
    ecdh.setPrivateKey(scalar);
  } catch {
    throw keyInvalid("not a private key");
  }
  return agreementHandle(ecdh);
}

function agreementHandle(ecdh: ECDH): AgreementKey {
  const publicX = plain(ecdh.getPublicKey().subarray(1, 1 + KEY_BYTES));
  const handle: AgreementKey = Object.freeze({ kind: "agreement-key", publicX });
  agreementKeys.set(handle, ecdh);
  return handle;
}

function agree(key: AgreementKey, peerX: Uint8Array): Bytes {
  const ecdh = lookUp(agreementKeys, key);
  if (peerX.length !== KEY_BYTES) throw keyInvalid("x coordinate is not 32 bytes");
  try {
    return new Uint8Array(ecdh.computeSecret(compressed(peerX)));
  } catch {
    throw keyInvalid("not the x coordinate of a point on P-256");
  }
}

/** Either of the two points of an x gives the same x of the secret; OpenSSL finds one and checks it. */
function compressed(x: Uint8Array): Uint8Array {
  const point = new Uint8Array(1 + KEY_BYTES);
  point[0] = 2;
  point.set(x, 1);
  return point;
}

function publicJwk(point: PublicPoint): JsonWebKey {
  return { kty: "EC", crv: "P-256", x: toBase64Url(point.x), y: toBase64Url(point.y) };
}

function pointOf(jwk: JsonWebKey): PublicPoint {
  return { x: fromBase64Url(jwk.x ?? ""), y: fromBase64Url(jwk.y ?? "") };
}

/** The same bytes as a plain array: Node's buffers behave otherwise than `Uint8Array`. */
function plain(buffer: Buffer<ArrayBuffer>): Bytes {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

/**
 * The platform's key behind a handle, for handing it to a worker thread of this program.
 *
 * @throws {TypeError} for a handle that another adapter made.
 */
export function platformKey(handle: VerifyKey | SigningKey): KeyObject {
  return (handle.kind === "verify-key" ? lookUp(verifyKeys, handle) : lookUp(signingKeys, handle))
    .key;
}

function lookUp<Handle extends WeakKey, Key>(keys: WeakMap<Handle, Key>, handle: Handle): Key {
  const key = keys.get(handle);
  if (key === undefined) throw new TypeError("key: not made by this adapter");
  return key;
}

function keyInvalid(what: string): CoseError {
  return new CoseError("KEY_INVALID", `Key refused: ${what}.`);
}
