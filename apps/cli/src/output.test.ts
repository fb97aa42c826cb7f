import { describe, expect, it } from "vitest";

import { table } from "./output.ts";

describe("a table on the terminal", () => {
  it("has columns as wide as their widest field", () => {
    expect(
      table([
        ["A", "B"],
        ["long", "x"],
      ]),
    ).toBe("A     B\nlong  x");
  });

  it.each([
    ["a colour", "\u001b[31mred\u001b[0m"],
    ["another title of the window", "\u001b]0;title\u0007"],
    ["one of the eight-bit commands", "\u009b2J"],
    ["a step back", "abc\b\b\b"],
    ["a line of its own", "Ada\r\nGET /"],
  ])("shows %s that somebody typed as text alone (SR-47)", (_what, typed) => {
    const shown = table([["NAME"], [typed]]);
    expect(shown.split("\n")).toHaveLength(2);
    expect(shown.replace("\n", "")).not.toMatch(/\p{Cc}/u);
  });
});
