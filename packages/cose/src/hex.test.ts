import { fromHex, toHex } from "@siphms/cose";
import { describe, expect, it } from "vitest";

describe("hex", () => {
  it("is written in lower case and read in either", () => {
    const bytes = Uint8Array.of(0, 1, 0x7f, 0x80, 0xab, 0xff);
    expect(toHex(bytes)).toBe("00017f80abff");
    expect(fromHex("00017f80abff")).toEqual(bytes);
    expect(fromHex("00017F80aBFF")).toEqual(bytes);
    expect(toHex(fromHex(""))).toBe("");
  });

  it.each(["0", "0g", "0x00", " 00", "00\n", "00 11", "é0", "-1", "1.", "+1"])(
    "refuses %j",
    (text) => {
      expect(() => fromHex(text)).toThrow(expect.objectContaining({ code: "HEX_MALFORMED" }));
    },
  );
});
