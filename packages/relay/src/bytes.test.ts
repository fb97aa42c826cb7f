import { decodeBase64Url, encodeBase64Url } from "@siphms/relay";
import { describe, expect, it } from "vitest";
import { refusal } from "./refusal.suite.ts";

describe("base64url", () => {
  it("writes the examples of RFC 4648 section 10 without padding", () => {
    const pairs = ["f", "fo", "foo", "foob", "fooba", "foobar"].map((text) =>
      encodeBase64Url(new TextEncoder().encode(text)),
    );
    expect(pairs).toEqual(["Zg", "Zm8", "Zm9v", "Zm9vYg", "Zm9vYmE", "Zm9vYmFy"]);
  });

  it("uses the alphabet that is safe in addresses", () => {
    expect(encodeBase64Url(Uint8Array.of(0xfb, 0xff, 0xbf))).toBe("-_-_");
  });

  it("reads nothing as no bytes", () => {
    expect(decodeBase64Url("")).toEqual(new Uint8Array());
  });

  it.each([
    ["padding", "Zg=="],
    ["the other alphabet", "+/+/"],
    ["a length that no bytes have", "Zm9vY"],
    ["spare bits behind one byte", "Zh"],
    ["spare bits behind two bytes", "Zm9"],
    ["a space", "Zm 9"],
    ["a line break", "Zm9v\n"],
    ["a character beyond ASCII", "Zmé9"],
    ["a character beyond the basic plane", "Zm😀"],
  ])("refuses %s", (_what, text) => {
    expect(refusal(() => decodeBase64Url(text))).toBe("BASE64URL_MALFORMED");
  });
});
