import { describe, expect, it } from "vitest";
import { createRepeatedLooks, ONE_LOOK_MS, type RepeatedLook } from "./repeated-looks.ts";

const START = 1_700_000_000_000;
const look: RepeatedLook = {
  session: "one",
  what: "devices",
  records: [{ patientId: "a", purpose: "treatment" }],
};
const begin = (max?: number) => {
  const clock = { at: START };
  const looks = createRepeatedLooks({ now: () => clock.at }, max);
  return { clock, looks };
};

describe("looks that a screen repeats by itself", () => {
  it("are noted once in five minutes", () => {
    const { clock, looks } = begin();
    expect(looks.unnoted(look)).toEqual(look.records);
    looks.noted(look);
    clock.at += ONE_LOOK_MS - 1;
    expect(looks.unnoted(look)).toEqual([]);
    clock.at += 1;
    expect(looks.unnoted(look)).toEqual(look.records);
  });

  it("are to be noted until they are", () => {
    const { looks } = begin();
    looks.unnoted(look);
    expect(looks.unnoted(look)).toEqual(look.records);
  });

  it.each<[string, Partial<RepeatedLook>]>([
    ["in another session", { session: "two" }],
    ["of something else", { what: "messages" }],
    ["of another patient", { records: [{ patientId: "b", purpose: "treatment" }] }],
    ["for another purpose", { records: [{ patientId: "a", purpose: "break-glass" }] }],
  ])("are others %s", (_what, change) => {
    const { looks } = begin();
    looks.noted(look);
    const other = { ...look, ...change };
    expect(looks.unnoted(other)).toEqual(other.records);
  });

  it("are noted again after the clock went back, and when there are too many to remember", () => {
    const { clock, looks } = begin(1);
    looks.noted(look);
    clock.at -= 1;
    expect(looks.unnoted(look)).toEqual(look.records);
    clock.at += 1;
    looks.noted({ ...look, session: "two" });
    expect(looks.unnoted(look)).toEqual(look.records);
    expect(looks.unnoted({ ...look, session: "two" })).toEqual([]);
  });
});
