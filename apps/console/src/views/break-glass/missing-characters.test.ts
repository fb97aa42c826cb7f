import { describe, expect, it } from "vitest";
import { missingCharacters } from "./missing-characters.ts";

describe("the length of a reason", () => {
  it.each([
    ["", 10],
    ["          ", 10],
    ["nine char", 1],
    ["  nine char  ", 1],
    ["ten charac", 0],
    ["longer than ten", 0],
  ])("says of %j that %i characters are missing", (text, missing) => {
    expect(missingCharacters(text)).toBe(missing);
  });
});
