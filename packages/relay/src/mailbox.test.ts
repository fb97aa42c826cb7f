import { decodeMailbox, encodeMailbox } from "@siphms/relay";
import { describe, expect, it } from "vitest";
import { refusal, sharing } from "./refusal.suite.ts";

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

describe("a mailbox answer", () => {
  it("is a CBOR sequence of byte strings with the shortest heads", () => {
    expect(encodeMailbox([hex("01"), hex("0203")])).toEqual(hex("4101420203"));
    const heads = [23, 24, 255, 256, 65_535, 65_536].map((size) =>
      [...encodeMailbox([new Uint8Array(size)])].slice(0, 5),
    );
    expect(heads).toEqual([
      [0x57, 0, 0, 0, 0],
      [0x58, 24, 0, 0, 0],
      [0x58, 255, 0, 0, 0],
      [0x59, 1, 0, 0, 0],
      [0x59, 255, 255, 0, 0],
      [0x5a, 0, 1, 0, 0],
    ]);
  });

  it("reads back as copies, even from bytes whose slices share memory", () => {
    const answer = sharing(encodeMailbox([hex("0102")]));
    const [envelope] = decodeMailbox(answer);
    answer.fill(9);
    expect(envelope).toEqual(hex("0102"));
  });

  it("may be empty", () => {
    expect(decodeMailbox(new Uint8Array())).toEqual([]);
  });

  it.each([
    ["an integer", "01"],
    ["a text", "6161"],
    ["an array", "814101"],
    ["an empty byte string", "40"],
    ["an indefinite byte string", "5f4101ff"],
    ["a head that says more than it must", "580101"],
    ["a 16-bit head for a short string", "590001" + "01"],
    ["a 32-bit head for a short string", "5a00000001" + "01"],
    ["a 64-bit head", "5b0000000000000001" + "01"],
    ["a reserved head", "5c01"],
    ["a head that is cut off", "59ff"],
    ["a string that is cut off", "4201"],
    ["something behind the strings", "410100"],
    ["a string longer than any envelope", "5a00010001" + "00".repeat(65_537)],
    ["a length that no memory holds", "5affffffff"],
  ])("is refused with %s in it", (_what, text) => {
    expect(refusal(() => decodeMailbox(hex(text)))).toBe("MAILBOX_MALFORMED");
  });
});
