import { describe, expect, it } from "vitest";
import { secondFactorOf } from "./second-factor.ts";

describe("a typed second factor", () => {
  it.each([
    ["123456", "123456"],
    [" 123 456 ", "123456"],
    ["١٢٣٤٥٦", "123456"],
    ["۱۲۳۴۵۶", "123456"],
    ["abcd-efgh-2345-wxyz", "abcd-efgh-2345-wxyz"],
    ["ABCD EFGH 2345 WXYZ", "abcd-efgh-2345-wxyz"],
    ["abcdefgh2345wxyz", "abcd-efgh-2345-wxyz"],
  ])("takes %j in the hospital's form", (typed, sent) => {
    expect(secondFactorOf(typed)).toBe(sent);
  });

  it.each([
    "",
    "12345",
    "1234567",
    "12345a",
    "abcd-efgh-2345-wxy",
    "abcd-efgh-0189-wxyz",
    "abcd_efgh_2345_wxyz",
  ])("takes %j for no code", (typed) => {
    expect(secondFactorOf(typed)).toBeUndefined();
  });
});
