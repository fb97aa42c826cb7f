import { describe, expect, it } from "vitest";
import { fromBase64, toBase64 } from "./base64.ts";
import { parseDecimal, parseHash } from "./text.ts";

describe("base64", () => {
  it("is the platform's own, both ways, for every length", () => {
    for (let length = 0; length < 70; length++) {
      const bytes = Uint8Array.from({ length }, (_, at) => (at * 89 + length) % 256);
      const text = Buffer.from(bytes).toString("base64");
      expect(toBase64(bytes)).toBe(text);
      expect(fromBase64(text)).toEqual(bytes);
    }
  });

  it.each([
    "Zg",
    "Zg=",
    "Zg===",
    "Z===",
    "Zm9v=",
    "Zm=v",
    "Zh==",
    "Zm9=",
    "Zm9v\n",
    " Zm9v",
    "Zm-_",
    "====",
    "Zg==Zg==",
  ])("refuses %j", (text) => {
    expect(fromBase64(text)).toBeUndefined();
  });

  it("is a hash at 32 bytes alone", () => {
    expect(parseHash(toBase64(new Uint8Array(32)))).toEqual(new Uint8Array(32));
    for (const length of [0, 31, 33]) {
      expect(parseHash(toBase64(new Uint8Array(length)))).toBeUndefined();
    }
  });
});

describe("decimal numbers", () => {
  it("are read up to 2^53 - 1", () => {
    expect(["0", "7", "20852163", "9007199254740991"].map(parseDecimal)).toEqual([
      0, 7, 20_852_163, 9_007_199_254_740_991,
    ]);
  });

  it.each([
    "",
    "00",
    "01",
    "+1",
    "-1",
    "1.0",
    "1e3",
    " 1",
    "1 ",
    "1\n",
    "0x1",
    "१",
    "9007199254740992",
    "99999999999999999",
  ])("refuses %j", (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });
});
