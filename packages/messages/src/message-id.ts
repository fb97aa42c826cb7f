import { type Bytes, type CborMap, type Crypto, concatBytes, isCborMap } from "@siphms/cose";
import { MessageError } from "./error.ts";
import { decodePayload } from "./padding.ts";
import { type Read, readBytesOf, readUint, schemaError } from "./schema.ts";

/** Bytes of a message-id: six of time, ten random. */
export const MESSAGE_ID_BYTES = 16;
const TIME_BYTES = 6;
/** The last millisecond that six bytes hold. */
const MAX_TIME = 2 ** 48 - 1;

/** Reads a message-id of 16 bytes without looking at its time. */
export const readMessageId: Read<Bytes> = readBytesOf(MESSAGE_ID_BYTES);

/**
 * Makes the id of a new message: `created` as 6 bytes, then 10 random bytes.
 *
 * Within a device, ids are unique for ever and sort by time.
 *
 * @param created - Milliseconds, the same number as the message's member 2.
 * @throws {RangeError} for a time that six bytes do not hold.
 * @see protocol section 6
 */
export function createMessageId(created: number, crypto: Crypto): Bytes {
  if (!Number.isInteger(created) || created < 0 || created > MAX_TIME)
    throw new RangeError("created: not a time of six bytes");
  const id = concatBytes(
    new Uint8Array(TIME_BYTES),
    crypto.randomBytes(MESSAGE_ID_BYTES - TIME_BYTES),
  );
  new DataView(id.buffer).setUint16(0, Math.floor(created / 2 ** 32));
  new DataView(id.buffer).setUint32(2, created % 2 ** 32);
  return id;
}

/** The time in a message-id's first six bytes, in milliseconds. */
export function messageIdTime(messageId: Uint8Array): number {
  let time = 0;
  for (let i = 0; i < TIME_BYTES; i++) time = time * 256 + (messageId[i] ?? 0);
  return time;
}

/**
 * Reads the message-id (member 1) of a payload that is otherwise not trusted to be right.
 *
 * For answering a signed message that was refused for its `typ` or schema.
 *
 * @returns `undefined` where there is no message-id of 16 bytes: such a message gets no answer.
 */
export function peekMessageId(payload: Uint8Array): Bytes | undefined {
  try {
    const map = decodePayload(payload);
    return isCborMap(map) ? readMessageId(map.get(1), "message-id") : undefined;
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}

/** Reads message-id (1) and `created` (2), which have to agree. */
export function readMessageHead(map: CborMap): {
  readonly messageId: Bytes;
  readonly created: number;
} {
  const messageId = readMessageId(map.get(1), "message-id");
  const created = readUint(map.get(2), "created");
  if (messageIdTime(messageId) !== created) throw schemaError("message-id");
  return { messageId, created };
}
