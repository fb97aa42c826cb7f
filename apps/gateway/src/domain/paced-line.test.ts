import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createPacedLine, type PacedLine } from "./paced-line.ts";

const AT_ONCE = 3;
const PAUSE_MS = 10;
let line: PacedLine;
let begun: number;

beforeEach(() => {
  vi.useFakeTimers();
  vi.advanceTimersByTime(1000);
  begun = 0;
  line = createPacedLine(AT_ONCE, PAUSE_MS);
});

afterEach(async () => {
  line.stop();
  await vi.advanceTimersByTimeAsync(0);
  vi.useRealTimers();
});

/** Stands in line with checks that give this. */
function stand(count: number, result: boolean | "breaks"): Promise<boolean>[] {
  return Array.from({ length: count }, () => {
    const told = line.run(() => {
      begun += 1;
      return result === "breaks" ? Promise.reject(new Error("broken")) : Promise.resolve(result);
    });
    told.catch(() => undefined);
    return told;
  });
}

/** Stands in line with checks that fail, and hears nothing of them. */
function flood(count: number, result: false | "breaks" = false): void {
  void Promise.allSettled(stand(count, result));
}

describe("a paced line", () => {
  it("lets good checks through as fast as they go, and gives what they give", async () => {
    const told = stand(100, true);
    expect(begun).toBe(AT_ONCE);
    await vi.advanceTimersByTimeAsync(0);
    expect([begun, new Set(await Promise.all(told))]).toEqual([100, new Set([true])]);
  });

  it("has no more under way than it may", async () => {
    let end: (result: boolean) => void = () => undefined;
    void line.run(() => new Promise((resolve) => (end = resolve)));
    void line.run(() => new Promise(() => undefined));
    void line.run(() => new Promise(() => undefined));
    void stand(1, true)[0];
    await vi.advanceTimersByTimeAsync(60_000);
    expect(begun).toBe(0);
    end(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(begun).toBe(1);
  });

  it.each([false, "breaks"] as const)("slows a flood of failures down (%s)", async (result) => {
    flood(1000, result);
    await vi.advanceTimersByTimeAsync(100 * PAUSE_MS - 1);
    expect(begun).toBeLessThanOrEqual(100 + AT_ONCE);
    expect(begun).toBeGreaterThan(90);
  });

  it("gives the failure of a check that breaks to who asked", async () => {
    const [told] = stand(1, "breaks");
    await expect(told).rejects.toThrow("broken");
  });

  it("lets a good one through behind a flood in its turn", async () => {
    flood(30);
    const [told] = stand(1, true);
    await vi.advanceTimersByTimeAsync(31 * PAUSE_MS);
    expect(await told).toBe(true);
  });

  it("is fast again when the flood is over", async () => {
    flood(30);
    await vi.advanceTimersByTimeAsync(31 * PAUSE_MS);
    begun = 0;
    await Promise.all(stand(100, true));
    expect(begun).toBe(100);
  });

  it("makes no pauses any more when it is stopped: all who wait are told", async () => {
    flood(100);
    const [told] = stand(1, true);
    await vi.advanceTimersByTimeAsync(0);
    line.stop();
    await vi.advanceTimersByTimeAsync(0);
    expect([await told, begun]).toEqual([true, 101]);
  });
});
