import { describe, expect, it } from "vitest";
import {
  dayView,
  LONGEST_MS,
  panned,
  presetOf,
  presetView,
  SHORTEST_MS,
  spanOf,
  zoomed,
} from "./time-view.ts";

const HOUR = 3_600_000;
const NOW = 1_000_000 * HOUR;
const PAST = { from: NOW - 20 * HOUR, to: NOW - 10 * HOUR };

describe("the time that charts show", () => {
  it("goes with the clock where a button asked for the newest", () => {
    const view = presetView("6h");
    expect(spanOf(view, NOW, undefined)).toEqual({ from: NOW - 6 * HOUR, to: NOW });
    expect(spanOf(view, NOW + 5, undefined).to).toBe(NOW + 5);
    expect(presetOf(view)).toBe("6h");
  });

  it("is everything from the first value on, and at least an hour", () => {
    const view = presetView("all");
    expect(spanOf(view, NOW, 7)).toEqual({ from: 7, to: NOW });
    expect(spanOf(view, NOW, NOW - 1).from).toBe(NOW - HOUR);
    expect(spanOf(view, NOW, undefined).from).toBe(NOW - 24 * HOUR);
    expect(presetOf(view)).toBe("all");
  });
});

describe("panning", () => {
  it("moves by a share of the length, and stands still there", () => {
    const view = panned(PAST, -0.5, NOW);
    expect(view).toEqual({ kind: "fixed", from: PAST.from - 5 * HOUR, to: PAST.to - 5 * HOUR });
    expect(presetOf(view)).toBeUndefined();
  });

  it("goes with the clock again at now, and never further", () => {
    expect(panned(PAST, 5, NOW)).toEqual({ kind: "newest", spanMs: 10 * HOUR });
  });

  it("does not go before the beginning of time, and keeps its length there", () => {
    expect(panned({ from: HOUR, to: 2 * HOUR }, -3, NOW)).toEqual({
      kind: "fixed",
      from: 0,
      to: HOUR,
    });
  });
});

describe("zooming", () => {
  it("keeps the instant that is pointed at where it is", () => {
    const at = PAST.from + 2 * HOUR;
    expect(zoomed(PAST, { factor: 0.5, at }, NOW)).toEqual({
      kind: "fixed",
      from: at - HOUR,
      to: at + 4 * HOUR,
    });
  });

  it("goes with the clock where it would show what lies ahead", () => {
    expect(zoomed(PAST, { factor: 10, at: PAST.from }, NOW)).toEqual({
      kind: "newest",
      spanMs: 100 * HOUR,
    });
  });

  it("ends at a minute and at a lifetime", () => {
    const short = spanOf(zoomed(PAST, { factor: 1e-9, at: PAST.from }, NOW), NOW, undefined);
    expect(short.to - short.from).toBe(SHORTEST_MS);
    const long = spanOf(zoomed(PAST, { factor: 1e9, at: PAST.to }, NOW), NOW, undefined);
    expect(long.to - long.from).toBe(LONGEST_MS);
  });
});

describe("the day that somebody chose", () => {
  it("is that day, from midnight to midnight where they are", () => {
    const view = dayView("2026-03-01", Date.parse("2026-06-01T00:00:00Z"));
    expect(view).toEqual({
      kind: "fixed",
      from: new Date(2026, 2, 1).getTime(),
      to: new Date(2026, 2, 2).getTime(),
    });
  });

  it.each(["", "2026-13-01", "yesterday", "2999-01-01"])("is none for %j", (text) => {
    expect(dayView(text, Date.parse("2026-06-01T00:00:00Z"))).toBeUndefined();
  });
});
