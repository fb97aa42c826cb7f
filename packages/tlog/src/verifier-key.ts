import { fromBase64, toBase64 } from "./base64.ts";
import { joinBytes, type Bytes } from "./bytes.ts";
import { sha256 } from "./hash.ts";
import { hasLoneSurrogate, toUtf8 } from "./text.ts";
import { TlogError } from "./tlog-error.ts";

/**
 * What a key's signatures are: plain Ed25519 over a note's text (type 0x01), or an Ed25519
 * cosignature of a checkpoint with a time (type 0x04).
 */
export type VerifierKeyKind = "ed25519" | "cosignature";

/** A public key with the name under which it signs notes. */
export interface VerifierKey {
  readonly kind: VerifierKeyKind;
  /** Not empty, without white space and `+`. */
  readonly name: string;
  /** First four bytes of a hash over name, kind and public key: finds the key, proves nothing. */
  readonly keyId: number;
  /** 32 bytes. */
  readonly publicKey: Bytes;
}

/** Length of an Ed25519 public key. */
const PUBLIC_KEY_BYTES = 32;

const TYPE_OF_KIND = { ed25519: 0x01, cosignature: 0x04 } as const;

/**
 * Makes a verifier key of a public key.
 *
 * @throws {RangeError} When the name cannot be a key's name, or the public key has not 32 bytes.
 * @see signed-note, "Signatures"; tlog-cosignature, "Format"
 */
export function createVerifierKey(
  kind: VerifierKeyKind,
  name: string,
  publicKey: Bytes,
): VerifierKey {
  if (!isKeyName(name)) throw new RangeError("name is not empty, without white space and +.");
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw new RangeError("publicKey has 32 bytes.");
  return { kind, name, keyId: keyIdOf(name, typedKey(kind, publicKey)), publicKey };
}

/**
 * Writes a verifier key as one line of text: name, key id in hex, type and public key in base64.
 *
 * @see signed-note, "Verifier keys"
 */
export function encodeVerifierKey({ kind, name, keyId, publicKey }: VerifierKey): string {
  const id = keyId.toString(16).padStart(8, "0");
  return `${name}+${id}+${toBase64(typedKey(kind, publicKey))}`;
}

/**
 * Reads a verifier key from its text.
 *
 * The key id must be the one that name, type and public key give.
 *
 * @throws {TlogError} `VERIFIER_KEY_MALFORMED`; `VERIFIER_KEY_UNSUPPORTED` for a type other than 0x01 and 0x04.
 * @see signed-note, "Verifier keys"
 */
export function parseVerifierKey(text: string): VerifierKey {
  const parts = text.split("+");
  const [name = "", idText = ""] = parts;
  // Base64 has + among its digits.
  const typed = fromBase64(parts.slice(2).join("+"));
  if (!isKeyName(name)) throw malformed("its name");
  if (!/^[0-9a-f]{8}$/.test(idText)) throw malformed("its key id");
  const type = typed?.[0];
  if (typed === undefined || type === undefined) throw malformed("its base64");
  const kind = kindOf(type);
  if (typed.length !== 1 + PUBLIC_KEY_BYTES) throw malformed("its length");
  const keyId = keyIdOf(name, typed);
  if (keyId !== parseInt(idText, 16)) throw malformed("a key id that is not its own");
  return { kind, name, keyId, publicKey: typed.slice(1) };
}

/**
 * Whether a text can be a key's name: not empty, without Unicode white space, `+` and the control characters that no note may have.
 *
 * @see signed-note, "Format"
 */
export function isKeyName(name: string): boolean {
  return /^[^\p{White_Space}\u0000-\u001f+]+$/u.test(name) && !hasLoneSurrogate(name);
}

/** A name for a pair of name and key id: what a signature line says of its key. */
export function keyHandle({ name, keyId }: Pick<VerifierKey, "name" | "keyId">): string {
  return `${name}+${keyId}`;
}

function kindOf(type: number): VerifierKeyKind {
  if (type === TYPE_OF_KIND.ed25519) return "ed25519";
  if (type === TYPE_OF_KIND.cosignature) return "cosignature";
  throw new TlogError("VERIFIER_KEY_UNSUPPORTED", "A verifier key of another signature type.");
}

function typedKey(kind: VerifierKeyKind, publicKey: Bytes): Bytes {
  return joinBytes([Uint8Array.of(TYPE_OF_KIND[kind]), publicKey]);
}

function keyIdOf(name: string, typed: Bytes): number {
  const digest = sha256(joinBytes([toUtf8(`${name}\n`), typed]));
  return new DataView(digest.buffer, digest.byteOffset).getUint32(0);
}

function malformed(what: string): TlogError {
  return new TlogError("VERIFIER_KEY_MALFORMED", `A verifier key is refused: ${what}.`);
}
