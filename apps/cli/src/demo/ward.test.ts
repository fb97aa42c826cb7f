import { existsSync } from "node:fs";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { planTemplate } from "@siphms/alerts";
import type { AlertChange } from "@siphms/alerts";
import { judge } from "@siphms/vitals";

import { readRecordings } from "./recordings/all.ts";
import { demoMrn } from "./recordings/recording.ts";
import type { Recording } from "./recordings/recording.ts";
import { alertJournal } from "./testing/alert-journal.ts";

const FOLDER =
  process.env["SIPHMS_RECORDINGS"] ??
  path.resolve(import.meta.dirname, "../../../../../shared/data/vitals");
const isAbsent = !existsSync(FOLDER);
const HOUR_MS = 3_600_000;

type Raised = Extract<AlertChange, { readonly change: "raised" }>;

/** The patients whom docs/alerts.md names, by their record numbers. */
async function wardOf(...mrns: readonly string[]): Promise<readonly Recording[]> {
  const { recordings } = await readRecordings(FOLDER);
  const ward = recordings.filter((one) => mrns.includes(demoMrn(one)));
  expect(ward).toHaveLength(mrns.length);
  return ward;
}

function raisedIn(recording: Recording): readonly Raised[] {
  const { changes } = alertJournal(recording, planTemplate("adult"));
  return changes.flatMap((one) => (one.change === "raised" ? [one] : []));
}

function quarantined({ samples }: Recording): number {
  return samples.filter(({ kind, value }) => judge(kind, value).verdict === "implausible").length;
}

describe.skipIf(isAbsent)(
  `the ward of the demonstration${isAbsent ? " (skipped: no recordings, set SIPHMS_RECORDINGS)" : ""}`,
  () => {
    it("has patients of whom nothing is to be told", async () => {
      const ward = await wardOf("DEMO-bidmc-s22348", "DEMO-bidmc-s31141");
      for (const recording of ward) expect(raisedIn(recording)).toEqual([]);
    });

    it.each([
      // Hours in intensive care, which the charts count from 1; half a day before sepsis set in.
      ["DEMO-sepsis2019-p110048", 44],
      ["DEMO-sepsis2019-p109266", 41],
    ])("has %s, whose NEWS2 is urgent from hour %d on", async (mrn, hour) => {
      const [recording] = await wardOf(mrn);
      const raised = recording === undefined ? [] : raisedIn(recording);
      const urgent = raised.filter(({ rule, level }) => rule === "news2" && level === "urgent");
      expect(urgent[0]?.at).toBe((hour - 1) * HOUR_MS);
      expect(urgent[0]?.finding).toMatchObject({ type: "news2", score: { band: null, total: 7 } });
    });

    it("has somebody of whom nothing comes any more, and nothing else is to be told", async () => {
      const [recording] = await wardOf("DEMO-home2020-7d2c87fb7e");
      const raised = recording === undefined ? [] : raisedIn(recording);
      expect(raised.map(({ rule, at }) => [rule, Math.floor(at / HOUR_MS)])).toEqual([
        ["silent", 25],
        ["no-data:blood-pressure", 26],
        ["silent", 58],
      ]);
    });

    it("has artefacts, which alert nobody", async () => {
      const [chart, monitor] = await wardOf("DEMO-sepsis2019-p000064", "DEMO-monitor-s00001");
      for (const recording of [chart, monitor]) {
        if (recording === undefined) continue;
        expect(quarantined(recording)).toBeGreaterThan(0);
        for (const { finding } of raisedIn(recording)) {
          // A diastolic of 287, rates and saturations of 0: no value beyond a limit is any of those.
          if (finding.type === "limit") expect([0, 287]).not.toContain(finding.value);
        }
      }
    });
  },
);
