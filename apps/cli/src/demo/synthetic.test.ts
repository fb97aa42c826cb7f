import { describe, expect, it } from "vitest";

import { judge, kindByName } from "@siphms/vitals";
import type { Kind, WireValue } from "@siphms/vitals";

import { demoName } from "./names.ts";
import { demoMrn, lengthMs } from "./recordings/recording.ts";
import { inventPatients } from "./synthetic.ts";
import type { Story, SyntheticRecording } from "./synthetic.ts";

const SEED = 7;

function ofStory(story: Story): readonly SyntheticRecording[] {
  return inventPatients(SEED).filter((one) => one.story === story);
}

/** Urgent limits of adults at rest, in wire units (those that the stories reach). */
function isUrgent(kind: Kind, value: WireValue): boolean {
  if (typeof value !== "number") return (value[0] ?? 120) <= 90;
  if (kind === 1) return value <= 40 || value >= 131;
  if (kind === 3) return value <= 910;
  if (kind === 4) return value <= 8 || value >= 25;
  if (kind === 5) return value <= 3500 || value >= 3910;
  return false;
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

  it.each(["normal", "silent"] as const)("give no urgent value in the story %s", (story) => {
    for (const { samples } of ofStory(story)) {
      expect(samples.filter(({ kind, value }) => isUrgent(kind, value))).toEqual([]);
    }
  });

  it("reach every urgent limit that the deteriorating story announces, and not before", () => {
    for (const { samples, expectedUrgent } of ofStory("deteriorating")) {
      expect(expectedUrgent.length).toBeGreaterThan(0);
      for (const { alert, fromMs } of expectedUrgent) {
        const kind = kindByName(alert)?.kind;
        const urgent = samples.filter((one) => one.kind === kind && isUrgent(one.kind, one.value));
        expect(urgent.length).toBeGreaterThan(0);
        expect(urgent.every((one) => one.offsetMs >= fromMs)).toBe(true);
      }
    }
  });

  it("fall silent long before the silent story's end", () => {
    for (const recording of ofStory("silent")) {
      const last = recording.samples.at(-1)?.offsetMs ?? 0;
      expect(lengthMs(recording) - last).toBeGreaterThan(7 * 3_600_000);
      expect(recording.expectedUrgent).toEqual([{ alert: "silence", fromMs: last }]);
    }
  });

  it("send zeros, exchanged pressures and °F in the story artefacts, never anything urgent", () => {
    const samples = ofStory("artefacts").flatMap((one) => one.samples);
    const judged = samples.map(({ kind, value }) => judge(kind, value));
    const reasons = judged.map((one) => (one.verdict === "implausible" ? one.reason : "none"));
    expect(new Set(reasons)).toEqual(
      new Set(["none", "no-signal", "out-of-range", "pressure-order", "unit"]),
    );
    const good = samples.filter(({ kind, value }) => judge(kind, value).verdict === "plausible");
    expect(good.some(({ kind, value }) => isUrgent(kind, value))).toBe(false);
  });
});

describe("the invented names", () => {
  it("all end in (demo), and 290 patients have different ones", () => {
    const names = Array.from({ length: 290 }, (_, index) => demoName(index, "F"));
    expect(names.every((name) => name.endsWith(" (demo)"))).toBe(true);
    expect(new Set(names).size).toBe(290);
  });
});
