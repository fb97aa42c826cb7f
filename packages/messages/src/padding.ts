import {
  type Bytes,
  type CborMap,
  type CborValue,
  CoseError,
  decodeCbor,
  DEFAULT_CBOR_LIMITS,
  encodeCbor,
} from "@siphms/cose";
import { MessageError } from "./error.ts";
import { checkArgument, readBytes, readMap, schemaError } from "./schema.ts";

/** Every payload is a multiple of this many bytes, so that its size tells the gateway little (protocol section 6). */
const PAYLOAD_STEP_BYTES = 128;
const PAD_KEY = 0;
/** Map head and key 0: the pad's value begins behind these two bytes, because 0 sorts first. */
const PAD_AT = 2;

/**
 * Encodes a payload with its pad, after the receiver's own checks on what it holds. (That the encoding is one that a
 * receiver takes is the encoder's own promise, limits included.)
 *
 * @param argument - What the error calls it.
 * @param members - The payload without member 0.
 * @param read - The receiver's checks.
 * @throws {RangeError} for a payload that a receiver would refuse, one beyond the CBOR limits among them.
 */
export function encodePayload(
  argument: string,
  members: CborMap,
  read: (map: CborMap) => unknown,
): Bytes {
  checkArgument(argument, () => read(members));
  const payload = encodePadded(members);
  if (payload.length > DEFAULT_CBOR_LIMITS.maxBytes) throw new RangeError(`${argument}: too large`);
  return payload;
}

/**
 * Encodes a payload map with the pad (member 0) that brings it to a multiple of 128 bytes.
 *
 * @param members - The payload without member 0; at most 22 members, so that the map's head is one byte.
 */
export function encodePadded(members: CborMap): Bytes {
  const bare = encodeCbor(
    new Map<number | string, CborValue>([[PAD_KEY, new Uint8Array()], ...members]),
  );
  const rest = bare.length - encodedSize(0);
  const padBytes = smallestPad(rest);
  const payload = new Uint8Array(rest + encodedSize(padBytes));
  payload.set(bare.subarray(0, PAD_AT));
  payload.set(byteStringHead(padBytes), PAD_AT);
  payload.set(bare.subarray(PAD_AT + encodedSize(0)), PAD_AT + encodedSize(padBytes));
  return payload;
}

/**
 * Decodes a payload and checks its pad: zeros, and the smallest number of them that makes a multiple of 128 bytes.
 *
 * Padding is checked so that a payload has one form only, and no hidden channel.
 *
 * @returns The whole map, member 0 included.
 * @throws {MessageError} `PAYLOAD_MALFORMED` or `PAYLOAD_SCHEMA` (reason `pad` for the padding).
 */
export function decodePadded(payload: Uint8Array): CborMap {
  const map = readMap(decodePayload(payload), "payload");
  const pad = readBytes(map.get(PAD_KEY), "pad");
  const rest = payload.length - encodedSize(pad.length);
  if (payload.length % PAYLOAD_STEP_BYTES !== 0 || pad.length !== smallestPad(rest))
    throw schemaError("pad");
  if (!isZero(pad)) throw schemaError("pad");
  return map;
}

function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
}

/**
 * Decodes one CBOR item, whatever it is.
 *
 * @throws {MessageError} `PAYLOAD_MALFORMED`.
 */
export function decodePayload(payload: Uint8Array): CborValue {
  try {
    return decodeCbor(payload);
  } catch (error) {
    if (!(error instanceof CoseError)) throw error;
    throw new MessageError("PAYLOAD_MALFORMED", "cbor", { cause: error });
  }
}

/** The smallest number of zeros whose byte string fills `rest` other bytes up to a multiple of the step. */
function smallestPad(rest: number): number {
  // 25 bytes cannot be made (23 zeros take 24, 24 take 26), so one step further is needed at times: 151 zeros are the most.
  const room = (PAYLOAD_STEP_BYTES - (rest % PAYLOAD_STEP_BYTES)) % PAYLOAD_STEP_BYTES;
  for (const size of [room, room + PAYLOAD_STEP_BYTES]) {
    const pad = size <= 24 ? size - 1 : size - 2;
    if (pad >= 0 && encodedSize(pad) === size) return pad;
  }
  throw new RangeError("rest: no pad fits");
}

function encodedSize(byteStringLength: number): number {
  return byteStringHead(byteStringLength).length + byteStringLength;
}

function byteStringHead(length: number): readonly number[] {
  if (length <= 23) return [0x40 + length];
  return length <= 0xff ? [0x58, length] : [0x59, length >> 8, length & 0xff];
}
