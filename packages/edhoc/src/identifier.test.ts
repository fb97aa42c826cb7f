import { decodeCborSequence, fromHex, toHex } from "@siphms/cose";
import { describe, expect, it } from "vitest";
import { encodeIdentifier, parseIdentifier } from "./identifier.ts";

describe("a byte string identifier", () => {
  it("stands for itself at exactly the 48 bytes that are small integers", () => {
    const short = Array.from({ length: 256 }, (_, byte) => byte).filter(
      (byte) => encodeIdentifier(new Uint8Array([byte])).length === 1,
    );
    const upTo = (first: number): number[] => Array.from({ length: 24 }, (_, at) => first + at);
    expect(short).toEqual([...upTo(0x00), ...upTo(0x20)]);
  });

  it.each([
    ["", "40"],
    ["18", "4118"],
    ["ff", "41ff"],
    ["0102", "420102"],
    ["0102030405060708", "480102030405060708"],
  ])("of %j goes as %s and comes back", (identifier, wire) => {
    expect(toHex(encodeIdentifier(fromHex(identifier)))).toBe(wire);
    expect(toHex(parseIdentifier(decodeCborSequence(fromHex(wire))[0]))).toBe(identifier);
  });

  it("is refused as a byte string where the short form is due", () => {
    for (const byte of ["00", "17", "20", "37", "0e"]) {
      expect(() => parseIdentifier(decodeCborSequence(fromHex(`41${byte}`))[0])).toThrow(
        "EDHOC_MALFORMED",
      );
    }
  });

  it.each(["1818", "3818", "60", "80", "a0", "f5", "f6"])("is refused as %s", (hex) => {
    expect(() => parseIdentifier(decodeCborSequence(fromHex(hex))[0])).toThrow("EDHOC_MALFORMED");
  });

  it("is refused when it is not there", () => {
    expect(() => parseIdentifier(undefined)).toThrow("EDHOC_MALFORMED");
  });
});
