import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseNumber } from "./parse-number.ts";

describe("a number as people type it", () => {
  it.each([
    ["72", 72],
    [" 72 ", 72],
    ["36.7", 36.7],
    ["36,7", 36.7],
    ["٣٦٫٧", 36.7],
    ["٣٦،٧", 36.7],
    ["۳۶٫۷", 36.7],
    ["\u200f١٢٢\u200e", 122],
    ["-4", -4],
    ["+4", 4],
    ["007", 7],
  ])("%j is %d", (text, number) => {
    expect(parseNumber(text)).toBe(number);
  });

  it.each([
    "",
    " ",
    "abc",
    "72/80",
    "1,234,567",
    "1.234,5",
    "36.",
    ".5",
    "1e3",
    "0x48",
    "Infinity",
    "NaN",
    "٧٢ نبضة",
    "7 2x",
    "1234567",
    "1.2345",
    "--4",
  ])("%j is none", (text) => {
    expect(parseNumber(text)).toBeUndefined();
  });

  it("is a finite number or none, whatever was typed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const number = parseNumber(text);
        return number === undefined || Number.isFinite(number);
      }),
    );
  });
});
