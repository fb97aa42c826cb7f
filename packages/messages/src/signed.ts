import {
  asBytes,
  type Bytes,
  CoseError,
  concatBytes,
  type Crypto,
  encodeCbor,
  encodeSign1,
  equalBytes,
  parseSign1,
  type Sign1,
  type SigningKey,
  sigStructure,
  type VerifyKey,
} from "@siphms/cose";
import { MessageError } from "./error.ts";
import type { Typ } from "./typ.ts";

const ALG_ES256 = -7;
const HEADER_ALG = 1;
const HEADER_KID = 4;
/** RFC 9596. */
const HEADER_TYP = 16;
const KID_BYTES = 8;
/** A map of three, `alg` ES256, and what comes before the kid. */
const PROTECTED_HEAD = Uint8Array.of(0xa3, HEADER_ALG, 0x26, HEADER_KID, 0x40 + KID_BYTES);
const THUMBPRINT_BYTES = 32;

/** Whoever signs: the kid that stands in the header and the thumbprint that stands in the signed text. */
export interface Party {
  /** 8 bytes. */
  readonly kid: Bytes;
  /** 32 bytes. */
  readonly thumbprint: Bytes;
}

/** A signed message whose outside is right; its signature is not yet verified. */
export interface ParsedSigned {
  readonly kid: Bytes;
  /** As it stands there; `parseTyp` compares it with the types of a direction. */
  readonly typ: string;
  readonly sign1: Sign1;
}

/** What a good signature vouches for. */
export interface VerifiedSigned {
  readonly typ: string;
  readonly payload: Bytes;
  /** SHA-256 of the signed text: what the message is called in receipts and de-duplication (protocol section 3). */
  readonly name: Bytes;
}

/** A message on its way to being signed. */
export interface UnsignedMessage {
  readonly protectedBytes: Bytes;
  readonly payload: Bytes;
  /** The Sig_structure: what is signed. Its SHA-256 is the message's name. */
  readonly text: Bytes;
}

/**
 * Prepares a message for signing, for callers that sign many at once: {@link encodeSigned} is the other half.
 *
 * The recipient's thumbprint is part of what is signed, so that nobody can pass the message on as meant for another.
 */
export function prepareSigning(input: {
  readonly typ: Typ;
  readonly payload: Uint8Array;
  readonly sender: Party;
  readonly recipientThumbprint: Uint8Array;
}): UnsignedMessage {
  const { typ, sender, recipientThumbprint } = input;
  const payload = asBytes(input.payload);
  const protectedBytes = encodeProtected(typ, sender.kid);
  const externalAad = signedAad(sender.thumbprint, recipientThumbprint);
  return { protectedBytes, payload, text: sigStructure(protectedBytes, externalAad, payload) };
}

const typHeaders = new Map<Typ, Bytes>();

/** The map {1: -7, 4: kid, 16: typ}, whose heads are always the same, as its last member is for each `typ`. */
function encodeProtected(typ: Typ, kid: Bytes): Bytes {
  if (kid.length !== KID_BYTES) throw new RangeError("kid: 8 bytes");
  const typHeader = typHeaders.get(typ) ?? concatBytes(Uint8Array.of(HEADER_TYP), encodeCbor(typ));
  typHeaders.set(typ, typHeader);
  return concatBytes(PROTECTED_HEAD, kid, typHeader);
}

/** Puts a signed message together. @param signature - r‖s, 64 bytes. */
export function encodeSigned(
  { protectedBytes, payload }: UnsignedMessage,
  signature: Bytes,
): Bytes {
  return encodeSign1({ protectedBytes, payload, signature });
}

/**
 * Signs a payload for one recipient.
 *
 * @returns The COSE_Sign1 and the message's name.
 * @see RFC 9052 §4.4, protocol section 6
 */
export async function signMessage(
  input: {
    readonly typ: Typ;
    readonly payload: Uint8Array;
    readonly sender: Party;
    readonly recipientThumbprint: Uint8Array;
    readonly key: SigningKey;
  },
  crypto: Crypto,
): Promise<{ readonly signed: Bytes; readonly name: Bytes }> {
  const unsigned = prepareSigning(input);
  const [signature, name] = await Promise.all([
    crypto.sign(input.key, unsigned.text),
    crypto.sha256(unsigned.text),
  ]);
  return { signed: encodeSigned(unsigned, signature), name };
}

