import { copyBytes, type Bytes } from "./bytes.ts";
import { RelayError } from "./error.ts";
import {
  HANDSHAKE_ID_BYTES,
  KID_BYTES,
  MAX_ENVELOPE_BYTES,
  MAX_HANDSHAKE_BODY_BYTES,
  MAX_UPLINK_MESSAGE_BYTES,
  SID_BYTES,
} from "./limits.ts";
import type { HandshakeOutcome, UplinkFrame } from "./uplink.ts";

/** Bytes in front of each frame's body: type (1) and length (4, big-endian). */
export const FRAME_HEAD_BYTES = 5;

const TYPE_NUMBERS = {
  "handshake-in": 1,
  envelope: 2,
  "handshake-out": 3,
  answer: 4,
  "no-answer": 5,
  credit: 6,
  close: 7,
} as const satisfies Record<UplinkFrame["type"], number>;

// The place in this list is the number on the wire: only ever append.
const OUTCOMES: readonly HandshakeOutcome[] = [
  "answer",
  "edhoc-error",
  "handshake-used",
  "hospital-key-unknown",
  "slow-down",
  "hospital-away",
  "malformed",
];

const NUMBER_BYTES = 8;

/**
 * Writes frames as one binary WebSocket message: type u8, length u32 big-endian, body, over and over.
 *
 * Bodies: 1 `id(16) step(1) [kid(8) if step 1] message`, 2 and 4 `sid(16) number(u64) envelope`,
 * 3 `id(16) outcome(1) message`, 5 `sid(16) number(u64)`, 6 `count(u32)`, 7 `sid(16)`.
 *
 * @throws {RangeError} For a field that does not have its size, or a message over 1 MiB: batch with {@link createFrameBatcher}.
 */
export function encodeFrames(frames: readonly UplinkFrame[]): Bytes {
  const size = frames.reduce((sum, frame) => sum + frameBytes(frame), 0);
  if (size > MAX_UPLINK_MESSAGE_BYTES) throw new RangeError("frames are too many for one message");
  const out = new Uint8Array(size);
  let at = 0;
  for (const frame of frames) {
    const fields = frameFields(frame);
    const length = frameBytes(frame) - FRAME_HEAD_BYTES;
    out[at] = TYPE_NUMBERS[frame.type];
    writeUint32(out, at + 1, length);
    at += FRAME_HEAD_BYTES;
    for (const field of fields) {
      out.set(field, at);
      at += field.length;
    }
  }
  return out;
}

/** Bytes that one frame takes in a message, its head included. */
export function frameBytes(frame: UplinkFrame): number {
  switch (frame.type) {
    case "handshake-in":
      return (
        FRAME_HEAD_BYTES +
        HANDSHAKE_ID_BYTES +
        1 +
        (frame.step === 1 ? KID_BYTES : 0) +
        frame.body.length
      );
    case "handshake-out":
      return FRAME_HEAD_BYTES + HANDSHAKE_ID_BYTES + 1 + frame.body.length;
    case "envelope":
    case "answer":
      return FRAME_HEAD_BYTES + SID_BYTES + NUMBER_BYTES + frame.body.length;
    case "no-answer":
      return FRAME_HEAD_BYTES + SID_BYTES + NUMBER_BYTES;
    case "credit":
      return FRAME_HEAD_BYTES + 4;
    case "close":
      return FRAME_HEAD_BYTES + SID_BYTES;
  }
}

/**
 * Reads one WebSocket message into its frames, in their order.
 *
 * The caller still has to refuse frames that only its own side sends.
 *
 * @returns Frames whose byte fields are copies.
 * @throws {RelayError} `FRAME_MALFORMED` for an unknown type or outcome, a field out of its range, bytes missing or left over, no frame at all.
 */
export function decodeFrames(bytes: Uint8Array): readonly UplinkFrame[] {
  if (bytes.length === 0 || bytes.length > MAX_UPLINK_MESSAGE_BYTES)
    throw malformed("message size");
  const frames: UplinkFrame[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + FRAME_HEAD_BYTES > bytes.length) throw malformed("head cut off");
    const type = bytes[at] ?? 0;
    const start = at + FRAME_HEAD_BYTES;
    at = start + readUint32(bytes, at + 1);
    if (at > bytes.length) throw malformed("body cut off");
    frames.push(decodeFrame(type, bytes.subarray(start, at)));
  }
  return frames;
}

function frameFields(frame: UplinkFrame): readonly Uint8Array[] {
  switch (frame.type) {
    case "handshake-in": {
      const id = sized(frame.id, HANDSHAKE_ID_BYTES, "id");
      const body = bodyOf(frame.body, 1, MAX_HANDSHAKE_BODY_BYTES);
      if (frame.step === 3) return [id, Uint8Array.of(3), body];
      return [id, Uint8Array.of(1), sized(frame.kid, KID_BYTES, "kid"), body];
    }
    case "handshake-out":
      return [
        sized(frame.id, HANDSHAKE_ID_BYTES, "id"),
        Uint8Array.of(OUTCOMES.indexOf(frame.outcome)),
        bodyOf(frame.body, ...outcomeBodyRange(frame.outcome)),
      ];
    case "envelope":
      return [
        sized(frame.sid, SID_BYTES, "sid"),
        numberField(frame.number, 1),
        bodyOf(frame.body, 1, MAX_ENVELOPE_BYTES),
      ];
    case "answer":
      return [
        sized(frame.sid, SID_BYTES, "sid"),
        numberField(frame.number, 0),
        bodyOf(frame.body, 1, MAX_ENVELOPE_BYTES),
      ];
    case "no-answer":
      return [sized(frame.sid, SID_BYTES, "sid"), numberField(frame.number, 1)];
    case "credit":
      return [countField(frame.count)];
    case "close":
      return [sized(frame.sid, SID_BYTES, "sid")];
  }
}

