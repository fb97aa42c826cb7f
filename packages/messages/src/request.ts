import type { Bytes, CborMap } from "@siphms/cose";
import { readMessageHead } from "./message-id.ts";
import { decodePadded, encodePayload } from "./padding.ts";
import { cborMap, readMap, readText, refuseUnknownKeys } from "./schema.ts";

/** What a device asks of its hospital. */
export interface Request {
  /** 16 bytes, beginning with `created`. */
  readonly messageId: Bytes;
  /** ms. */
  readonly created: number;
  /** Any text; those that version 1 knows are in `METHODS`. */
  readonly method: string;
  /** Read with the method's codec; unknown keys are allowed here. */
  readonly parameters: CborMap;
}

/**
 * Encodes a `request` payload with its pad.
 *
 * @throws {RangeError} for a request that a receiver would refuse.
 */
export function encodeRequest(request: Request): Bytes {
  const { messageId, created, method, parameters } = request;
  const map = cborMap([1, messageId], [2, created], [3, method], [4, parameters]);
  return encodePayload("request", map, readRequest);
}

/**
 * Parses the payload of a message whose `typ` is request. The method may be unknown, its parameters are unread.
 *
 * @throws {MessageError} `PAYLOAD_MALFORMED`, `PAYLOAD_SCHEMA`.
 * @see protocol section 6
 */
export function parseRequest(payload: Uint8Array): Request {
  return readRequest(decodePadded(payload));
}

function readRequest(map: CborMap): Request {
  refuseUnknownKeys(map, [0, 1, 2, 3, 4], "request");
  return {
    ...readMessageHead(map),
    method: readText(map.get(3), "request.method"),
    parameters: readMap(map.get(4), "request.parameters"),
  };
}
