import { GattError } from "./gatt-error.ts";
import { readerOf, requireLength, tooShort, type Value } from "./octets.ts";

/**
 * Which stored records of a meter are meant. `from` is inclusive, both ends of `range` too; sequence numbers are 0 to 65,535.
 */
export type RecordFilter =
  | { readonly kind: "all" }
  | { readonly kind: "from"; readonly sequence: number }
  | { readonly kind: "range"; readonly first: number; readonly last: number }
  | { readonly kind: "oldest" }
  | { readonly kind: "newest" };

/** What we ask of a meter. Deleting is not among it: the meter's memory stays the patient's. */
export type RecordRequest =
  | { readonly kind: "report"; readonly filter: RecordFilter }
  | { readonly kind: "count"; readonly filter: RecordFilter }
  | { readonly kind: "abort" };

/** How a meter ended a request; `unknown` for a result of a newer table. */
export type RecordResult =
  | "success"
  | "op-code-not-supported"
  | "invalid-operator"
  | "operator-not-supported"
  | "invalid-operand"
  | "no-records"
  | "abort-failed"
  | "not-completed"
  | "operand-not-supported"
  | "unknown";

/** What a meter says on the Record Access Control Point (0x2A52). */
export type RecordResponse =
  | { readonly kind: "count"; readonly count: number }
  | {
      readonly kind: "result";
      /** The op code of the request that it answers. */
      readonly request: number;
      readonly result: RecordResult;
    };

/** The op codes of requests, as responses name them. */
export const OP_CODES: { readonly report: 1; readonly abort: 3; readonly count: 4 } = {
  report: 1,
  abort: 3,
  count: 4,
};
const NUMBER_RESPONSE = 5;
const RESPONSE_CODE = 6;

const NO_OPERATOR = 0;
const ALL = 1;
const FROM = 3;
const WITHIN = 4;
const OLDEST = 5;
const NEWEST = 6;
const BY_SEQUENCE = 1;
const MAX_SEQUENCE = 0xffff;

const RESULTS: readonly RecordResult[] = [
  "unknown",
  "success",
  "op-code-not-supported",
  "invalid-operator",
  "operator-not-supported",
  "invalid-operand",
  "no-records",
  "abort-failed",
  "not-completed",
  "operand-not-supported",
];

/**
 * Makes the octets of a request, to be written to the Record Access Control Point.
 *
 * Subscribe to it and to the measurement first, else a meter refuses.
 *
 * @throws {RangeError} for a sequence number outside 0 to 65,535, or a range that ends before it begins.
 */
export function encodeRecordRequest(request: RecordRequest): Uint8Array<ArrayBuffer> {
  if (request.kind === "abort") return Uint8Array.of(OP_CODES.abort, NO_OPERATOR);
  return Uint8Array.of(OP_CODES[request.kind], ...encodeFilter(request.filter));
}

/**
 * Which records to ask for after what was stored already.
 *
 * The sequence may begin anew after a meter's reset: where this brings nothing, ask for the newest one and compare its base
 * time.
 *
 * @param last - The highest sequence number that is stored; `undefined` for none.
 */
export function filterAfter(last: number | undefined): RecordFilter {
  // Behind the last possible number nothing can be asked for: the meter's count has begun anew, or will.
  if (last === undefined || last >= MAX_SEQUENCE) return { kind: "all" };
  return { kind: "from", sequence: last + 1 };
}

/**
 * Reads what a meter indicates on the Record Access Control Point.
 *
 * @throws {GattError} `GATT_TOO_SHORT` or `GATT_LENGTH` for anything but four octets, `GATT_VALUE` for an op code or operator
 *   that no response has.
 */
export function decodeRecordResponse(value: Value): RecordResponse {
  if (value.byteLength === 0) throw tooShort(4, 0);
  const opCode = readerOf(value).uint8();
  if (opCode !== NUMBER_RESPONSE && opCode !== RESPONSE_CODE)
    throw new GattError("GATT_VALUE", "an op code that no response has");
  requireLength(value, 4);
  const reader = readerOf(value);
  reader.uint8();
  if (reader.uint8() !== NO_OPERATOR)
    throw new GattError("GATT_VALUE", "an operator in a response");
  if (opCode === NUMBER_RESPONSE) return { kind: "count", count: reader.uint16() };
  const request = reader.uint8();
  return { kind: "result", request, result: RESULTS[reader.uint8()] ?? "unknown" };
}

function encodeFilter(filter: RecordFilter): readonly number[] {
  switch (filter.kind) {
    case "all":
      return [ALL];
    case "oldest":
      return [OLDEST];
    case "newest":
      return [NEWEST];
    case "from":
      return [FROM, BY_SEQUENCE, ...encodeSequence(filter.sequence)];
    case "range": {
      const { first, last } = filter;
      if (last < first) throw new RangeError("last: before first");
      return [WITHIN, BY_SEQUENCE, ...encodeSequence(first), ...encodeSequence(last)];
    }
  }
}

function encodeSequence(sequence: number): readonly number[] {
  if (!Number.isInteger(sequence) || sequence < 0 || sequence > MAX_SEQUENCE)
    throw new RangeError("sequence: not a number of 16 bits");
  return [sequence & 0xff, sequence >> 8];
}
