import { describe, expect, it } from "vitest";
import { createBackoff } from "./backoff.ts";

describe("backoff", () => {
  it("doubles up to half a minute, half of it fixed", () => {
    const backoff = createBackoff(() => 0);
    const waits = Array.from({ length: 10 }, () => backoff.next());
    expect(waits).toEqual([125, 250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  });

  it("never waits longer than half a minute", () => {
    const backoff = createBackoff((below) => below - 1);
    const waits = Array.from({ length: 20 }, () => backoff.next());
    expect(Math.max(...waits)).toBe(30_000);
  });

  it("begins anew after a good connection", () => {
    const backoff = createBackoff(() => 0);
    for (let n = 0; n < 5; n++) backoff.next();
    backoff.reset();
    expect(backoff.next()).toBe(125);
  });

  it("spreads hospitals that lost one gateway in the same instant", () => {
    const waits = new Set(Array.from({ length: 50 }, () => createBackoff().next()));
    expect(waits.size).toBeGreaterThan(5);
  });
});