function decodeFrame(type: number, body: Uint8Array): UplinkFrame {
  switch (type) {
    case TYPE_NUMBERS["handshake-in"]:
      return decodeHandshakeIn(body);
    case TYPE_NUMBERS.envelope:
      return {
        type: "envelope",
        ...decodeNumbered(body, 1),
        body: tail(body, SID_BYTES + NUMBER_BYTES),
      };
    case TYPE_NUMBERS["handshake-out"]:
      return decodeHandshakeOut(body);
    case TYPE_NUMBERS.answer:
      return {
        type: "answer",
        ...decodeNumbered(body, 0),
        body: tail(body, SID_BYTES + NUMBER_BYTES),
      };
    case TYPE_NUMBERS["no-answer"]:
      exactly(body, SID_BYTES + NUMBER_BYTES);
      return { type: "no-answer", ...decodeNumbered(body, 1) };
    case TYPE_NUMBERS.credit:
      return decodeCredit(body);
    case TYPE_NUMBERS.close:
      exactly(body, SID_BYTES);
      return { type: "close", sid: copyBytes(body, 0) };
    default:
      throw malformed("frame type");
  }
}

function decodeHandshakeIn(bytes: Uint8Array): UplinkFrame {
  const id = copyBytes(bytes, 0, HANDSHAKE_ID_BYTES);
  const step = bytes[HANDSHAKE_ID_BYTES];
  const start = HANDSHAKE_ID_BYTES + 1;
  if (step !== 1 && step !== 3) throw malformed("handshake step");
  const bodyStart = step === 1 ? start + KID_BYTES : start;
  const body = handshakeBody(bytes, bodyStart, [1, MAX_HANDSHAKE_BODY_BYTES]);
  if (step === 3) return { type: "handshake-in", step, id, body };
  return { type: "handshake-in", step, id, kid: copyBytes(bytes, start, bodyStart), body };
}

function decodeHandshakeOut(bytes: Uint8Array): UplinkFrame {
  const outcome = OUTCOMES[bytes[HANDSHAKE_ID_BYTES] ?? OUTCOMES.length];
  if (outcome === undefined) throw malformed("handshake outcome");
  const body = handshakeBody(bytes, HANDSHAKE_ID_BYTES + 1, outcomeBodyRange(outcome));
  return { type: "handshake-out", id: copyBytes(bytes, 0, HANDSHAKE_ID_BYTES), outcome, body };
}

function decodeNumbered(body: Uint8Array, least: number): { sid: Bytes; number: number } {
  if (body.length < SID_BYTES + NUMBER_BYTES) throw malformed("frame size");
  const number = readUint32(body, SID_BYTES) * 2 ** 32 + readUint32(body, SID_BYTES + 4);
  if (number < least || !Number.isSafeInteger(number)) throw malformed("envelope number");
  return { sid: copyBytes(body, 0, SID_BYTES), number };
}

function decodeCredit(body: Uint8Array): UplinkFrame {
  exactly(body, 4);
  const count = readUint32(body, 0);
  if (count === 0) throw malformed("credit");
  return { type: "credit", count };
}

function handshakeBody(bytes: Uint8Array, start: number, range: readonly [number, number]): Bytes {
  const length = bytes.length - start;
  if (length < range[0] || length > range[1]) throw malformed("handshake message size");
  return copyBytes(bytes, start);
}

function tail(body: Uint8Array, start: number): Bytes {
  const length = body.length - start;
  if (length < 1 || length > MAX_ENVELOPE_BYTES) throw malformed("envelope size");
  return copyBytes(body, start);
}

// An outcome that becomes a problem document has nothing to add; a body there would be a side channel.
function outcomeBodyRange(outcome: HandshakeOutcome): [number, number] {
  return outcome === "answer" || outcome === "edhoc-error" ? [1, MAX_HANDSHAKE_BODY_BYTES] : [0, 0];
}

function exactly(body: Uint8Array, length: number): void {
  if (body.length !== length) throw malformed("frame size");
}

function sized(field: Bytes, length: number, name: string): Bytes {
  if (field.length !== length) throw new RangeError(`${name} must have ${String(length)} bytes`);
  return field;
}

function bodyOf(body: Bytes, least: number, most: number): Bytes {
  if (body.length < least || body.length > most) {
    throw new RangeError(`body must have ${String(least)} to ${String(most)} bytes`);
  }
  return body;
}

function numberField(number: number, least: number): Bytes {
  if (!Number.isSafeInteger(number) || number < least)
    throw new RangeError("number is out of range");
  const field = new Uint8Array(NUMBER_BYTES);
  writeUint32(field, 0, Math.floor(number / 2 ** 32));
  writeUint32(field, 4, number % 2 ** 32);
  return field;
}

function countField(count: number): Bytes {
  if (!Number.isInteger(count) || count < 1 || count >= 2 ** 32) {
    throw new RangeError("count is out of range");
  }
  const field = new Uint8Array(4);
  writeUint32(field, 0, count);
  return field;
}

/** Four bytes, big-endian. */
function readUint32(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function malformed(what: string): RelayError {
  return new RelayError("FRAME_MALFORMED", `malformed uplink message: ${what}`);
}
