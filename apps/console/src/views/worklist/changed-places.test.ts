import { describe, expect, it } from "vitest";
import { changedPlaces, keepPlaces } from "./changed-places.ts";

const letters = (text: string): readonly string[] => Array.from(text);

describe("the number of changed places", () => {
  it.each([
    ["abcd", "abcd", 0],
    ["abcd", "dabc", 1],
    ["abcd", "bacd", 1],
    ["abcd", "badc", 2],
    ["abcd", "dcba", 3],
    ["", "abc", 0],
    ["abc", "", 0],
  ])("from %s to %s is %d", (shown, wanted, count) => {
    expect(changedPlaces(letters(shown), letters(wanted))).toBe(count);
  });

  it("does not count who came or went", () => {
    expect(changedPlaces(letters("axbc"), letters("ayzbc"))).toBe(0);
  });
});

describe("an order that is kept", () => {
  it("loses at once who is gone, and has who is new at its end", () => {
    expect(keepPlaces(letters("dab"), letters("xabc")).join("")).toBe("abxc");
  });

  it("is the very same list where nobody came or went: nothing is drawn for it", () => {
    const shown = letters("dab");
    expect(keepPlaces(shown, letters("abd"))).toBe(shown);
  });
});
