import { decodeFrames, encodeFrames, RelayError, type UplinkFrame } from "@siphms/relay";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array<ArrayBuffer>> =>
  fc.uint8Array({ minLength, maxLength }).map((array) => new Uint8Array(array));
const id = bytes(16, 16);
const body = bytes(1, 300);
const number = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const none = fc.constant(new Uint8Array());

const frame: fc.Arbitrary<UplinkFrame> = fc.oneof(
  fc.record({
    type: fc.constant("handshake-in"),
    step: fc.constant(1),
    id,
    kid: bytes(8, 8),
    body,
  }),
  fc.record({ type: fc.constant("handshake-in"), step: fc.constant(3), id, body }),
  fc.record({ type: fc.constant("envelope"), sid: id, number, body }),
  fc.record({
    type: fc.constant("handshake-out"),
    id,
    outcome: fc.constantFrom("answer" as const, "edhoc-error" as const),
    body,
  }),
  fc.record({
    type: fc.constant("handshake-out"),
    id,
    outcome: fc.constantFrom("handshake-used" as const, "slow-down" as const, "malformed" as const),
    body: none,
  }),
  fc.record({
    type: fc.constant("answer"),
    sid: id,
    number: fc.oneof(fc.constant(0), number),
    body,
  }),
  fc.record({ type: fc.constant("no-answer"), sid: id, number }),
  fc.record({ type: fc.constant("credit"), count: fc.integer({ min: 1, max: 2 ** 32 - 1 }) }),
  fc.record({ type: fc.constant("close"), sid: id }),
);

const frames = fc.array(frame, { minLength: 1, maxLength: 20 });

describe("the frame codec", () => {
  it("reads back every sequence of frames that it writes", () => {
    fc.assert(
      fc.property(frames, (sequence) => {
        expect(decodeFrames(encodeFrames(sequence))).toEqual(sequence);
      }),
    );
  });

  it("answers any bytes with frames that write back to the same bytes, or with its own error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (message) => {
        expect(readsBack(message)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("answers any change of one byte likewise", () => {
    fc.assert(
      fc.property(frames, fc.nat(), fc.integer({ min: 1, max: 255 }), (sequence, at, change) => {
        const message = encodeFrames(sequence);
        const place = at % message.length;
        message[place] = (message[place] ?? 0) ^ change;
        expect(readsBack(message)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses every message that is cut off inside a frame", () => {
    fc.assert(
      fc.property(frame, fc.nat(), (one, at) => {
        const message = encodeFrames([one]);
        const cut = message.subarray(0, at % message.length);
        expect(() => decodeFrames(cut)).toThrow(RelayError);
      }),
    );
  });
});

function readsBack(message: Uint8Array): boolean {
  try {
    expect(encodeFrames(decodeFrames(message))).toEqual(new Uint8Array(message));
    return true;
  } catch (error) {
    if (error instanceof RelayError) return true;
    throw error;
  }
}
