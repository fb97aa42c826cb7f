import { describe, expect, it, vi } from "vitest";
import { chartKey, moveByKey } from "./gestures.ts";

function press(
  key: string,
  held: Partial<Record<"altKey" | "ctrlKey" | "metaKey" | "shiftKey", boolean>> = {},
) {
  return chartKey({
    ...{ key, altKey: false, ctrlKey: false, metaKey: false, shiftKey: false },
    ...held,
  });
}

describe("the keys of a chart", () => {
  it("move, zoom and come back to now", () => {
    expect(["ArrowLeft", "ArrowRight", "+", "-", "End"].map((key) => press(key))).toEqual([
      "before",
      "later",
      "in",
      "out",
      "newest",
    ]);
  });

  it("go from value to value with Shift, which some keyboards need for a plus as well", () => {
    expect(press("ArrowLeft", { shiftKey: true })).toBe("previousValue");
    expect(press("ArrowRight", { shiftKey: true })).toBe("nextValue");
    expect(press("+", { shiftKey: true })).toBe("in");
  });

  it("leave to the browser what is the browser's", () => {
    expect(press("+", { ctrlKey: true })).toBeUndefined();
    expect(press("ArrowLeft", { altKey: true })).toBeUndefined();
    expect(press("ArrowDown")).toBeUndefined();
    expect(press("Tab")).toBeUndefined();
  });

  it("zoom around the middle, and move a quarter", () => {
    const gestures = { pan: vi.fn(), zoom: vi.fn(), toNewest: vi.fn() };
    for (const key of ["before", "later", "in", "out", "newest", "nextValue"] as const) {
      moveByKey(key, gestures);
    }
    expect(gestures.pan.mock.calls).toEqual([[-0.25], [0.25]]);
    expect(gestures.zoom.mock.calls).toEqual([
      [0.5, 0.5],
      [2, 0.5],
    ]);
    expect(gestures.toNewest).toHaveBeenCalledTimes(1);
  });
});
