import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readCsvReadings } from "./csv-readings.ts";
import { wasSent, withSent } from "./sent-files.ts";

const NOW = Date.UTC(2026, 2, 1, 12);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-csv-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function read(text: string) {
  const file = path.join(folder, "readings.csv");
  await writeFile(file, text);
  return readCsvReadings(file, NOW);
}

describe("a file of readings", () => {
  it("becomes one series for each kind, in order of time", async () => {
    const found = await read(
      "at,kind,value\n2026-03-01T08:05:00Z,heart-rate,72\n2026-03-01T08:00:00Z,heart-rate,70\n1772352000000,spo2,97.5\n",
    );
    expect(found.samples).toBe(3);
    expect(found.series).toEqual([
      {
        kind: 1,
        start: Date.UTC(2026, 2, 1, 8),
        deltas: [0, 300_000],
        values: [70, 72],
        origin: 2,
      },
      { kind: 3, start: 1_772_352_000_000, deltas: [0], values: [975], origin: 2 },
    ]);
  });

  it.each(["120/80", '"120,80"', '"[120,80,null]"', "120/80/-"])(
    "takes a blood pressure written as %s",
    async (text) => {
      const { series } = await read(`at,kind,value\n2026-03-01,blood-pressure,${text}\n`);
      expect(series[0]?.values).toEqual([[120, 80, null]]);
    },
  );

  it("puts the last row of a BIDMC file at the moment of reading", async () => {
    const { series } = await read(
      "Time [s], HR, PULSE, RESP, SpO2\n0,90,91,18,98\n1,92,NaN,0,98\n",
    );
    const [heartRate, pulse, respiration] = series;
    expect(heartRate).toMatchObject({ kind: 1, start: NOW - 1_000, values: [90, 92] });
    expect(pulse).toMatchObject({ kind: 11, values: [91] });
    expect(respiration).toMatchObject({ kind: 4, values: [18, 0] });
  });

  it.each([
    ["time,kind,value\n", "has to begin with the line at,kind,value"],
    ["at,kind,value\n", "holds no readings"],
    ["at,kind,value\nyesterday,heart-rate,70\n", "line 2: `at` is no time"],
    ["at,kind,value\n2026-03-01,mood,3\n", "line 2: there is no such kind"],
    ["at,kind,value\n2026-03-01,heart-rate,high\n", "line 2: `value` is not of its kind's form"],
    ["at,kind,value\n2026-03-01,heart-rate,\n", "line 2: `value` is not of its kind's form"],
    ["at,kind,value\n2026-03-01,blood-pressure,120\n", "line 2: `value` is not of its kind's form"],
    ["at,kind,value\n2026-03-01,blood-pressure,-/-\n", "line 2: `value` is not of its kind's form"],
    ["at,kind,value\n2026-03-01,heart-rate,120/80\n", "line 2: `value` is not of its kind's form"],
  ])("is refused with its line named: %j", async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  it("is refused where it cannot be read", async () => {
    await expect(readCsvReadings(path.join(folder, "absent.csv"), NOW)).rejects.toThrow(
      "cannot be read",
    );
  });
});

describe("the memory of files that were sent", () => {
  const digest = (value: number): Uint8Array<ArrayBuffer> => new Uint8Array(32).fill(value);

  it("knows a file again, and no other", () => {
    const memory = withSent(withSent(undefined, digest(1)), digest(2));
    expect(wasSent(memory, digest(1))).toBe(true);
    expect(wasSent(memory, digest(3))).toBe(false);
    expect(wasSent(undefined, digest(1))).toBe(false);
  });

  it("never outgrows what a device keeps", () => {
    let memory: Uint8Array<ArrayBuffer> | undefined;
    for (let file = 0; file < 40; file += 1) memory = withSent(memory, digest(file));
    expect(memory).toHaveLength(1_024);
    expect(wasSent(memory, digest(39))).toBe(true);
    expect(wasSent(memory, digest(7))).toBe(false);
  });
});
