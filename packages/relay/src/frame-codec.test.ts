import { decodeFrames, encodeFrames, frameBytes, type UplinkFrame } from "@siphms/relay";
import { describe, expect, it } from "vitest";
import { refusal, sharing } from "./refusal.suite.ts";

const ID = new Uint8Array(16).fill(0xaa);
const SID = new Uint8Array(16).fill(0xbb);
const KID = new Uint8Array(8).fill(0xcc);
const BODY = Uint8Array.of(1, 2);

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.replace(/\s/g, "").match(/../g) ?? [], (pair) => parseInt(pair, 16));
const aa = "aa".repeat(16);
const bb = "bb".repeat(16);
const cc = "cc".repeat(8);

const FRAMES: readonly [UplinkFrame, string][] = [
  [
    { type: "handshake-in", step: 1, id: ID, kid: KID, body: BODY },
    `01 0000001b ${aa} 01 ${cc} 0102`,
  ],
  [{ type: "handshake-in", step: 3, id: ID, body: BODY }, `01 00000013 ${aa} 03 0102`],
  [
    { type: "envelope", sid: SID, number: 258, body: BODY },
    `02 0000001a ${bb} 0000000000000102 0102`,
  ],
  [{ type: "handshake-out", id: ID, outcome: "answer", body: BODY }, `03 00000013 ${aa} 00 0102`],
  [
    { type: "handshake-out", id: ID, outcome: "edhoc-error", body: BODY },
    `03 00000013 ${aa} 01 0102`,
  ],
  ...(
    ["handshake-used", "hospital-key-unknown", "slow-down", "hospital-away", "malformed"] as const
  ).map((outcome, at): [UplinkFrame, string] => [
    { type: "handshake-out", id: ID, outcome, body: new Uint8Array() },
    `03 00000011 ${aa} 0${String(at + 2)}`,
  ]),
  [
    { type: "answer", sid: SID, number: Number.MAX_SAFE_INTEGER, body: BODY },
    `04 0000001a ${bb} 001fffffffffffff 0102`,
  ],
  [{ type: "answer", sid: SID, number: 0, body: BODY }, `04 0000001a ${bb} 0000000000000000 0102`],
  [{ type: "no-answer", sid: SID, number: 1 }, `05 00000018 ${bb} 0000000000000001`],
  [{ type: "credit", count: 4_294_967_295 }, `06 00000004 ffffffff`],
  [{ type: "close", sid: SID }, `07 00000010 ${bb}`],
];

describe("uplink frames", () => {
  it.each(FRAMES)("have the documented bytes: $type", (frame, bytes) => {
    expect(encodeFrames([frame])).toEqual(hex(bytes));
    expect(decodeFrames(hex(bytes))).toEqual([frame]);
    expect(frameBytes(frame)).toBe(hex(bytes).length);
  });

  it("follow each other in one message", () => {
    const frames = FRAMES.map(([frame]) => frame);
    expect(decodeFrames(encodeFrames(frames))).toEqual(frames);
  });

  it("are read as copies, even from bytes whose slices share memory", () => {
    const message = sharing(encodeFrames(FRAMES.map(([frame]) => frame)));
    const frames = decodeFrames(message);
    message.fill(0);
    expect(frames).toEqual(FRAMES.map(([frame]) => frame));
  });

  it.each([
    ["nothing", ""],
    ["type 0", `00 00000010 ${bb}`],
    ["an unknown type", `08 00000010 ${bb}`],
    ["half a head", "0700"],
    ["a body that is cut off", `07 00000010 ${bb.slice(2)}`],
    ["a length beyond the message", `07 ffffffff ${bb}`],
    ["a close that is too long", `07 00000011 ${bb}00`],
    ["a handshake without message", `01 00000011 ${aa} 03`],
    ["a handshake without kid", `01 00000013 ${aa} 01 0102`],
    ["a handshake step 2", `01 00000013 ${aa} 02 0102`],
    ["a handshake without id", `01 00000002 0301`],
    ["a handshake message over 4 KiB", `01 0000101b ${aa} 03 ${"00".repeat(4106)}`],
    ["an unknown outcome", `03 00000011 ${aa} 07`],
    ["no outcome", `03 00000010 ${aa}`],
    ["an answer outcome without message", `03 00000011 ${aa} 00`],
    ["a problem outcome with message", `03 00000012 ${aa} 02 01`],
    ["an envelope number 0", `02 0000001a ${bb} 0000000000000000 0102`],
    ["an unanswered number 0", `05 00000018 ${bb} 0000000000000000`],
    ["a number beyond 2^53-1", `02 0000001a ${bb} 0020000000000000 0102`],
    ["an empty envelope", `02 00000018 ${bb} 0000000000000001`],
    ["an empty answer", `04 00000018 ${bb} 0000000000000001`],
    ["an envelope over 64 KiB", `02 00010019 ${bb} 0000000000000001 ${"00".repeat(65_537)}`],
    ["half a number", `05 00000014 ${bb} 00000000`],
    ["credit 0", "06 00000004 00000000"],
    ["a credit of 3 bytes", "06 00000003 000001"],
    ["a good frame and a bad one", `06 00000004 00000001 09 00000000`],
    ["a byte behind the last frame", `06 00000004 00000001 00`],
    ["more than 1 MiB", "06 00000004 00000001".repeat(116_510)],
  ])("are refused: %s", (_what, bytes) => {
    expect(refusal(() => decodeFrames(hex(bytes)))).toBe("FRAME_MALFORMED");
  });

  it.each<[string, UplinkFrame]>([
    ["a short sid", { type: "close", sid: SID.subarray(1) }],
    ["a long id", { type: "handshake-in", step: 3, id: new Uint8Array(17), body: BODY }],
    ["a short kid", { type: "handshake-in", step: 1, id: ID, kid: KID.subarray(1), body: BODY }],
    ["an empty envelope", { type: "envelope", sid: SID, number: 1, body: new Uint8Array() }],
    [
      "an envelope over 64 KiB",
      { type: "answer", sid: SID, number: 1, body: new Uint8Array(65_537) },
    ],
    ["envelope number 0", { type: "envelope", sid: SID, number: 0, body: BODY }],
    ["a fractional number", { type: "answer", sid: SID, number: 1.5, body: BODY }],
    ["a negative number", { type: "no-answer", sid: SID, number: -1 }],
    ["a number beyond 2^53-1", { type: "no-answer", sid: SID, number: 2 ** 53 }],
    ["credit 0", { type: "credit", count: 0 }],
    ["credit 2^32", { type: "credit", count: 2 ** 32 }],
    [
      "a body beside a problem",
      { type: "handshake-out", id: ID, outcome: "malformed", body: BODY },
    ],
    [
      "no body beside an answer",
      { type: "handshake-out", id: ID, outcome: "answer", body: new Uint8Array() },
    ],
  ])("are not written with %s", (_what, frame) => {
    expect(() => encodeFrames([frame])).toThrow(RangeError);
  });

  it("are not written into a message over 1 MiB", () => {
    const frame: UplinkFrame = {
      type: "answer",
      sid: SID,
      number: 1,
      body: new Uint8Array(65_000),
    };
    expect(() => encodeFrames(Array<UplinkFrame>(17).fill(frame))).toThrow(RangeError);
  });
});
