import { describe, expect, it } from "vitest";
import {
  draftOf,
  readDraft,
  withChange,
  withoutStep,
  withStep,
  type StepDraft,
} from "./escalation-draft.ts";

const STEPS = [
  { urgentAfterMinutes: 5, warnAfterMinutes: 30, to: ["Dr. One", "Nurse Two"] },
  { urgentAfterMinutes: 10, warnAfterMinutes: 60, to: ["Dr. Three"] },
];
const ABLE = new Set(["Dr. One", "Nurse Two", "Dr. Three"]);
const DRAFT = draftOf(STEPS, ABLE);
const FIRST = 0;

const faultsAfter = (change: Partial<StepDraft>): readonly string[] => {
  const read = readDraft(withChange(DRAFT, FIRST, change));
  return read.kind === "wrong" ? [...(read.faults.get(FIRST) ?? [])] : [];
};

describe("steps that are being written", () => {
  it("come back as they were where nothing was typed", () => {
    expect(readDraft(DRAFT)).toEqual({ kind: "good", steps: STEPS });
  });

  it("leave out who can be told no more, and then name nobody", () => {
    const read = readDraft(draftOf(STEPS, new Set(["Dr. One", "Nurse Two"])));
    expect(read).toEqual({ kind: "wrong", faults: new Map([[1, new Set(["people"])]]) });
  });

  it("take the digits of either language", () => {
    const read = readDraft(withChange(DRAFT, FIRST, { urgent: "٧" }));
    expect(read).toMatchObject({ kind: "good", steps: [{ urgentAfterMinutes: 7 }, {}] });
  });

  it.each(["", "0", "1441", "2.5", "-1", "five", "1e2"])("take no such minutes: %s", (text) => {
    expect(faultsAfter({ urgent: text })).toEqual(["urgent"]);
    expect(faultsAfter({ warn: text })).toEqual(["warn"]);
  });

  it("need somebody in each, and say everything that is wrong at once", () => {
    expect(faultsAfter({ urgent: "", warn: "x", to: [] })).toEqual(["urgent", "warn", "people"]);
  });

  it("may be none", () => {
    expect(readDraft([])).toEqual({ kind: "good", steps: [] });
  });

  it("stay apart while some are added and taken away, and what was there before is left alone", () => {
    const grown = withStep(withoutStep(DRAFT, FIRST));
    expect(new Set(grown.map(({ key }) => key)).size).toBe(2);
    expect(grown[0]?.to).toEqual(["Dr. Three"]);
    expect(DRAFT).toEqual(draftOf(STEPS, ABLE));
  });
});
