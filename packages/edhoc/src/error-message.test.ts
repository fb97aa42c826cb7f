import { fromHex, toHex } from "@siphms/cose";
import { describe, expect, it } from "vitest";
import { encodeErrorMessage, parseErrorMessage } from "./index.ts";

describe("an error message", () => {
  it("has the three forms of RFC 9528 and comes back as what it was", () => {
    const forms = [
      [encodeErrorMessage(1, "no"), "01626e6f", { code: 1, text: "no" }],
      [encodeErrorMessage(2, [-21]), "0234", { code: 2, suitesR: [-21] }],
      [encodeErrorMessage(2, [2, 3]), "02820203", { code: 2, suitesR: [2, 3] }],
      [encodeErrorMessage(3, true), "03f5", { code: 3 }],
      [encodeErrorMessage(3), "03f5", { code: 3 }],
    ] as const;
    for (const [bytes, hex, message] of forms) {
      expect(toHex(bytes)).toBe(hex);
      expect(parseErrorMessage(bytes)).toEqual(message);
    }
  });

  it.each([
    ["nothing", ""],
    ["code 0, which is for success", "0060"],
    ["a code that is not defined", "0460"],
    ["a negative code", "2060"],
    ["no information", "01"],
    ["code 1 with an integer", "0101"],
    ["code 2 with a text", "026161"],
    ["code 2 with an empty array", "0280"],
    ["code 2 with an array of one", "028102"],
    ["code 2 with an array of texts", "028261616162"],
    ["code 3 with false", "03f4"],
    ["something behind it", "03f500"],
    ["a byte string in front", "4003f5"],
  ])("is refused with %s", (_what, hex) => {
    expect(() => parseErrorMessage(fromHex(hex))).toThrow(
      expect.objectContaining({ code: "EDHOC_MALFORMED" }),
    );
  });

  it("is refused beyond 4 KiB", () => {
    expect(() => parseErrorMessage(encodeErrorMessage(1, "x".repeat(4096)))).toThrow(
      expect.objectContaining({ code: "EDHOC_LENGTH" }),
    );
  });

  it("is not made without a suite to name", () => {
    expect(() => encodeErrorMessage(2, [])).toThrow(RangeError);
  });
});
