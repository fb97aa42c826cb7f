import { existsSync } from "node:fs";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { bandOf, EMPTY_STATE, evaluate, planTemplate, scoreNews2 } from "@siphms/alerts";
import type { News2, News2Parameter, Plan, Sample } from "@siphms/alerts";
import type { KindName } from "@siphms/vitals";

import { groupBy, numberIn, readTable } from "./recordings/table.ts";
import type { Row } from "./recordings/table.ts";

const FOLDER = path.join(
  process.env["SIPHMS_RECORDINGS"] ??
    path.resolve(import.meta.dirname, "../../../../../shared/data/vitals"),
  "sepsis2019",
);
const isAbsent = !existsSync(FOLDER);
const HOUR_MS = 3_600_000;
const ROWS = 8_903;

/** NEWS2 alone: this is about its arithmetic. */
const PLAN: Plan = { ...planTemplate("adult"), limits: [], noData: [] };

/** A chart's column, the parameter that it is, and the table's column of its sub-score. */
const COLUMNS: readonly (readonly [string, KindName, News2Parameter, string])[] = [
  ["Resp", "respiratory-rate", "respiration", "rr"],
  ["O2Sat", "spo2", "spo2", "spo2"],
  ["SBP", "blood-pressure", "systolic", "sbp"],
  ["HR", "heart-rate", "pulse", "pulse"],
  ["Temp", "body-temperature", "temperature", "temp"],
];

/** The values of one hour as they were charted, artefacts included. */
function samplesOf(row: Row, at: number): readonly Sample[] {
  return COLUMNS.flatMap(([column, kind]): readonly Sample[] => {
    const value = numberIn(row, column);
    if (value === undefined) return [];
    const whole = kind === "blood-pressure" ? ([value, null, null] as const) : value;
    return [{ kind, at, value: whole, late: false }];
  });
}

/** What the published table says of one hour, told by our own score of that hour and of what stands from before. */
function tableRow(ofHour: News2 | null, standing: News2 | null): Record<string, string> {
  const subs = COLUMNS.map(([, , parameter, column]): readonly [string, string] => [
    column,
    `${ofHour?.subScores[parameter] ?? ""}`,
  ]);
  const scores = Object.values(standing?.subScores ?? {});
  const highest = Math.max(0, ...scores);
  const total = standing?.total ?? 0;
  return {
    ...Object.fromEntries(subs),
    n_row: `${Object.keys(ofHour?.subScores ?? {}).length}`,
    sum_row: `${ofHour?.total ?? 0}`,
    n_locf4: `${scores.length}`,
    sum_locf4: `${total}`,
    max_locf4: `${highest}`,
    band_locf4: bandOf(total, highest === 3),
  };
}

function ofHourAlone(row: Row): News2 | null {
  const values = COLUMNS.flatMap(([column, , parameter]) => {
    const value = numberIn(row, column);
    return value === undefined ? [] : [[parameter, { value, at: 0 }] as const];
  });
  return scoreNews2(Object.fromEntries(values), 1);
}

describe.skipIf(isAbsent)(
  `NEWS2 of the hourly charts${isAbsent ? " (skipped: no sepsis2019, set SIPHMS_RECORDINGS)" : ""}`,
  () => {
    it("agrees with all 8,903 published rows, each column of each", async () => {
      const published = await readTable(path.join(FOLDER, "news2-partial.csv"));
      let compared = 0;
      for (const [record, rows] of groupBy(published, (row) => row["record"] ?? "")) {
        const charted = await readTable(path.join(FOLDER, "psv", `${record}.psv`), "|");
        let state = EMPTY_STATE;
        for (const [index, row] of charted.entries()) {
          const hour = numberIn(row, "ICULOS") ?? 0;
          const at = hour * HOUR_MS;
          const done = evaluate(PLAN, state, { now: at, samples: samplesOf(row, at) });
          ({ state } = done);
          expect({
            record,
            iculos_h: `${hour}`,
            ...tableRow(ofHourAlone(row), done.news2),
          }).toEqual(rows[index]);
          compared += 1;
        }
        expect(charted).toHaveLength(rows.length);
      }
      expect(compared).toBe(ROWS);
    });
  },
);
