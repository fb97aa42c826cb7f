import { decodeCbor, encodeCbor, fromHex, toHex, type CborMap, type CborValue } from "@siphms/cose";
import { describe, expect, it } from "vitest";

const hex = (value: CborValue) => toHex(encodeCbor(value));
/** What untyped code might hand over. */
const untyped = (value: unknown) => value as CborValue;

describe("the CBOR encoder", () => {
  it.each<[CborValue, string]>([
    [0, "00"],
    [-0, "00"],
    [23, "17"],
    [24, "1818"],
    [255, "18ff"],
    [256, "190100"],
    [65_535, "19ffff"],
    [65_536, "1a00010000"],
    [4_294_967_295, "1affffffff"],
    [4_294_967_296, "1b0000000100000000"],
    [9_007_199_254_740_991, "1b001fffffffffffff"],
    [-1, "20"],
    [-24, "37"],
    [-25, "3818"],
    [-256, "38ff"],
    [-257, "390100"],
    [-9_007_199_254_740_991, "3b001ffffffffffffe"],
    [false, "f4"],
    [true, "f5"],
    [null, "f6"],
    ["", "60"],
    ["IETF", "6449455446"],
    ["\u00fc", "62c3bc"],
    ["\u{10151}", "64f0908591"],
    ["\u{feff}", "63efbbbf"],
    [new Uint8Array(0), "40"],
    [fromHex("01020304"), "4401020304"],
    [[], "80"],
    [[1, [2, 3], [4, 5]], "8301820203820405"],
    [new Map(), "a0"],
  ])("writes %j in its shortest form", (value, encoded) => {
    expect(hex(value)).toBe(encoded);
    expect(decodeCbor(fromHex(encoded))).toEqual(Object.is(value, -0) ? 0 : value);
  });

  it("sorts map keys by their bytes, whatever order the map has, and leaves the map as it was", () => {
    // RFC 8949 §4.2.1's own example, as far as the types go.
    const map: CborMap = new Map<number | string, CborValue>([
      ["aa", 5],
      ["z", 4],
      [-1, 3],
      [100, 2],
      [10, 1],
    ]);
    const before = [...map];
    expect(hex(map)).toBe("a50a0118640220036" + "17a046261" + "6105");
    expect([...map]).toEqual(before);
  });

  it("orders texts by length of their UTF-8 first, then bytewise", () => {
    const names = ["z", "\u00e9", "aa", "ab", "\u{ffff}", "\u{10000}"];
    const map = new Map(names.toReversed().map((name) => [name, 0]));
    const decoded = decodeCbor(encodeCbor(map));
    expect(decoded instanceof Map && [...decoded.keys()]).toEqual([
      "z",
      "aa",
      "ab",
      "\u00e9",
      "\u{ffff}",
      "\u{10000}",
    ]);
  });

  it("writes byte strings longer than its first buffer, and many items", () => {
    const long = new Uint8Array(70_000).fill(5);
    const encoded = encodeCbor(long);
    expect(toHex(encoded.slice(0, 5))).toBe("5a00011170");
    expect(encoded.slice(5)).toEqual(long);
    const numbers = Array.from({ length: 4096 }, (_, i) => i);
    expect(decodeCbor(encodeCbor(numbers))).toEqual(numbers);
  });

  it.each<[string, CborValue]>([
    ["2^53", 2 ** 53],
    ["-(2^53)", -(2 ** 53)],
    ["a fraction", 1.5],
    ["NaN", NaN],
    ["infinity", Infinity],
    ["an array of 4097 items", new Array<number>(4097).fill(0)],
    ["a map of 4097 pairs", new Map(Array.from({ length: 4097 }, (_, i) => [i, i]))],
    ["a value nested 9 deep", [[[[[[[[[]]]]]]]]]],
  ])("refuses %s", (_what, value) => {
    expect(() => encodeCbor(value)).toThrow(RangeError);
  });

  it.each<[string, CborValue]>([
    ["undefined", untyped(undefined)],
    ["a big integer", untyped(1n)],
    ["a plain object", untyped({ a: 1 })],
    ["a function", untyped(() => 0)],
    ["half a surrogate pair", "\ud800"],
    ["the halves in the wrong order", "\udc00\ud800"],
    ["a map key that is none", untyped(new Map([[null, untyped({})]]))],
  ])("refuses %s", (_what, value) => {
    expect(() => encodeCbor(value)).toThrow(TypeError);
  });

  it("refuses a value that contains itself instead of running out of stack", () => {
    const loop: CborValue[] = [];
    loop.push(loop);
    expect(() => encodeCbor(loop)).toThrow(RangeError);
  });
});
