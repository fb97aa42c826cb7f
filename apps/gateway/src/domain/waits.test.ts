import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFairShare, type FairShare } from "./fair-share.ts";
import { createWaits, type WaitOptions, type Waits } from "./waits.ts";

const SLOT_MS = 100;
let places: FairShare;
let waits: Waits<string, number>;
let crowded: number;
let heard: [string, number | undefined][];

beforeEach(() => {
  vi.useFakeTimers();
  places = createFairShare(100);
  crowded = 0;
  heard = [];
  waits = createWaits({ places, slotMs: SLOT_MS, onCrowded: () => (crowded += 1) });
});

afterEach(() => {
  waits.endAll();
  vi.useRealTimers();
});

/** Begins a wait that is heard of under a name of its own. */
function begin(name: string, key: string, changes: Partial<WaitOptions> = {}): void {
  const options = { timeoutMs: 60_000, holder: "address", onGone: () => undefined, ...changes };
  waits.begin(key, options, (event) => heard.push([name, event]));
}

/** Nobody waits and no place is taken. */
function expectNothingHeld(): void {
  expect([waits.size(), places.taken()]).toEqual([0, 0]);
}

describe("waits", () => {
  it("give an event to who waits for its key, once, and to nobody else", () => {
    begin("a", "a");
    begin("b", "b");
    waits.tell("a", 7);
    waits.tell("a", 8);
    expect([heard, waits.size(), places.taken()]).toEqual([[["a", 7]], 1, 1]);
  });

  it("end when their time is up, and not before", () => {
    begin("a", "a", { timeoutMs: 1000 });
    vi.advanceTimersByTime(999);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(1 + SLOT_MS);
    expect(heard).toEqual([["a", undefined]]);
    expectNothingHeld();
  });

  it("end when the client goes, once", () => {
    let cancel: () => void = () => undefined;
    begin("a", "a", { timeoutMs: 1000, onGone: (end) => (cancel = end) });
    cancel();
    cancel();
    vi.advanceTimersByTime(2000);
    waits.tell("a", 1);
    expect(heard).toEqual([["a", undefined]]);
    expectNothingHeld();
  });

  it("end the older of a key for a newer, which alone hears what comes", () => {
    let cancel: () => void = () => undefined;
    begin("older", "a", { onGone: (end) => (cancel = end) });
    begin("newer", "a");
    expect(heard).toEqual([["older", undefined]]);
    cancel();
    waits.tell("a", 1);
    expect(heard).toEqual([
      ["older", undefined],
      ["newer", 1],
    ]);
    expectNothingHeld();
  });

  it("end the older of a key also for one that does not wait", () => {
    begin("older", "a");
    begin("newer", "a", { timeoutMs: 0 });
    expect(heard).toEqual([
      ["older", undefined],
      ["newer", undefined],
    ]);
    expectNothingHeld();
  });

  it("do not begin when the address has its share of the places, and say so", () => {
    for (let count = 0; count < 60; count += 1) begin("x", String(count));
    expect([waits.size(), crowded, heard.length]).toEqual([50, 10, 10]);
    begin("other", "other", { holder: "another address" });
    expect([waits.size(), crowded]).toEqual([51, 10]);
  });

  it("do not begin without a time, or after all were ended, and take no place then", () => {
    begin("a", "a", { timeoutMs: 0 });
    begin("b", "b");
    waits.endAll();
    begin("c", "c");
    expect(heard).toEqual([
      ["a", undefined],
      ["b", undefined],
      ["c", undefined],
    ]);
    expect(crowded).toBe(0);
    expectNothingHeld();
  });

  it("may begin anew when they are told", () => {
    const options = { timeoutMs: 60_000, holder: "address", onGone: () => undefined };
    waits.begin("a", options, () => {
      begin("second", "a");
    });
    waits.tell("a", 1);
    expect([heard, waits.size()]).toEqual([[], 1]);
    waits.tell("a", 2);
    expect(heard).toEqual([["second", 2]]);
    expectNothingHeld();
  });
});
