import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { planTemplate } from "@siphms/alerts";

import { readSepsis } from "./recordings/sepsis.ts";
import { groupBy, numberIn, readTable } from "./recordings/table.ts";
import { alertJournal } from "./testing/alert-journal.ts";
import { publishedScoreOf, writeAlerts, writeDifference } from "./testing/written-journal.ts";
import type { Played, PublishedScore } from "./testing/written-journal.ts";

const FOLDER = path.join(
  process.env["SIPHMS_RECORDINGS"] ??
    path.resolve(import.meta.dirname, "../../../../../shared/data/vitals"),
  "sepsis2019",
);
const isAbsent = !existsSync(FOLDER);
const HOUR_MS = 3_600_000;

async function play(): Promise<readonly Played[]> {
  const plan = planTemplate("adult");
  return Promise.all(
    (await readSepsis(FOLDER)).map(async (recording) => {
      const file = path.join(FOLDER, "psv", `${recording.record}.psv`);
      const hours = (await readTable(file, "|")).map((row) => numberIn(row, "ICULOS") ?? 0);
      const firstHour = hours[0] ?? 0;
      const endMs = ((hours.at(-1) ?? 0) - firstHour) * HOUR_MS;
      return { recording, firstHour, journal: alertJournal(recording, plan, endMs) };
    }),
  );
}

/** Our own results, committed; each line that begins with # is for people. */
async function expected(name: string): Promise<readonly string[]> {
  const file = path.join(import.meta.dirname, "testing", name);
  return (await readFile(file, "utf8")).split("\n").filter((line) => !/^(#|$)/.test(line));
}

/** How each published row differs from what stands once artefacts are left out; nothing where it does not. */
async function differences(
  played: readonly Played[],
): Promise<{ readonly compared: number; readonly lines: readonly string[] }> {
  const rows = await readTable(path.join(FOLDER, "news2-partial.csv"));
  const byRecord = groupBy(rows, (row) => row["record"] ?? "");
  const lines = played.flatMap((one) =>
    (byRecord.get(one.recording.record) ?? []).flatMap((row) => {
      const hour = numberIn(row, "iculos_h") ?? 0;
      const published: PublishedScore = {
        parameters: numberIn(row, "n_locf4") ?? 0,
        total: numberIn(row, "sum_locf4") ?? 0,
        band: row["band_locf4"] ?? "",
      };
      const score = one.journal.scores.get((hour - one.firstHour) * HOUR_MS);
      if (score === undefined) return [`${one.recording.record} ${hour}: not scored`];
      const found = publishedScoreOf(score);
      const isSame = JSON.stringify(found) === JSON.stringify(published);
      return isSame ? [] : [writeDifference(one, { hour, published, found })];
    }),
  );
  return { compared: rows.length, lines };
}

describe.skipIf(isAbsent)(
  `the plan for adults over 168 patients${isAbsent ? " (skipped: no sepsis2019, set SIPHMS_RECORDINGS)" : ""}`,
  () => {
    it("raises and ends exactly the expected alerts, at the expected hours (SR-66)", async () => {
      const played = await play();
      expect(played).toHaveLength(168);
      expect(played.flatMap(writeAlerts)).toEqual(await expected("expected-alerts.txt"));
    });

    it("alerts of NEWS2 at the hours at which the published scores first reach 5 and 7", async () => {
      const subjects = await readTable(path.join(FOLDER, "subjects.csv"));
      const hours = new Map(subjects.map((row) => [row["record"] ?? "", row]));
      const others: string[] = [];
      for (const { recording, firstHour, journal } of await play()) {
        const raised = journal.changes.flatMap((one) =>
          one.rule === "news2" && one.change === "raised"
            ? [{ level: one.level, hour: `${firstHour + one.at / HOUR_MS}` }]
            : [],
        );
        const row = hours.get(recording.record) ?? {};
        const urgent = raised.find(({ level }) => level === "urgent")?.hour ?? "";
        const isSame =
          (raised[0]?.hour ?? "") === row["first_hour_partial_ge5"] &&
          urgent === row["first_hour_partial_ge7"];
        if (!isSame) others.push(recording.record);
      }
      expect(others).toEqual([]);
    });

    it("scores another NEWS2 than the published one only where an artefact is left out", async () => {
      const { compared, lines } = await differences(await play());
      expect(compared).toBe(8_903);
      expect(lines).toEqual(await expected("expected-differences.txt"));
      for (const line of lines) expect(line).toMatch(/of hour \d+: out-of-range$/);
    });
  },
);
