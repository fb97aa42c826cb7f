import type { Bytes } from "@siphms/cose";
import { concatBytes } from "@siphms/cose";
import { EdhocError } from "./edhoc-error.ts";
import { encodeIdentifier, parseIdentifier } from "./identifier.ts";
import { decodeSequence, MAX_MESSAGE_BYTES } from "./sequence.ts";

/**
 * What the transport puts before message_1 and message_3, so that a responder can tell them apart and find its state.
 * The prefixes are no part of the messages and go into no hash (RFC 9528 §3.4.1, appendix A.2).
 */

/** CBOR `true`: "the next thing is message_1". */
const MESSAGE_1_MARK = 0xf5;

/** The body that carries message_1. */
export function prefixMessage1(message1: Bytes): Bytes {
  return concatBytes(new Uint8Array([MESSAGE_1_MARK]), message1);
}

/**
 * Takes message_1 out of its body; looks no further than the mark.
 *
 * @throws {EdhocError} `EDHOC_LENGTH`, `EDHOC_MALFORMED`.
 */
export function splitMessage1(body: Uint8Array): Bytes {
  if (body.length > MAX_MESSAGE_BYTES) throw new EdhocError("EDHOC_LENGTH", "body of message_1");
  if (body[0] !== MESSAGE_1_MARK) throw new EdhocError("EDHOC_MALFORMED", "mark of message_1");
  return body.slice(1);
}

/** The body that carries message_3. */
export function prefixMessage3(cR: Bytes, message3: Bytes): Bytes {
  return concatBytes(encodeIdentifier(cR), message3);
}

/**
 * Takes C_R and message_3 out of their body.
 *
 * @throws {EdhocError} `EDHOC_LENGTH`, `EDHOC_MALFORMED`.
 */
export function splitMessage3(body: Uint8Array): { readonly cR: Bytes; readonly message3: Bytes } {
  const [cR, message3, ...more] = decodeSequence(body);
  if (!(message3?.value instanceof Uint8Array) || more.length > 0) {
    throw new EdhocError("EDHOC_MALFORMED", "body of message_3");
  }
  return { cR: parseIdentifier(cR), message3: message3.raw };
}
