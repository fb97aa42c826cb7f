import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  ECDH,
  sign as nodeSign,
  verify as nodeVerify,
} from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { AgreementKey, Bytes, SigningKey, VerifyKey } from "@siphms/cose";
import { concatBytes, toBase64Url } from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";
import type { AeadParameters, Suite } from "./suite.ts";
import { createSuiteMinus21 } from "./suite-minus-21.ts";

/** Cipher suites of RFC 9528 §3.6 for published traces, without our profile. */

const p256Sha256 = { ...createSuiteMinus21(createNodeCrypto()), strictProfile: false };

/** AES-CCM-16-64-128, SHA-256, 8, P-256, ES256. */
export const suite2: Suite = { ...p256Sha256, id: 2, ...aesCcm(8) };

/** AES-CCM-16-128-128, SHA-256, 16, P-256, ES256. */
export const suite3: Suite = { ...p256Sha256, id: 3, ...aesCcm(16) };

/** Of A256GCM, SHA-384, 16, P-384, ES384 no more than how it judges a public key. */
export const suite24KeyCheck: Suite = {
  ...p256Sha256,
  id: 24,
  publicKeyLength: 48,
  isPublicKey: (x) => Promise.resolve(x.length === 48 && isP384(x)),
};

/** Our own suite -21 without our profile, for traces that were made before it had one. */
export const suiteMinus21WithoutProfile: Suite = p256Sha256;

const privateKeys = new WeakMap<AgreementKey | SigningKey, KeyObject>();
const publicKeys = new WeakMap<VerifyKey, KeyObject>();

/** AES-CCM-16-64-128, SHA-256, 8, X25519, EdDSA. Its ephemeral keys are imported, never made. */
export const suite0: Suite = {
  ...suite2,
  id: 0,
  isPublicKey: async (publicKey) =>
    (await suite0.agree(importX25519(new Uint8Array(32).fill(7)), publicKey)) !== undefined,
  agree: (ephemeral, publicKey) => Promise.resolve(agreeX25519(ephemeral, publicKey)),
  generateEphemeral: () => Promise.reject(new Error("suite 0 is for traces with given keys")),
  sign: (key, data) =>
    Promise.resolve(new Uint8Array(nodeSign(null, data, find(privateKeys, key)))),
  verify: (key, signature, data) =>
    Promise.resolve(nodeVerify(null, data, find(publicKeys, key), signature)),
};

/** An X25519 private key of 32 bytes. */
export function importX25519(scalar: Bytes): AgreementKey {
  const privateKey = importPkcs8("302e020100300506032b656e04220420", scalar);
  const handle: AgreementKey = { kind: "agreement-key", publicX: rawPublic(privateKey) };
  privateKeys.set(handle, privateKey);
  return handle;
}

/** An Ed25519 private key of 32 bytes; its one coordinate stands as x. */
export function importEd25519(seed: Bytes): SigningKey {
  const privateKey = importPkcs8("302e020100300506032b657004220420", seed);
  const publicPoint = { x: rawPublic(privateKey), y: new Uint8Array() };
  const handle: SigningKey = { kind: "signing-key", publicPoint };
  privateKeys.set(handle, privateKey);
  return handle;
}

/** An Ed25519 public key of 32 bytes. */
export function importEd25519Public(publicKey: Bytes): VerifyKey {
  const handle: VerifyKey = { kind: "verify-key" };
  publicKeys.set(handle, importOkp("Ed25519", publicKey));
  return handle;
}

/** Lets a suite's signer return recorded signatures, since ECDSA never makes the same one twice. */
export function withRecordedSignature(suite: Suite, signature: Bytes): Suite {
  return { ...suite, sign: () => Promise.resolve(signature) };
}

function agreeX25519(ephemeral: AgreementKey, publicKey: Bytes): Bytes | undefined {
  if (publicKey.length !== 32) return undefined;
  try {
    return new Uint8Array(
      diffieHellman({
        privateKey: find(privateKeys, ephemeral),
        publicKey: importOkp("X25519", publicKey),
      }),
    );
  } catch {
    // OpenSSL refuses the all-zero secret of a point of low order (RFC 7748 §6.1).
    return undefined;
  }
}

function aesCcm(
  tagLength: 8 | 16,
): Pick<Suite, "keyLength" | "nonceLength" | "open" | "seal" | "tagLength"> {
  const options = { authTagLength: tagLength };
  return {
    keyLength: 16,
    nonceLength: 13,
    tagLength,
    seal: ({ key, nonce, aad }: AeadParameters, plaintext) => {
      const cipher = createCipheriv("aes-128-ccm", key, nonce, options);
      cipher.setAAD(aad, { plaintextLength: plaintext.length });
      const ciphertext = cipher.update(plaintext);
      cipher.final();
      return Promise.resolve(concatBytes(ciphertext, cipher.getAuthTag()));
    },
    open: ({ key, nonce, aad }: AeadParameters, ciphertext) => {
      const length = ciphertext.length - tagLength;
      if (length < 0) return Promise.resolve(undefined);
      const decipher = createDecipheriv("aes-128-ccm", key, nonce, options);
      decipher.setAuthTag(ciphertext.subarray(length));
      decipher.setAAD(aad, { plaintextLength: length });
      try {
        const plaintext = decipher.update(ciphertext.subarray(0, length));
        decipher.final();
        return Promise.resolve(new Uint8Array(plaintext));
      } catch {
        return Promise.resolve(undefined);
      }
    },
  };
}

function isP384(x: Bytes): boolean {
  try {
    ECDH.convertKey(concatBytes(new Uint8Array([2]), x), "secp384r1");
    return true;
  } catch {
    return false;
  }
}

function importPkcs8(prefix: string, secret: Bytes): KeyObject {
  const der = Buffer.concat([Buffer.from(prefix, "hex"), secret]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}

function importOkp(crv: "Ed25519" | "X25519", x: Bytes): KeyObject {
  return createPublicKey({ key: { kty: "OKP", crv, x: toBase64Url(x) }, format: "jwk" });
}

function rawPublic(privateKey: KeyObject): Bytes {
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  return new Uint8Array(Buffer.from(x ?? "", "base64url"));
}

function find<K extends object, V>(keys: WeakMap<K, V>, handle: K): V {
  const key = keys.get(handle);
  if (key === undefined) throw new TypeError("a key of another suite");
  return key;
}
