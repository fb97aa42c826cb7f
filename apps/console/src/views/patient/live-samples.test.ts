import type { ApiSample } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { addLive, byKind, messagesOf, withMessage, type LiveMessages } from "./live-samples.ts";

const SPAN = { from: 0, to: 1_000 };
const NONE: LiveMessages = new Map();

function sample(messageId: string, at: number, kind: ApiSample["kind"] = "heart-rate"): ApiSample {
  return {
    ...{ kind, at, value: 70, unit: "/min", origin: "sensor" },
    ...{ state: "stored", device: "d", messageId },
  };
}

function stored(...samples: ApiSample[]) {
  return { kinds: byKind(samples), messages: messagesOf(samples) };
}

describe("what comes live", () => {
  it("is added to what was stored, in order of time, also where it is late", () => {
    const live = withMessage(NONE, [sample("b", 20), sample("b", 5)]);
    const heart = addLive(stored(sample("a", 10)), live, SPAN).get("heart-rate");
    expect(heart?.map(({ at }) => at)).toEqual([5, 10, 20]);
  });

  it("is there once, when it was stored meanwhile or told twice", () => {
    const twice = withMessage(withMessage(NONE, [sample("b", 20)]), [sample("b", 20)]);
    expect(twice.size).toBe(1);
    const kinds = addLive(stored(sample("b", 20)), twice, SPAN);
    expect(kinds.get("heart-rate")).toHaveLength(1);
  });

  it("leaves the very list of a kind that nothing came for", () => {
    const before = stored(sample("a", 10), sample("a", 10, "spo2"));
    const after = addLive(before, withMessage(NONE, [sample("b", 20)]), SPAN);
    expect(after.get("spo2")).toBe(before.kinds.get("spo2"));
    expect(after.get("heart-rate")).not.toBe(before.kinds.get("heart-rate"));
    expect(before.kinds.get("heart-rate")).toHaveLength(1);
  });

  it("is left out before and after the time that was asked for", () => {
    const live = withMessage(NONE, [sample("b", 1_000), sample("b", -1)]);
    expect(addLive(stored(), live, SPAN).size).toBe(0);
  });

  it("lets its oldest messages go", () => {
    let live = NONE;
    for (let n = 0; n < 5_001; n++) live = withMessage(live, [sample(`m${String(n)}`, n)]);
    expect(live.has("m0")).toBe(false);
    expect(live.has("m5000")).toBe(true);
  });

  it("does not know an event without samples", () => {
    expect(withMessage(NONE, [])).toBe(NONE);
  });
});
