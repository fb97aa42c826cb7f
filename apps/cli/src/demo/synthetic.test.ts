import { describe, expect, it } from "vitest";

import { planTemplate } from "@siphms/alerts";
import type { AlertChange } from "@siphms/alerts";
import { judge } from "@siphms/vitals";

import { demoName } from "./names.ts";
import { demoMrn, lengthMs } from "./recordings/recording.ts";
import { inventPatients } from "./synthetic.ts";
import type { Story, SyntheticRecording } from "./synthetic.ts";
import { alertJournal } from "./testing/alert-journal.ts";

const SEED = 7;
/** The stories hold for any body and any noise; the last seed is the demo's own. */
const SEEDS = [...Array.from({ length: 12 }, (_, index) => index), 20_260_301];

function ofStory(story: Story): readonly SyntheticRecording[] {
  return SEEDS.flatMap(inventPatients).filter((one) => one.story === story);
}

type Raised = Extract<AlertChange, { readonly change: "raised" }>;

/** What the plan for adults tells people of a story. */
function raisedIn(recording: SyntheticRecording): readonly Raised[] {
  const { changes } = alertJournal(recording, planTemplate("adult"));
  return changes.flatMap((one) => (one.change === "raised" ? [one] : []));
}

/** What an alert is about, in the words of the stories. */
function nameOf({ finding }: Raised): string {
  if (finding.type === "limit") return finding.kind;
  return finding.type === "silent" ? "silence" : finding.type;
}

describe("the invented patients", () => {
  it("are the same for the same seed, value for value", () => {
    expect(inventPatients(SEED)).toEqual(inventPatients(SEED));
  });

  it("are others for another seed", () => {
    expect(inventPatients(SEED)).not.toEqual(inventPatients(SEED + 1));
  });

  it("tell all four stories, each patient with a number of its own", () => {
    const all = inventPatients(SEED);
    expect(new Set(all.map((one) => one.story)).size).toBe(4);
    expect(new Set(all.map(demoMrn)).size).toBe(all.length);
    expect(all.every((one) => one.source === "synthetic")).toBe(true);
  });

  it("have their samples in order of time", () => {
    for (const { samples } of inventPatients(SEED)) {
      const times = samples.map((sample) => sample.offsetMs);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
  });

  it.each(["normal", "deteriorating", "silent"] as const)(
    "have no artefact in the story %s",
    (story) => {
      for (const { samples } of ofStory(story)) {
        for (const { kind, value } of samples) expect(judge(kind, value).verdict).toBe("plausible");
      }
    },
  );

  it.each(["normal", "artefacts"] as const)("alert nobody in the story %s", (story) => {
    for (const recording of ofStory(story)) expect(raisedIn(recording)).toEqual([]);
  });

  it("raise every urgent alert that the deteriorating story announces, no other, and not before", () => {
    for (const recording of ofStory("deteriorating")) {
      const { expectedUrgent } = recording;
      const urgent = raisedIn(recording).filter(({ level }) => level === "urgent");
      expect(new Set(urgent.map(nameOf))).toEqual(
        new Set(expectedUrgent.map(({ alert }) => alert)),
      );
      for (const { alert, fromMs } of expectedUrgent) {
        const times = urgent.flatMap((one) => (nameOf(one) === alert ? [one.at] : []));
        expect(Math.min(...times)).toBeGreaterThan(fromMs);
      }
    }
  });

  it("warn in the deteriorating story before they are urgent, and not while the patient is well", () => {
    for (const recording of ofStory("deteriorating")) {
      const raised = raisedIn(recording);
      expect(raised[0]?.level).toBe("warn");
      expect(raised.every(({ at }) => at > 12 * 3_600_000)).toBe(true);
    }
  });

  it("fall silent in the silent story, which is told at its hour and is all that is told", () => {
    for (const recording of ofStory("silent")) {
      const last = recording.samples.at(-1)?.offsetMs ?? 0;
      const raised = raisedIn(recording);
      expect(raised.map((one) => ({ alert: nameOf(one), fromMs: one.at }))).toEqual(
        recording.expectedUrgent,
      );
      expect(raised[0]?.finding).toMatchObject({ type: "silent", lastAt: last });
      expect(lengthMs(recording)).toBeGreaterThan(raised[0]?.at ?? Infinity);
    }
  });

  it("send zeros, exchanged pressures and °F in the story artefacts", () => {
    const samples = ofStory("artefacts").flatMap((one) => one.samples);
    const judged = samples.map(({ kind, value }) => judge(kind, value));
    const reasons = judged.map((one) => (one.verdict === "implausible" ? one.reason : "none"));
    expect(new Set(reasons)).toEqual(
      new Set(["none", "no-signal", "out-of-range", "pressure-order", "unit"]),
    );
  });
});

describe("the invented names", () => {
  it("all end in (demo), and 290 patients have different ones", () => {
    const names = Array.from({ length: 290 }, (_, index) => demoName(index, "F"));
    expect(names.every((name) => name.endsWith(" (demo)"))).toBe(true);
    expect(new Set(names).size).toBe(290);
  });
});
