import { describe, expect, it } from "vitest";
import { encodeEntryBundle, MAX_ENTRY_BYTES, parseEntryBundle } from "./entry-bundle.ts";
import { codeOf } from "./testing/refusal.ts";

const BUNDLE = Uint8Array.of(0, 2, 7, 8, 0, 0, 0, 1, 9);

describe("entry bundles", () => {
  it("puts two bytes of length before each entry", () => {
    const entries = [Uint8Array.of(7, 8), new Uint8Array(), Uint8Array.of(9)];
    expect(encodeEntryBundle(entries)).toEqual(BUNDLE);
    expect(parseEntryBundle(BUNDLE, 3)).toEqual(entries);
  });

  it("holds the longest entry", () => {
    const entry = new Uint8Array(MAX_ENTRY_BYTES).fill(5);
    expect(parseEntryBundle(encodeEntryBundle([entry]), 1)).toEqual([entry]);
  });

  it.each([
    ["fewer entries than its width", BUNDLE, 4],
    ["more entries than its width", BUNDLE, 2],
    ["nothing", new Uint8Array(), 1],
    ["half a length", BUNDLE.slice(0, 5), 2],
    ["a cut entry", BUNDLE.slice(0, 8), 3],
    ["a byte left over", Uint8Array.of(...BUNDLE, 0), 3],
    ["a length past its end", Uint8Array.of(255, 255, 1), 1],
  ])("refuses %s", (_, bytes, width) => {
    expect(codeOf(() => parseEntryBundle(bytes, width))).toBe("ENTRY_BUNDLE_MALFORMED");
  });

  it("writes none of no entries, of 257, and of one that is too long", () => {
    expect(() => encodeEntryBundle([])).toThrow(RangeError);
    expect(() => encodeEntryBundle(Array.from({ length: 257 }, () => BUNDLE))).toThrow(RangeError);
    expect(() => encodeEntryBundle([new Uint8Array(MAX_ENTRY_BYTES + 1)])).toThrow(RangeError);
  });
});
