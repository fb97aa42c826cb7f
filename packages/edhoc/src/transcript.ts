import type { Bytes } from "@siphms/cose";
import { concatBytes, encStructure, encodeCbor, sigStructure } from "@siphms/cose";
import { encodeIdentifier } from "./identifier.ts";
import type { Suite } from "./suite.ts";

/**
 * What is hashed, MACed, signed and authenticated: the byte strings of RFC 9528 §5.3 to §5.5.
 * Everything received goes in as the bytes it came in.
 */

/** The inputs that context_x and the signature of message x share. */
export interface Authenticated {
  /** ID_CRED_x as the map. */
  readonly idCred: Bytes;
  /** TH_2 in message_2, TH_3 in message_3. */
  readonly th: Bytes;
  readonly cred: Bytes;
  readonly ead: Bytes;
}

/** TH_2 = H( G_Y, H(message_1) ), both as byte strings (RFC 9528 §5.3.2). */
export function transcriptHash2(suite: Suite, gY: Bytes, hashOfMessage1: Bytes): Promise<Bytes> {
  return suite.hash(concatBytes(encodeCbor(gY), encodeCbor(hashOfMessage1)));
}

/** What TH_3 and TH_4 add to the hash before them. */
export interface SentMessage {
  readonly plaintext: Bytes;
  readonly cred: Bytes;
}

/** TH_3 = H( TH_2, PLAINTEXT_2, CRED_R ); the plaintext is not wrapped (RFC 9528 §5.4.2). */
export function transcriptHash3(suite: Suite, th2: Bytes, message2: SentMessage): Promise<Bytes> {
  return suite.hash(concatBytes(encodeCbor(th2), message2.plaintext, message2.cred));
}

/** TH_4 = H( TH_3, PLAINTEXT_3, CRED_I ) (RFC 9528 §5.4.2). */
export function transcriptHash4(suite: Suite, th3: Bytes, message3: SentMessage): Promise<Bytes> {
  return suite.hash(concatBytes(encodeCbor(th3), message3.plaintext, message3.cred));
}

/** context_2 = << C_R, ID_CRED_R, TH_2, CRED_R, ? EAD_2 >> (RFC 9528 §5.3.2). */
export function context2(cR: Bytes, parts: Authenticated): Bytes {
  return concatBytes(encodeIdentifier(cR), context3(parts));
}

/** context_3 = << ID_CRED_I, TH_3, CRED_I, ? EAD_3 >>, without a connection identifier (RFC 9528 §5.4.2). */
export function context3({ idCred, th, cred, ead }: Authenticated): Bytes {
  return concatBytes(idCred, encodeCbor(th), cred, ead);
}

/** What is signed: `["Signature1", << ID_CRED_x >>, << TH_x, CRED_x, ? EAD_x >>, MAC_x]` (RFC 9528 §5.3.2, §5.4.2). */
export function signedBytes({ idCred, th, cred, ead }: Authenticated, mac: Bytes): Bytes {
  return sigStructure(idCred, concatBytes(encodeCbor(th), cred, ead), mac);
}

/** Associated data of message_3 and message_4: `["Encrypt0", h'', TH_x]` (RFC 9528 §5.4.2, §5.5.2). */
export function associatedData(th: Bytes): Bytes {
  return encStructure(new Uint8Array(), th);
}
