import { samplesOfRuns, type ApiSample } from "@siphms/api";
import { samples, type Series } from "@siphms/messages";
import { judge, kindInfo, originName, toClinical, type Kind, type WireValue } from "@siphms/vitals";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLate, LATE_AFTER_MS } from "../ingest/index.ts";
import { cutRun, describeRun, runsOf, type OpenedRun } from "./opened-run.ts";

const START = 1_700_000_000_000;
const message = { device: "AQEBAQEBAQE", messageId: "AgICAgICAgICAgICAgICAg" };

const number = fc.oneof(fc.integer({ min: -5, max: 400 }), fc.maxSafeInteger());
const pressure = fc
  .tuple(fc.option(number), fc.option(number), fc.option(number))
  .filter((parts) => parts.some((part) => part !== null));

const series: fc.Arbitrary<Series> = fc
  .tuple(fc.integer({ min: 1, max: 11 }), fc.integer({ min: 1, max: 30 }), fc.boolean())
  .chain(([kindNumber, count, isRegular]) => {
    const kind = kindNumber as Kind;
    const value: fc.Arbitrary<WireValue> = kind === 2 ? pressure : number;
    const exactly = { minLength: count, maxLength: count };
    const spacing: fc.Arbitrary<Pick<Series, "deltas" | "step">> = isRegular
      ? fc.integer({ min: count === 1 ? 0 : 1, max: 90_000 }).map((step) => ({ step }))
      : fc.array(fc.integer({ min: 0, max: 90_000 }), exactly).map((deltas) => ({
          deltas: deltas.with(0, 0),
        }));
    return fc
      .record({ spacing, values: fc.array(value, exactly), origin: fc.constantFrom(0, 1, 2) })
      .map(({ spacing: its, values, origin }) => ({ kind, start: START, values, origin, ...its }));
  });

/** Which samples stand in quarantine, and how long before receipt the first was measured. */
const fates = fc.record({
  bad: fc.array(fc.nat(29), { maxLength: 6 }),
  ageMs: fc.option(fc.integer({ min: 0, max: 4 * LATE_AFTER_MS }), { nil: undefined }),
});

interface Given {
  readonly bad: readonly number[];
  readonly ageMs: number | undefined;
}

function judgedBy({ bad, ageMs }: Given) {
  const reasons = new Map(bad.map((index) => [index, index % 2 === 0 ? "clock" : "no-signal"]));
  return {
    lateAgainst: ageMs === undefined ? undefined : START + ageMs,
    quarantine: bad.length === 0 ? undefined : (index: number) => reasons.get(index),
  };
}

/** Sample by sample, as the protocol says it: slow and obvious. */
function describeSlowly(one: Series, given: Given): readonly ApiSample[] {
  const { lateAgainst, quarantine } = judgedBy(given);
  return [...samples(one)].map(({ index, at, value }): ApiSample => {
    const reason = quarantine?.(index);
    const judgement = judge(one.kind, value);
    const shown =
      reason === undefined && judgement.verdict === "mean-dropped" ? judgement.value : value;
    const clinical = toClinical(one.kind, shown);
    const late = lateAgainst !== undefined && isLate(at, lateAgainst);
    return {
      kind: kindInfo(one.kind).name,
      unit: kindInfo(one.kind).unit,
      origin: originName(one.origin),
      state: reason !== undefined ? "quarantined" : late ? "late" : "stored",
      ...(reason === undefined ? {} : { reason }),
      ...message,
      at,
      value: typeof clinical === "number" ? clinical : [...clinical],
    };
  });
}

const shown = (runs: readonly OpenedRun[]) =>
  samplesOfRuns(runs.map((run) => describeRun(run, message)));

describe("the runs of a series", () => {
  it("hold exactly its samples, each with its fate", () => {
    fc.assert(
      fc.property(series, fates, (one, given) => {
        expect(shown(runsOf(one, judgedBy(given)))).toEqual(describeSlowly(one, given));
      }),
    );
  });

  it("are as few as their fates allow", () => {
    fc.assert(
      fc.property(series, fates, (one, given) => {
        const runs = runsOf(one, judgedBy(given));
        runs.slice(1).forEach((run, index) => {
          expect([run.state, run.reason]).not.toEqual([runs[index]?.state, runs[index]?.reason]);
        });
      }),
    );
  });

  it("are cut to a range as their samples are", () => {
    const offset = fc.integer({ min: -10, max: 3_000_000 });
    fc.assert(
      fc.property(series, fates, offset, offset, (one, given, a, b) => {
        const [from, to] = [START + a, START + b];
        const cut = runsOf(one, judgedBy(given)).flatMap((run) => cutRun(run, from, to) ?? []);
        const expected = describeSlowly(one, given).filter(({ at }) => at >= from && at < to);
        expect(shown(cut)).toEqual(expected);
        expect(cut.every((run) => run.values.length > 0)).toBe(true);
      }),
    );
  });

  it("share the series' values where nothing has to be changed", () => {
    const one: Series = { kind: 1, start: START, step: 1000, values: [70, 71], origin: 0 };
    const [run] = runsOf(one, { lateAgainst: undefined, quarantine: undefined });
    expect(run?.values).toBe(one.values);
    expect(one.values).toEqual([70, 71]);
  });
});
