import type { CborSequenceItem } from "@siphms/cose";
import { CoseError, decodeCborSequence } from "@siphms/cose";
import { EdhocError } from "./edhoc-error.ts";

/** The longest handshake message that is looked at, with its transport prefix (protocol section 3). */
export const MAX_MESSAGE_BYTES = 4096;

/**
 * Reads a CBOR sequence strictly: deterministic encoding, nothing left over, at most {@link MAX_MESSAGE_BYTES}.
 *
 * Hashes and MACs are made over `raw`, never over something encoded again.
 *
 * @throws {EdhocError} `EDHOC_LENGTH`, `EDHOC_MALFORMED`.
 */
export function decodeSequence(bytes: Uint8Array): readonly CborSequenceItem[] {
  if (bytes.length > MAX_MESSAGE_BYTES) {
    throw new EdhocError("EDHOC_LENGTH", "longer than a handshake message may be");
  }
  try {
    return decodeCborSequence(bytes);
  } catch (cause) {
    if (cause instanceof CoseError) throw new EdhocError("EDHOC_MALFORMED", "CBOR", { cause });
    throw cause;
  }
}
