import type { FirstRun } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { FIRST_STEPS, stepsDone, type FirstStepName } from "./first-steps.ts";

const EMPTY: FirstRun = {
  staff: { doctor: 0, nurse: 0, administrator: 1, "privacy-officer": 0 },
  gateways: { known: 1, connected: 0 },
  patients: 0,
  devices: { active: 0, pending: 0 },
  hasCare: false,
  demo: false,
};

const done = (facts: FirstRun): readonly FirstStepName[] =>
  FIRST_STEPS.map(({ name }) => name).filter((name) => stepsDone(facts)[name]);

describe("the first steps of an installation", () => {
  it("are all open where there is one administrator and nothing else", () => {
    expect(done(EMPTY)).toEqual([]);
  });

  it.each<[string, Partial<FirstRun>, FirstStepName]>([
    ["a connected gateway", { gateways: { known: 1, connected: 1 } }, "gateway"],
    ["a doctor", { staff: { ...EMPTY.staff, doctor: 1 } }, "doctor"],
    ["a privacy officer", { staff: { ...EMPTY.staff, "privacy-officer": 1 } }, "privacy"],
    ["a second administrator", { staff: { ...EMPTY.staff, administrator: 2 } }, "second"],
    ["a patient", { patients: 1 }, "patient"],
    ["a care relation", { hasCare: true }, "care"],
    ["an active phone", { devices: { active: 1, pending: 0 } }, "phone"],
  ])("with %s one is done and no other", (_, change, name) => {
    expect(done({ ...EMPTY, ...change })).toEqual([name]);
  });

  it("do not count what is only known, waiting or of another role", () => {
    const almost: FirstRun = {
      ...EMPTY,
      staff: { ...EMPTY.staff, nurse: 3 },
      gateways: { known: 2, connected: 0 },
      devices: { active: 0, pending: 2 },
    };
    expect(done(almost)).toEqual([]);
  });
});