/** A message whose signature is still to be checked. Nothing of it is to be believed before. */
export interface UnverifiedMessage {
  readonly typ: string;
  readonly payload: Bytes;
  readonly signature: Bytes;
  /** The Sig_structure: what has to be signed. Its SHA-256 is the message's name. */
  readonly text: Bytes;
}

/**
 * Prepares the verifying of a message as one from this sender to this recipient, for callers that verify many at once.
 *
 * @throws {MessageError} `SIGNED_MALFORMED`, or `SIGNED_UNAUTHENTIC` where it names another signer.
 */
export function prepareVerifying(
  signed: Uint8Array,
  sender: Party,
  recipientThumbprint: Uint8Array,
): UnverifiedMessage {
  const { kid, typ, sign1 } = parseSigned(signed);
  if (!equalBytes(kid, sender.kid)) throw new MessageError("SIGNED_UNAUTHENTIC", "kid");
  const { protectedBytes, payload, signature } = sign1;
  const externalAad = signedAad(sender.thumbprint, recipientThumbprint);
  return { typ, payload, signature, text: sigStructure(protectedBytes, externalAad, payload) };
}

/**
 * Verifies a signed message: from this sender, for this recipient, unaltered.
 *
 * Says nothing about `typ` and payload beyond that they are the sender's: see `parseTyp` and the payload parsers.
 *
 * @throws {MessageError} `SIGNED_MALFORMED`, or `SIGNED_UNAUTHENTIC` for another signer, recipient or a bad signature.
 * @see RFC 9052 §4.4, protocol section 6
 */
export async function verifySigned(
  input: {
    readonly signed: Uint8Array;
    readonly sender: Party & { readonly key: VerifyKey };
    readonly recipientThumbprint: Uint8Array;
  },
  crypto: Crypto,
): Promise<VerifiedSigned> {
  const { signed, sender, recipientThumbprint } = input;
  const { typ, payload, signature, text } = prepareVerifying(signed, sender, recipientThumbprint);
  const [isGood, name] = await Promise.all([
    crypto.verify(sender.key, signature, text),
    crypto.sha256(text),
  ]);
  if (!isGood) throw new MessageError("SIGNED_UNAUTHENTIC", "signature");
  return { typ, payload, name };
}

/**
 * Parses a signed message without verifying it: COSE_Sign1 and exactly the three headers of the profile.
 *
 * @throws {MessageError} `SIGNED_MALFORMED` (reasons `cbor`, `structure`, `header`).
 */
export function parseSigned(signed: Uint8Array): ParsedSigned {
  const sign1 = parseStructure(signed);
  const header = sign1.protectedMap;
  const kid = header.get(HEADER_KID);
  const typ = header.get(HEADER_TYP);
  const hasProfile =
    header.size === 3 &&
    header.get(HEADER_ALG) === ALG_ES256 &&
    kid instanceof Uint8Array &&
    kid.length === KID_BYTES &&
    typeof typ === "string";
  if (!hasProfile) throw new MessageError("SIGNED_MALFORMED", "header");
  return { kid, typ, sign1 };
}

/**
 * The `external_aad` of a signed message: sender's and recipient's thumbprints, 32 bytes each.
 *
 * @throws {RangeError} for a thumbprint of another length.
 */
export function signedAad(sender: Uint8Array, recipient: Uint8Array): Bytes {
  if (sender.length !== THUMBPRINT_BYTES || recipient.length !== THUMBPRINT_BYTES)
    throw new RangeError("thumbprint: 32 bytes");
  // The array of two 32-byte strings always has these heads.
  const head = new Uint8Array([0x82, 0x58, 0x20]);
  return concatBytes(head, sender, head.subarray(1), recipient);
}

function parseStructure(signed: Uint8Array): Sign1 {
  try {
    return parseSign1(signed);
  } catch (error) {
    if (!(error instanceof CoseError)) throw error;
    const reason = error.code === "COSE_MALFORMED" ? "structure" : "cbor";
    throw new MessageError("SIGNED_MALFORMED", reason, { cause: error });
  }
}
