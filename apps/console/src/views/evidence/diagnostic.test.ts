import { encodeCbor, fromHex, type CborValue } from "@siphms/cose";
import { describe, expect, it } from "vitest";
import { diagnosticOf } from "./diagnostic.ts";

const shown = (value: CborValue): string => diagnosticOf(encodeCbor(value)).replace(/\s+/g, " ");

describe("diagnostic notation", () => {
  it("writes each kind of value as RFC 8949 §8 does", () => {
    expect(shown([1, -7, true, null, 'a"b', fromHex("00ff"), [], new Map()])).toBe(
      `[ 1, -7, true, null, "a\\"b", h'00ff', [], {} ]`,
    );
    const map = new Map<number | string, CborValue>([
      [1, 2],
      ["kid", fromHex("0a")],
    ]);
    expect(shown(map)).toBe(`{ 1: 2, "kid": h'0a' }`);
  });

  it("opens byte strings that hold an array or a map, and no others", () => {
    expect(shown([encodeCbor([1])])).toBe("[ << [ 1 ] >> ]");
    expect(shown([encodeCbor("text")])).toBe("[ h'6474657874' ]");
    expect(shown([fromHex("f6")])).toBe("[ h'f6' ]");
  });

  it("writes bytes that are no CBOR in hexadecimal", () => {
    expect(diagnosticOf(fromHex("ff00"))).toBe("h'ff00'");
    expect(diagnosticOf(fromHex("8101ff"))).toBe("h'8101ff'");
  });

  it("has one member a line, inside each other indented", () => {
    expect(diagnosticOf(encodeCbor([[1], 2]))).toBe("[\n  [\n    1\n  ],\n  2\n]");
  });
});
