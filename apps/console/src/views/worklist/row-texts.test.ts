import { describe, expect, it, vi } from "vitest";
import { remembering } from "./row-texts.ts";

const look = (key: string, values?: { readonly count: number }): string =>
  `${key} ${String(values?.count)}`;

describe("texts that are remembered", () => {
  it("are those that were looked up, each once", () => {
    const asked = vi.fn(look);
    const t = remembering(asked as typeof look);
    for (let turn = 0; turn < 3; turn++) {
      expect([t("a"), t("b"), t("a", { count: 1 }), t("a", { count: 2 })]).toEqual([
        "a undefined",
        "b undefined",
        "a 1",
        "a 2",
      ]);
    }
    expect(asked).toHaveBeenCalledTimes(4);
  });

  it("are right however many there are", () => {
    const t = remembering(look);
    for (let count = 0; count < 5_000; count++)
      expect(t("a", { count })).toBe(`a ${String(count)}`);
    expect(t("a", { count: 0 })).toBe("a 0");
  });
});
