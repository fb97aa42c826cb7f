import type { Bytes } from "@siphms/cose";
import { decodeCborSequence, encodeCbor, fromHex, toHex } from "@siphms/cose";
import { describe, expect, it } from "vitest";
import type { ReceivedEad } from "./ead.ts";
import { encodeEad, encodePadding, paddingToReach, parseEad } from "./ead.ts";

function parse(hex: string): ReceivedEad {
  return parseEad(decodeCborSequence(fromHex(hex)));
}

describe("EAD_x", () => {
  it("is written with a negative label where it is critical, the value wrapped once", () => {
    const items = [
      { label: 32769, critical: true, value: fromHex("aabb") },
      { label: 1, critical: false },
    ];
    expect(toHex(encodeEad(items))).toBe("39800042aabb01");
    expect(parse("39800042aabb01").items).toEqual(items);
  });

  it("tells an empty value from none, in the items and in the raw bytes", () => {
    expect(parse("0140").items).toEqual([{ label: 1, critical: false, value: fromHex("") }]);
    expect(parse("01").items).toEqual([{ label: 1, critical: false }]);
    expect(toHex(parse("0140").raw)).toBe("0140");
  });

  it("never hands padding out, but tells what it was and keeps it in the raw bytes", () => {
    const { items, padding, paddingIsLast, raw } = parse("0004000041ff");
    expect(items).toEqual([{ label: 4, critical: false }]);
    expect(padding).toEqual([fromHex(""), fromHex(""), fromHex("ff")]);
    expect(paddingIsLast).toBe(false);
    expect(toHex(raw)).toBe("0004000041ff");
  });

  it.each([
    ["a value without a label", "40"],
    ["two values behind one label", "014040"],
    ["a text as label", "6161"],
    ["a map as label", "a0"],
    ["a text as value", "016161"],
    ["an array", "80"],
    ["null", "f6"],
  ])("is refused with %s", (_what, hex) => {
    expect(() => parse(hex)).toThrow(expect.objectContaining({ code: "EDHOC_MALFORMED" }));
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 53])("is not made with the label %d", (label) => {
    expect(() => encodeEad([{ label, critical: false }])).toThrow(RangeError);
  });
});

describe("padding", () => {
  it("takes exactly the bytes that it is asked for, up to a whole message", () => {
    for (let length = 0; length <= 4096; length++) {
      const padding = encodePadding(length);
      expect(padding).toHaveLength(length);
      const { items, padding: values } = parseEad(decodeCborSequence(padding));
      expect(items).toEqual([]);
      expect(values.every((value) => value.every((byte) => byte === 0))).toBe(true);
    }
  });

  it("brings a sealed message to every length that a byte string can have", () => {
    const sealedLength = (plaintext: number, padding: Bytes): number =>
      encodeCbor(new Uint8Array(plaintext + padding.length + 16)).length;
    for (let message = 40; message <= 1100; message++) {
      if (message === 258) continue;
      const padding = paddingToReach({ message, plaintext: 20, tag: 16 });
      expect(sealedLength(20, padding)).toBe(message);
    }
  });

  it("needs none where the content has the length already", () => {
    expect(paddingToReach({ message: 384, plaintext: 365, tag: 16 })).toHaveLength(0);
  });

  it("cannot shorten: one byte too many is refused", () => {
    expect(() => paddingToReach({ message: 384, plaintext: 366, tag: 16 })).toThrow(
      expect.objectContaining({ code: "EDHOC_LENGTH" }),
    );
  });

  it.each([25, 258, 0, -1])("cannot reach %d, which no byte string has", (message) => {
    expect(() => paddingToReach({ message, plaintext: 0, tag: 8 })).toThrow(RangeError);
  });
});
