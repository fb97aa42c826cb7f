import type { Bytes, CborSequenceItem } from "@siphms/cose";
import { concatBytes, encodeCbor } from "@siphms/cose";
import type { ReceivedEad } from "./ead.ts";
import { parseEad } from "./ead.ts";
import { EdhocError } from "./edhoc-error.ts";
import { encodeIdentifier, parseIdentifier } from "./identifier.ts";
import type { IdCred } from "./id-cred.ts";
import { encodeCompactIdCred, parseCompactIdCred } from "./id-cred.ts";
import { decodeSequence } from "./sequence.ts";
import type { Suite } from "./suite.ts";

/** PLAINTEXT_3 = ( ID_CRED_I / kid_I, Signature_or_MAC_3, ? EAD_3 ) (RFC 9528 §5.4.2). */
export interface Plaintext3 {
  readonly idCred: IdCred;
  readonly signature: Bytes;
  readonly ead: ReceivedEad;
}

/** PLAINTEXT_2 = ( C_R, ID_CRED_R / kid_R, Signature_or_MAC_2, ? EAD_2 ) (RFC 9528 §5.3.2). */
export interface Plaintext2 extends Plaintext3 {
  readonly cR: Bytes;
}

/** What goes into a plaintext: as parsed, but EAD_x encoded already. */
interface PlaintextParts {
  readonly idCred: IdCred;
  readonly signature: Bytes;
  readonly ead: Bytes;
}

/** Encodes PLAINTEXT_2. */
export function encodePlaintext2(cR: Bytes, parts: PlaintextParts): Bytes {
  return concatBytes(encodeIdentifier(cR), encodePlaintext3(parts));
}

/** Encodes PLAINTEXT_3. */
export function encodePlaintext3({ idCred, signature, ead }: PlaintextParts): Bytes {
  return concatBytes(encodeCompactIdCred(idCred), encodeCbor(signature), ead);
}

/**
 * Reads PLAINTEXT_2, which nothing has authenticated yet.
 *
 * @throws {EdhocError} `EDHOC_MALFORMED`.
 */
export function parsePlaintext2(suite: Suite, plaintext: Bytes): Plaintext2 {
  const [cR, ...rest] = decodeSequence(plaintext);
  return { cR: parseIdentifier(cR), ...parseSignedPart(suite, rest) };
}

/**
 * Reads PLAINTEXT_3: decrypted, but its sender's signature is not checked yet.
 *
 * @throws {EdhocError} `EDHOC_MALFORMED`.
 */
export function parsePlaintext3(suite: Suite, plaintext: Bytes): Plaintext3 {
  return parseSignedPart(suite, decodeSequence(plaintext));
}

function parseSignedPart(suite: Suite, sequence: readonly CborSequenceItem[]): Plaintext3 {
  const [idCred, signature, ...ead] = sequence;
  const parsedIdCred = parseCompactIdCred(idCred);
  if (
    !(signature?.value instanceof Uint8Array) ||
    signature.value.length !== suite.signatureLength
  ) {
    throw new EdhocError("EDHOC_MALFORMED", "Signature_or_MAC_x");
  }
  return { idCred: parsedIdCred, signature: signature.value, ead: parseEad(ead) };
}
