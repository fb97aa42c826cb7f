import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  BUSY_PAUSE_MS,
  createHandshakeTurns,
  MAX_WAITING,
  type HandshakeStep,
  type HandshakeTurns,
} from "./handshake-turns.ts";

const FIRSTS_AT_ONCE = 4;
const THIRDS_AT_ONCE = 64;
let busy: boolean;
let turns: HandshakeTurns;
/** Names of the work that was begun, in order. */
let begun: string[];
/** Ends the work of that name. */
let ends: Map<string, () => void>;

beforeEach(() => {
  vi.useFakeTimers();
  // Past the first pause.
  vi.advanceTimersByTime(1000);
  busy = false;
  begun = [];
  ends = new Map();
  turns = createHandshakeTurns({ isBusy: () => busy });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Takes a turn for work that goes on until it is ended. */
function take(name: string, step: HandshakeStep = "first", gateway = "a") {
  return turns.take({ step, gateway }, () => {
    begun.push(name);
    return new Promise<string>((resolve) => {
      ends.set(name, () => {
        resolve(name);
      });
    });
  });
}

async function end(name: string): Promise<void> {
  ends.get(name)?.();
  await vi.advanceTimersByTimeAsync(0);
}

/** Takes turns for work that takes no time. */
function takeShort(count: number, step: HandshakeStep, gateway = "a"): void {
  for (let n = 0; n < count; n++) {
    void turns.take({ step, gateway }, () => {
      begun.push(`${gateway} ${String(n)}`);
      return Promise.resolve();
    });
  }
}

describe("turns", () => {
  it("come at once while nobody waits, and give what the work gives", async () => {
    const result = take("one");
    expect(begun).toEqual(["one"]);
    await end("one");
    expect(await result).toBe("one");
  });

  it.each([
    ["first", FIRSTS_AT_ONCE],
    ["third", THIRDS_AT_ONCE],
  ] as const)("of step %s are %i at once; the next begins when one ends", async (step, atOnce) => {
    for (let n = 0; n <= atOnce; n++) void take(String(n), step);
    expect(begun).toHaveLength(atOnce);
    await end("0");
    expect(begun).toHaveLength(atOnce + 1);
  });

  it("are free again after work that failed, whose failure is the caller's", async () => {
    const failing = () => Promise.reject(new Error("refused"));
    for (let n = 0; n < 20; n++) {
      await expect(turns.take({ step: "first", gateway: "a" }, failing)).rejects.toThrow("refused");
    }
    void take("next");
    expect(begun).toEqual(["next"]);
  });

  it("are not given where too much of a gateway waits, and are to others", () => {
    for (let n = 0; n < FIRSTS_AT_ONCE + MAX_WAITING; n++) expect(take(String(n))).toBeDefined();
    expect(take("one more")).toBeUndefined();
    expect(take("other", "first", "b")).toBeDefined();
    expect(take("third", "third")).toBeDefined();
    expect(begun).toEqual(["0", "1", "2", "3", "third"]);
  });

  it("go round the gateways: one that brings many does not make another wait", async () => {
    for (let n = 0; n < FIRSTS_AT_ONCE; n++) void take(`running ${String(n)}`);
    takeShort(100, "first", "flood");
    takeShort(2, "first", "honest");
    await end("running 0");
    expect(begun.slice(FIRSTS_AT_ONCE, FIRSTS_AT_ONCE + 5)).toEqual([
      "flood 0",
      "honest 0",
      "flood 1",
      "honest 1",
      "flood 2",
    ]);
    expect(begun).toHaveLength(FIRSTS_AT_ONCE + 102);
  });

  it("of those who are half through do not wait for beginnings", () => {
    for (let n = 0; n < 100; n++) void take(`first ${String(n)}`);
    void take("third", "third");
    expect(begun.at(-1)).toBe("third");
  });
});

describe("turns while envelopes are being dealt with", () => {
  beforeEach(() => {
    busy = true;
  });

  it("come for beginnings one by one, with a pause between", async () => {
    takeShort(100, "first");
    expect(begun).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(BUSY_PAUSE_MS - 1);
    expect(begun).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(begun).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(20 * BUSY_PAUSE_MS);
    expect(begun).toHaveLength(22);
  });

  it("come all in the end: nobody is left behind", async () => {
    takeShort(100, "first", "a");
    takeShort(100, "first", "b");
    await vi.advanceTimersByTimeAsync(200 * BUSY_PAUSE_MS);
    expect(begun).toHaveLength(200);
  });

  it("come at once for a beginning after a pause in which nobody came", async () => {
    takeShort(1, "first");
    await vi.advanceTimersByTimeAsync(BUSY_PAUSE_MS);
    takeShort(1, "first");
    expect(begun).toHaveLength(2);
  });

  it("come without a pause for those who are half through", () => {
    takeShort(1, "first");
    for (let n = 0; n < THIRDS_AT_ONCE; n++) void take(String(n), "third");
    expect(begun).toHaveLength(1 + THIRDS_AT_ONCE);
  });

  it("come without a pause again when it is calm", async () => {
    takeShort(100, "first");
    busy = false;
    await vi.advanceTimersByTimeAsync(BUSY_PAUSE_MS);
    expect(begun).toHaveLength(100);
  });
});
