import type { Bytes, CborMap } from "@siphms/cose";
import { readMessageId } from "./message-id.ts";
import { decodePadded, encodePayload } from "./padding.ts";
import { cborMap, type Read, readMap, refuseUnknownKeys, schemaError } from "./schema.ts";

/** Why a request was not carried out (protocol section 6). Closed in version 1. */
export type ErrorCode =
  "pending" | "stale" | "gone" | "unknown-method" | "bad-parameters" | "refused" | "busy";

const ERROR_CODES: readonly ErrorCode[] = [
  "pending",
  "stale",
  "gone",
  "unknown-method",
  "bad-parameters",
  "refused",
  "busy",
];

/** The hospital's answer to one request. */
export interface Response {
  /** The request's message-id. */
  readonly requestId: Bytes;
  /** 0 where the request was carried out. */
  readonly error: 0 | ErrorCode;
  /** Read with the method's codec; empty on error. */
  readonly result: CborMap;
}

/**
 * Encodes a `response` payload with its pad.
 *
 * @throws {RangeError} for a response that a device would refuse, an error with a result among them.
 */
export function encodeResponse(response: Response): Bytes {
  const map = cborMap([1, response.requestId], [2, response.error], [3, response.result]);
  return encodePayload("response", map, readResponse);
}

/**
 * Parses the payload of a message whose `typ` is response.
 *
 * @throws {MessageError} `PAYLOAD_MALFORMED`, `PAYLOAD_SCHEMA`.
 * @see protocol section 6
 */
export function parseResponse(payload: Uint8Array): Response {
  return readResponse(decodePadded(payload));
}

function readResponse(map: CborMap): Response {
  refuseUnknownKeys(map, [0, 1, 2, 3], "response");
  const requestId = readMessageId(map.get(1), "message-id");
  const error = readError(map.get(2), "response.error");
  const result = readMap(map.get(3), "response.result");
  if (error !== 0 && result.size > 0) throw schemaError("response.result");
  return { requestId, error, result };
}

const readError: Read<0 | ErrorCode> = (value, member) => {
  if (value === 0) return value;
  const code = ERROR_CODES.find((one) => one === value);
  if (code === undefined) throw schemaError(member);
  return code;
};
