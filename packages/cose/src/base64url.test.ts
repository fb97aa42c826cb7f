import { CoseError, fromBase64Url, toBase64Url } from "@siphms/cose";
import { bytesArbitrary } from "@siphms/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const ascii = new TextEncoder();

describe("base64url", () => {
  it.each([
    ["", ""],
    ["f", "Zg"],
    ["fo", "Zm8"],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg"],
    ["fooba", "Zm9vYmE"],
    ["foobar", "Zm9vYmFy"],
  ])("writes and reads %j as RFC 4648 §10 prints it, without padding", (text, encoded) => {
    expect(toBase64Url(ascii.encode(text))).toBe(encoded);
    expect(fromBase64Url(encoded)).toEqual(ascii.encode(text));
  });

  it("uses the alphabet that is safe in addresses", () => {
    expect(toBase64Url(Uint8Array.of(0xfb, 0xff, 0xbf))).toBe("-_-_");
  });

  it.each([
    ["padding", "Zg=="],
    ["the other alphabet's plus", "-_+_"],
    ["the other alphabet's slash", "/_-_"],
    ["white space", "Zm9v "],
    ["a line break", "Zm9v\nYmFy"],
    ["a letter outside ASCII", "Zm9vé"],
    ["a character outside the basic plane", "Zm9v\u{1f600}"],
    ["a single character", "Z"],
    ["a single character at the end", "Zm9vZ"],
    ["spare bits that are not zero, of one byte", "Zh"],
    ["spare bits that are not zero, of two bytes", "Zm9"],
    ["a NUL", "Zg\0"],
  ])("refuses %s", (_what, text) => {
    expect(() => fromBase64Url(text)).toThrow(CoseError);
    expect(() => fromBase64Url(text)).toThrow(
      expect.objectContaining({ code: "BASE64URL_MALFORMED" }),
    );
  });

  it("reads back any bytes, and agrees with the platform's base64", () => {
    fc.assert(
      fc.property(bytesArbitrary(0, 200), (bytes) => {
        const text = toBase64Url(bytes);
        const base64 = btoa(String.fromCharCode(...bytes));
        expect(text).toBe(base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""));
        expect(fromBase64Url(text)).toEqual(bytes);
      }),
    );
  });

  it("takes a text only where writing it again gives the same text", () => {
    fc.assert(
      fc.property(fc.base64String(), fc.string(), (base64, any) => {
        for (const text of [base64, base64.replace(/=+$/, ""), any]) {
          const bytes = readOrUndefined(text);
          if (bytes !== undefined) expect(toBase64Url(bytes)).toBe(text);
        }
      }),
    );
  });
});

function readOrUndefined(text: string): Uint8Array | undefined {
  try {
    return fromBase64Url(text);
  } catch (error) {
    expect(error).toBeInstanceOf(CoseError);
    return undefined;
  }
}
