import type { Told } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { nextHandOn, toldSteps } from "./told.ts";

const told = (to: string, step: number, at: number): Told => ({
  ...{ to, step, at, way: "console", state: "waiting", tries: 1 },
});

describe("who was told of an alert (SR-66)", () => {
  it("is put together by step, in their order, each from its first telling on", () => {
    const all = [told("Dr Late", 2, 90), told("Iris", 0, 5), told("Mia", 1, 40), told("Bo", 0, 4)];
    expect(toldSteps(all).map(({ step, at, told: ones }) => [step, at, ones.length])).toEqual([
      [0, 4, 2],
      [1, 40, 1],
      [2, 90, 1],
    ]);
    expect(toldSteps([])).toEqual([]);
  });

  it("goes on only while nobody looks after it", () => {
    const done = { by: "Dr Iris Example", at: 1 };
    expect(nextHandOn({ nextStep: 7 })).toBe(7);
    expect(nextHandOn({ nextStep: 7, acknowledged: done })).toBeUndefined();
    expect(nextHandOn({ nextStep: 7, resolved: { at: 1 } })).toBeUndefined();
    expect(nextHandOn({})).toBeUndefined();
  });
});
