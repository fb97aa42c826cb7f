import type { Bytes } from "@siphms/cose";
import { encodeCbor } from "@siphms/cose";
import { EdhocError } from "./edhoc-error.ts";
import { parseErrorMessage } from "./error-message.ts";
import { decodeSequence } from "./sequence.ts";
import type { AeadParameters, Suite } from "./suite.ts";

/**
 * The content of message_2, message_3 or message_4: one byte string and nothing behind it.
 *
 * An error message begins with an integer and so cannot be taken for one of these. Nothing authenticates it: it is a hint.
 *
 * @throws {EdhocError} `EDHOC_PEER_ERROR` for an error message; `EDHOC_LENGTH`, `EDHOC_MALFORMED`.
 */
export function unwrapMessage(message: Uint8Array): Bytes {
  const [content, ...more] = decodeSequence(message);
  if (typeof content?.value === "number") {
    const error = parseErrorMessage(message);
    const suitesR = error.code === 2 ? { suitesR: error.suitesR } : {};
    throw new EdhocError("EDHOC_PEER_ERROR", "the peer sent an error message", suitesR);
  }
  if (!(content?.value instanceof Uint8Array) || more.length > 0) {
    throw new EdhocError("EDHOC_MALFORMED", "not one byte string");
  }
  return content.value;
}

/** message_3 or message_4: the plaintext sealed, as one byte string. Erases the key. */
export async function sealMessage(
  suite: Suite,
  aead: AeadParameters,
  plaintext: Bytes,
): Promise<Bytes> {
  const ciphertext = await suite.seal(aead, plaintext);
  aead.key.fill(0);
  return encodeCbor(ciphertext);
}

/**
 * Opens the content of message_3 or message_4. Erases the key.
 *
 * @throws {EdhocError} `EDHOC_UNAUTHENTIC`.
 */
export async function openMessage(
  suite: Suite,
  aead: AeadParameters,
  ciphertext: Bytes,
): Promise<Bytes> {
  const plaintext = await suite.open(aead, ciphertext);
  aead.key.fill(0);
  if (plaintext === undefined) throw new EdhocError("EDHOC_UNAUTHENTIC", "AEAD");
  return plaintext;
}
