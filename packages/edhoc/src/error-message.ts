import type { Bytes, CborValue } from "@siphms/cose";
import { concatBytes, encodeCbor } from "@siphms/cose";
import { EdhocError } from "./edhoc-error.ts";
import { encodeSuites, parseSuites } from "./message-1.ts";
import { decodeSequence } from "./sequence.ts";

/**
 * An EDHOC error message as received. It is not authenticated: a gateway can forge it, so it is a hint at most.
 *
 * 1 is unspecified with a text for people, 2 a suite that the responder does not take with those it takes,
 * 3 an unknown credential.
 */
export type ErrorMessage =
  | { readonly code: 1; readonly text: string }
  | { readonly code: 2; readonly suitesR: readonly number[] }
  | { readonly code: 3 };

/** ERR_CODE and its ERR_INFO. */
type ErrorContent =
  | readonly [code: 1, text: string]
  | readonly [code: 2, suitesR: readonly number[]]
  | readonly [code: 3, info?: true];

/**
 * Encodes an error message = ( ERR_CODE, ERR_INFO ).
 *
 * Code 2 answers message_1 alone. Towards a gateway every refused message_3 has to look alike, so code 3
 * is not for it (protocol section 5).
 *
 * @see RFC 9528 §6
 */
export function encodeErrorMessage(...content: ErrorContent): Bytes {
  return concatBytes(encodeCbor(content[0]), encodeErrorInfo(content));
}

function encodeErrorInfo(content: ErrorContent): Bytes {
  switch (content[0]) {
    case 1:
      return encodeCbor(content[1]);
    case 2:
      return encodeSuites(content[1]);
    case 3:
      return encodeCbor(true);
  }
}

/**
 * Reads an error message.
 *
 * @throws {EdhocError} `EDHOC_MALFORMED`, also for codes other than 1, 2 and 3; `EDHOC_LENGTH`.
 */
export function parseErrorMessage(bytes: Uint8Array): ErrorMessage {
  const [code, info, ...more] = decodeSequence(bytes);
  const message = more.length === 0 ? interpret(code?.value, info?.value) : undefined;
  if (message === undefined) throw new EdhocError("EDHOC_MALFORMED", "error message");
  return message;
}

function interpret(
  code: CborValue | undefined,
  info: CborValue | undefined,
): ErrorMessage | undefined {
  if (code === 1 && typeof info === "string") return { code, text: info };
  if (code === 2) return { code, suitesR: parseSuites(info) };
  if (code === 3 && info === true) return { code };
  return undefined;
}
