import { describe, expect, it } from "vitest";
import { createTurns } from "./turns.ts";

describe("turns", () => {
  it("let only so many run at once, and everybody in the end in the order of coming", async () => {
    const inTurn = createTurns(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const all = [0, 1, 2, 3].map((index) =>
      inTurn(async () => {
        begun.push(index);
        await new Promise<void>((resolve) => ends.push(resolve));
        return index;
      }),
    );
    expect(begun).toEqual([0, 1]);
    ends[0]?.();
    await all[0];
    expect(begun).toEqual([0, 1, 2]);
    ends[1]?.();
    await all[1];
    expect(begun).toEqual([0, 1, 2, 3]);
    ends.forEach((end) => {
      end();
    });
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
  });

  it("go on after work that failed", async () => {
    const inTurn = createTurns(1);
    const failed = inTurn(() => Promise.reject(new Error("invented")));
    const next = inTurn(() => Promise.resolve("next"));
    await expect(failed).rejects.toThrow("invented");
    expect(await next).toBe("next");
  });
});
