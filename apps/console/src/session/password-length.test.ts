import { describe, expect, it } from "vitest";
import { lengthFaultOf } from "./password-length.ts";

describe("the length of a password (SR-05) [HS-308a5D]", () => {
  it("counts characters, not bytes or halves of them", () => {
    expect(lengthFaultOf("🦦🦦🦦🦦🦦🦦🦦🦦")).toBeUndefined();
    expect(lengthFaultOf("🦦🦦🦦🦦🦦🦦🦦")).toBe("tooShort");
  });

  it("counts them as they are hashed: two ways to type one letter are one", () => {
    expect(lengthFaultOf("e\u0301e\u0301e\u0301e\u0301")).toBe("tooShort");
  });

  it.each([
    ["", "tooShort"],
    ["1234567", "tooShort"],
    ["12345678", undefined],
    ["x".repeat(256), undefined],
    ["x".repeat(257), "tooLong"],
  ])("judges %j", (password, fault) => {
    expect(lengthFaultOf(password)).toBe(fault);
  });
});
