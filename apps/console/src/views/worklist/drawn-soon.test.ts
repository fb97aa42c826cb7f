import { describe, expect, it } from "vitest";
import { drawnSoon } from "./drawn-soon.ts";

describe("the rows that are drawn in one frame", () => {
  it("are those that were, and two new ones, in the order of the list", () => {
    expect(drawnSoon(["a", "b", "c", "d", "e"], new Set(["b", "e"]))).toEqual(["a", "b", "c", "e"]);
  });

  it("are not those that are not wanted any more", () => {
    expect(drawnSoon(["b"], new Set(["a", "b"]))).toEqual(["b"]);
    expect(drawnSoon([], new Set(["a"]))).toEqual([]);
  });

  it("are all of them after some frames, however many there are", () => {
    const wanted = Array.from({ length: 9 }, (_, index) => String(index));
    let drawn: readonly string[] = [];
    for (let frame = 0; frame < 5; frame++) drawn = drawnSoon(wanted, new Set(drawn));
    expect(drawn).toEqual(wanted);
  });
});
