import { existsSync } from "node:fs";
import path from "node:path";

import { describe, expect, it } from "vitest";

import type { Kind } from "@siphms/vitals";

import { readRecordings } from "./all.ts";
import { readBidmc } from "./bidmc.ts";
import { readHome } from "./home.ts";
import { readIcu } from "./icu.ts";
import { readMonitor } from "./monitor.ts";
import { demoMrn } from "./recording.ts";
import type { RecordedSample, Recording } from "./recording.ts";
import { readSepsis } from "./sepsis.ts";

const FOLDER =
  process.env["SIPHMS_RECORDINGS"] ??
  path.resolve(import.meta.dirname, "../../../../../../shared/data/vitals");

function samplesOf(recordings: readonly Recording[], kind: Kind): readonly RecordedSample[] {
  return recordings.flatMap((one) => one.samples).filter((sample) => sample.kind === kind);
}

function zeros(samples: readonly RecordedSample[]): number {
  return samples.filter((sample) => sample.value === 0).length;
}

function set(name: string): { folder: string; skip: boolean; title: string } {
  const folder = path.join(FOLDER, name);
  const skip = !existsSync(folder);
  const title = skip ? `${name} (skipped: not found; set SIPHMS_RECORDINGS)` : name;
  return { folder, skip, title };
}

const bidmc = set("bidmc");
describe.skipIf(bidmc.skip)(`recordings of ${bidmc.title}`, () => {
  it("are joined into 32 patients, without the missing values and with the zeros", async () => {
    const recordings = await readBidmc(bidmc.folder);
    expect(recordings).toHaveLength(32);
    expect(samplesOf(recordings, 1)).toHaveLength(18_759);
    const respiration = samplesOf(recordings, 4);
    expect(respiration).toHaveLength(18_759 - 146);
    expect(zeros(respiration)).toBe(220);
    expect(samplesOf(recordings, 11)).toHaveLength(18_759 - 26);
    expect(samplesOf(recordings, 3)).toHaveLength(18_759 - 26);
  });

  it("keep 39 recordings apart in time", async () => {
    const recordings = await readBidmc(bidmc.folder);
    const beats = recordings.map((one) => one.samples.filter((sample) => sample.kind === 1));
    const gaps = beats.flatMap((ofOne) =>
      ofOne.filter((one, index) => one.offsetMs - (ofOne[index - 1]?.offsetMs ?? 0) > 1_000),
    );
    expect(recordings.length + gaps.length).toBe(39);
  });

  it("leave the age out where the data set does not know it", async () => {
    const recordings = await readBidmc(bidmc.folder);
    expect(recordings.filter((one) => one.age === undefined)).toHaveLength(1);
    expect(Math.max(...recordings.map((one) => one.age ?? 0))).toBe(90);
  });
});

const monitor = set("monitor-s00001");
describe.skipIf(monitor.skip)(`recordings of ${monitor.title}`, () => {
  it("have 1,936 rows, 152 cuff pressures and the zeros of loose sensors", async () => {
    const recordings = await readMonitor(monitor.folder);
    expect(zeros(samplesOf(recordings, 1))).toBe(46);
    expect(zeros(samplesOf(recordings, 11))).toBe(363);
    expect(zeros(samplesOf(recordings, 3))).toBe(363);
    expect(samplesOf(recordings, 4)).toHaveLength(1_936);
    // 152 of the cuff, 8 minutes of the arterial line.
    expect(samplesOf(recordings, 2)).toHaveLength(160);
    expect(recordings.map(demoMrn)).toEqual(["DEMO-monitor-s00001"]);
  });
});

const sepsis = set("sepsis2019");
describe.skipIf(sepsis.skip)(`recordings of ${sepsis.title}`, () => {
  it("are 168 patients, half of them with sepsis at a known hour", async () => {
    const recordings = await readSepsis(sepsis.folder);
    expect(recordings).toHaveLength(168);
    const septic = recordings.filter((one) => one.problem.startsWith("Sepsis, onset in hour"));
    expect(septic).toHaveLength(84);
  });

  it("keep the artefacts: a diastolic of 287, an SpO2 of 49", async () => {
    const recordings = await readSepsis(sepsis.folder);
    const diastolic = samplesOf(recordings, 2).map((one) =>
      typeof one.value === "number" ? 0 : (one.value[1] ?? 0),
    );
    expect(Math.max(...diastolic)).toBe(287);
    const saturation = samplesOf(recordings, 3).map((one) => Number(one.value));
    expect(Math.min(...saturation)).toBe(490);
  });
});

const icu = set("icu2012");
describe.skipIf(icu.skip)(`recordings of ${icu.title}`, () => {
  it("are 70 stays; what is not known is not a value", async () => {
    const recordings = await readIcu(icu.folder);
    expect(recordings).toHaveLength(70);
    expect(samplesOf(recordings, 7).every((one) => Number(one.value) > 0)).toBe(true);
    expect(samplesOf(recordings, 1)).toHaveLength(3_750);
    expect(samplesOf(recordings, 4)).toHaveLength(3_733);
  });

  it("put the three numbers of a pressure together, and two of one minute into two", async () => {
    const recordings = await readIcu(icu.folder);
    const pressures = samplesOf(recordings, 2).map((one) =>
      typeof one.value === "number" ? [] : one.value,
    );
    const systolic = pressures.filter((one) => typeof one[0] === "number");
    // Every systolic line of the set, of cuff and arterial line, is in exactly one pressure.
    expect(systolic).toHaveLength(3_302 + 588);
  });
});

const home = set("home2020");
describe.skipIf(home.skip)(`recordings of ${home.title}`, () => {
  it("are the 19 people with 543 blood pressures, beats and a wearable's days", async () => {
    const recordings = await readHome(home.folder);
    expect(recordings).toHaveLength(19);
    expect(samplesOf(recordings, 2)).toHaveLength(543);
    expect(samplesOf(recordings, 8).length).toBeGreaterThan(100_000);
    const saturation = samplesOf(recordings, 3).map((one) => Number(one.value));
    // Fractions and per cent alike come out in tenths of a per cent.
    expect(Math.min(...saturation)).toBeGreaterThan(800);
  });
});

describe.skipIf(!existsSync(FOLDER))("all recordings", () => {
  it("are 290 patients whose samples are in order of time", async () => {
    const { recordings, sets } = await readRecordings(FOLDER);
    expect(sets).toHaveLength(5);
    expect(new Set(recordings.map(demoMrn)).size).toBe(290);
    for (const { samples } of recordings) {
      expect(samples[0]?.offsetMs).toBeGreaterThanOrEqual(0);
      for (let index = 1; index < samples.length; index += 1) {
        const before = samples[index - 1]?.offsetMs ?? 0;
        if ((samples[index]?.offsetMs ?? 0) < before) expect.unreachable("out of order");
      }
    }
  });
});

describe("a folder without recordings", () => {
  it("holds none", async () => {
    expect(await readRecordings(import.meta.dirname)).toEqual({ recordings: [], sets: [] });
  });
});
