import { fromHex, toHex } from "@siphms/cose";
import { describe, expect, it } from "vitest";
import { prefixMessage1, prefixMessage3, splitMessage1, splitMessage3 } from "./index.ts";

describe("the body of message_1", () => {
  it("is message_1 behind 0xf5", () => {
    expect(toHex(prefixMessage1(fromHex("0034")))).toBe("f50034");
    expect(toHex(splitMessage1(fromHex("f50034")))).toBe("0034");
  });

  it.each(["", "00", "f40034", "0034f5"])("is refused as %j", (hex) => {
    expect(() => splitMessage1(fromHex(hex))).toThrow("EDHOC_MALFORMED");
  });

  it("is refused beyond 4 KiB", () => {
    expect(() => splitMessage1(new Uint8Array(4097).fill(0xf5))).toThrow("EDHOC_LENGTH");
  });
});

describe("the body of message_3", () => {
  it.each([
    ["27", "2741aa"],
    ["18", "411841aa"],
    ["0102030405060708", "48010203040506070841aa"],
  ])("is message_3 behind the C_R %s", (cR, body) => {
    expect(toHex(prefixMessage3(fromHex(cR), fromHex("41aa")))).toBe(body);
    const split = splitMessage3(fromHex(body));
    expect([toHex(split.cR), toHex(split.message3)]).toEqual([cR, "41aa"]);
  });

  it.each([
    ["nothing", ""],
    ["no message", "27"],
    ["no C_R", "41aa"],
    ["a C_R that has a shorter form", "412741aa"],
    ["a message that is no byte string", "2700"],
    ["something behind the message", "2741aa00"],
    ["0xf5 in front", "f541aa"],
    ["a message that is cut short", "2742aa"],
  ])("is refused with %s", (_what, hex) => {
    expect(() => splitMessage3(fromHex(hex))).toThrow("EDHOC_MALFORMED");
  });

  it("is refused beyond 4 KiB", () => {
    expect(() => splitMessage3(new Uint8Array(4097))).toThrow("EDHOC_LENGTH");
  });
});
