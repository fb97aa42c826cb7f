import type { Direction } from "./envelope.ts";
import { MessageError } from "./error.ts";

/** The five kinds of signed messages by their media type, version 1 (protocol section 6; RFC 9596). */
export const TYP: {
  readonly readings: "application/siphms-readings-1";
  readonly receipt: "application/siphms-receipt-1";
  readonly request: "application/siphms-request-1";
  readonly response: "application/siphms-response-1";
  readonly notice: "application/siphms-notice-1";
} = {
  readings: "application/siphms-readings-1",
  receipt: "application/siphms-receipt-1",
  request: "application/siphms-request-1",
  response: "application/siphms-response-1",
  notice: "application/siphms-notice-1",
};

/** One of the five media types. */
export type Typ = (typeof TYP)[keyof typeof TYP];

const TO_HOSPITAL: readonly Typ[] = [TYP.readings, TYP.request];
const TO_DEVICE: readonly Typ[] = [TYP.receipt, TYP.response, TYP.notice];

/**
 * Takes the `typ` of a verified message, compared byte for byte with those that its direction knows.
 *
 * A receipt that comes from a device is as unknown as a type of version 2: who signs what is part of the protocol.
 *
 * @throws {MessageError} `TYP_UNKNOWN`.
 */
export function parseTyp(typ: string, direction: Direction): Typ {
  const known = (direction === 0 ? TO_HOSPITAL : TO_DEVICE).find((one) => one === typ);
  if (known === undefined) throw new MessageError("TYP_UNKNOWN", "typ");
  return known;
}
