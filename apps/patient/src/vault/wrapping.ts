import { encodeCbor, type Bytes, type Crypto } from "@siphms/cose";
import type { Pin } from "./pin.ts";
import {
  KDF_COST,
  pinAad,
  prfAad,
  type KdfCost,
  type PinWrapping,
  type PrfWrapping,
  type Sealed,
} from "./record.ts";

/** Argon2id, 32 bytes. */
export type PinKdf = (pin: Pin, salt: Bytes, cost: KdfCost) => Promise<Bytes>;

/** An authenticator's answer: the output of its PRF for this salt. */
export interface PrfSecret {
  readonly credentialId: Bytes;
  /** 32 random bytes, made for this credential. */
  readonly salt: Bytes;
  /** 32 bytes. */
  readonly output: Bytes;
}

/** What wraps and unwraps: cryptography and the PIN's KDF. */
export interface WrappingPorts {
  readonly crypto: Crypto;
  readonly kdf: PinKdf;
}

/** A MAC under the store key, which tells this vault's key from any other. */
export function checkOf(crypto: Crypto, storeKey: Bytes, id: Bytes): Promise<Bytes> {
  return crypto.hmacSha256(storeKey, encodeCbor(["SIPHMS vault check", id]));
}

/** Wraps the store key under a PIN, with a new salt. */
export async function wrapWithPin(
  ports: WrappingPorts,
  vault: { readonly id: Bytes; readonly storeKey: Bytes },
  pin: Pin,
): Promise<PinWrapping> {
  const salt = ports.crypto.randomBytes(16);
  const key = await ports.kdf(pin, salt, KDF_COST);
  const sealed = await seal(ports.crypto, key, {
    aad: pinAad(vault.id, salt, KDF_COST),
    plain: vault.storeKey,
  });
  return { kind: "set", failures: 0, salt, cost: KDF_COST, sealed };
}

/** Unwraps the store key; `undefined` for any but the right key. */
export function unwrapWithPinKey(
  crypto: Crypto,
  key: Bytes,
  vault: { readonly id: Bytes; readonly wrapping: PinWrapping },
): Promise<Bytes | undefined> {
  const { salt, cost, sealed } = vault.wrapping;
  return open(crypto, key, { aad: pinAad(vault.id, salt, cost), sealed });
}

/** Wraps the store key under what an authenticator's PRF gave. */
export async function wrapWithPrf(
  crypto: Crypto,
  vault: { readonly id: Bytes; readonly storeKey: Bytes },
  secret: PrfSecret,
): Promise<PrfWrapping> {
  if (secret.salt.length !== 32) throw new RangeError("a PRF's salt must be 32 bytes");
  const key = await prfKey(crypto, vault.id, secret.output);
  const sealed = await seal(crypto, key, { aad: prfAad(vault.id, secret), plain: vault.storeKey });
  return { credentialId: secret.credentialId.slice(), salt: secret.salt.slice(), sealed };
}

/** Unwraps the store key with a PRF's output; `undefined` for any but the right one. */
export async function unwrapWithPrf(
  crypto: Crypto,
  output: Bytes,
  vault: { readonly id: Bytes; readonly wrapping: PrfWrapping },
): Promise<Bytes | undefined> {
  const key = await prfKey(crypto, vault.id, output);
  const aad = prfAad(vault.id, vault.wrapping);
  return open(crypto, key, { aad, sealed: vault.wrapping.sealed });
}

/** HKDF with the vault's id as salt: one authenticator's output gives each vault another key. */
async function prfKey(crypto: Crypto, id: Bytes, output: Bytes): Promise<Bytes> {
  if (output.length !== 32) throw new RangeError("a PRF's output must be 32 bytes");
  const prk = await crypto.hmacSha256(id, output);
  const key = await crypto.hkdfExpand(prk, new TextEncoder().encode("SIPHMS vault prf"), 32);
  prk.fill(0);
  return key;
}

async function seal(
  crypto: Crypto,
  key: Bytes,
  text: { readonly aad: Bytes; readonly plain: Bytes },
): Promise<Sealed> {
  const nonce = crypto.randomBytes(12);
  try {
    return { nonce, text: await crypto.seal(key, nonce, text.aad, text.plain) };
  } finally {
    key.fill(0);
  }
}

async function open(
  crypto: Crypto,
  key: Bytes,
  text: { readonly aad: Bytes; readonly sealed: Sealed },
): Promise<Bytes | undefined> {
  try {
    return await crypto.open(key, text.sealed.nonce, text.aad, text.sealed.text);
  } finally {
    key.fill(0);
  }
}
