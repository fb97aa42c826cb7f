import type { Bytes, CborValue } from "@siphms/cose";
import { concatBytes, encodeCbor, isCborArray } from "@siphms/cose";
import type { ReceivedEad } from "./ead.ts";
import { parseEad } from "./ead.ts";
import { EdhocError } from "./edhoc-error.ts";
import { encodeIdentifier, parseIdentifier } from "./identifier.ts";
import { decodeSequence } from "./sequence.ts";
import type { Suite } from "./suite.ts";

/** The one method of this package: both sides authenticate by signature (RFC 9528 §3.2). */
export const METHOD_SIGNATURES = 0;

/** message_1 = ( METHOD, SUITES_I, G_X, C_I, ? EAD_1 ) before any of it is judged (RFC 9528 §5.2.1). */
export interface Message1 {
  readonly method: number;
  /** In the initiator's order of preference; the last one is the one selected. */
  readonly suites: readonly number[];
  readonly gX: Bytes;
  readonly cI: Bytes;
  readonly ead1: ReceivedEad;
}

/** Encodes message_1, without the transport's prefix. `ead1` is encoded already. */
export function encodeMessage1(message: Omit<Message1, "ead1"> & { readonly ead1: Bytes }): Bytes {
  return concatBytes(
    encodeCbor(message.method),
    encodeSuites(message.suites),
    encodeCbor(message.gX),
    encodeIdentifier(message.cI),
    message.ead1,
  );
}

/**
 * Reads the structure of message_1. Judges neither method, suite nor G_X.
 *
 * @throws {EdhocError} `EDHOC_LENGTH`, `EDHOC_MALFORMED`.
 */
export function parseMessage1(bytes: Uint8Array): Message1 {
  const [method, suites, gX, cI, ...ead1] = decodeSequence(bytes);
  if (typeof method?.value !== "number") throw new EdhocError("EDHOC_MALFORMED", "METHOD");
  if (!(gX?.value instanceof Uint8Array)) throw new EdhocError("EDHOC_MALFORMED", "G_X");
  return {
    method: method.value,
    suites: parseSuites(suites?.value),
    gX: gX.value,
    cI: parseIdentifier(cI),
    ead1: parseEad(ead1),
  };
}

/**
 * The suite that the initiator selected, if it was right to select it.
 *
 * It has to be supported here, and no suite that the initiator likes better may be: that would be
 * a downgrade, or an initiator that does not know us.
 *
 * @throws {EdhocError} `EDHOC_SUITE`, carrying SUITES_R for the error message.
 * @see RFC 9528 §5.2.3, §6.3
 */
export function selectSuite(supported: readonly Suite[], suites: readonly number[]): Suite {
  const firstSupported = suites.findIndex((id) => supported.some((suite) => suite.id === id));
  const suite = supported.find(({ id }) => id === suites.at(-1));
  if (suite === undefined || firstSupported !== suites.length - 1) {
    throw new EdhocError("EDHOC_SUITE", "SUITES_I", { suitesR: supported.map(({ id }) => id) });
  }
  return suite;
}

/** SUITES_I or SUITES_R: a single suite is an int, several are an array (RFC 9528 §5.2.1, §6.3). */
export function encodeSuites(suites: readonly number[]): Bytes {
  const [first, ...more] = suites;
  if (first === undefined) throw new RangeError("suites is empty");
  return encodeCbor(more.length === 0 ? first : suites);
}

/**
 * Reads what {@link encodeSuites} wrote; an array of one is not its own encoding.
 *
 * @throws {EdhocError} `EDHOC_MALFORMED`.
 */
export function parseSuites(value: CborValue | undefined): readonly number[] {
  if (typeof value === "number") return [value];
  if (isCborArray(value) && value.length >= 2 && value.every((id) => typeof id === "number")) {
    return value;
  }
  throw new EdhocError("EDHOC_MALFORMED", "suites");
}
