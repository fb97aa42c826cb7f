import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OpenedRun } from "../records/index.ts";
import { addRun, HOUR_MS, joinTallies, type Tallies, type Tally } from "./tally.ts";

const START = 1_700_000_000_000;
const part = fc.option(fc.integer({ min: 20, max: 300 }), { freq: 2 });

const run: fc.Arbitrary<OpenedRun> = fc
  .record({
    kind: fc.constantFrom(1 as const, 2 as const, 5 as const),
    state: fc.constantFrom("stored" as const, "late" as const, "quarantined" as const),
    start: fc.integer({ min: START, max: START + 5 * HOUR_MS }),
    count: fc.integer({ min: 1, max: 20 }),
    isRegular: fc.boolean(),
  })
  .chain(({ count, isRegular, ...rest }) => {
    const exactly = { minLength: count, maxLength: count };
    const value =
      rest.kind === 2
        ? fc.tuple(part, part, part).filter((parts) => parts.some((one) => one !== null))
        : fc.integer({ min: 20, max: 300 });
    const ms = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: HOUR_MS }));
    const gaps = fc.array(ms, { minLength: count - 1, maxLength: count - 1 });
    return fc
      .record({
        values: fc.array<number | [...(number | null)[]]>(value, exactly),
        step: isRegular ? ms : gaps,
      })
      .map((made) => ({ ...rest, origin: 0 as const, ...made }) as OpenedRun);
  });

interface Number {
  readonly at: number;
  readonly number: number;
  readonly state: OpenedRun["state"];
}

/** Every number of the runs, by hour, kind and part. */
function numbersOf(runs: readonly OpenedRun[]): Map<string, Number[]> {
  const numbers = new Map<string, Number[]>();
  for (const { kind, state, start, step, values } of runs) {
    let at = start;
    for (const [index, value] of values.entries()) {
      if (index > 0) at += typeof step === "number" ? step : (step[index - 1] ?? 0);
      for (const [its, one] of (typeof value === "number" ? [value] : value).entries()) {
        if (one === null) continue;
        const key = `${Math.floor(at / HOUR_MS) * HOUR_MS}/${kind}/${its}`;
        numbers.set(key, [...(numbers.get(key) ?? []), { at, number: one, state }]);
      }
    }
  }
  return numbers;
}

/** A tally as its definition says. */
function tallySlowly(numbers: readonly Number[]) {
  const good = numbers.filter(({ state }) => state !== "quarantined");
  const quarantined = numbers.length - good.length;
  if (good.length === 0) return { quarantined };
  const values = good.map(({ number }) => number);
  const times = good.map(({ at }) => at);
  const [firstAt, lastAt] = [Math.min(...times), Math.max(...times)];
  const at = (time: number) => good.filter((one) => one.at === time).map(({ number }) => number);
  return {
    quarantined,
    values: {
      count: good.length,
      late: good.filter(({ state }) => state === "late").length,
      min: Math.min(...values),
      max: Math.max(...values),
      sum: values.reduce((sum, one) => sum + one, 0),
      firstAt,
      first: Math.min(...at(firstAt)),
      lastAt,
      last: Math.max(...at(lastAt)),
    },
  };
}

function tallySlowlyAll(runs: readonly OpenedRun[]): Map<string, object> {
  return new Map([...numbersOf(runs)].map(([key, numbers]) => [key, tallySlowly(numbers)]));
}

function flatten(hours: ReadonlyMap<number, Tallies>): Map<string, object> {
  return new Map(
    [...hours].flatMap(([hour, tallies]) =>
      [...tallies.values()].map(
        ({ kind, part: its, ...tally }) => [`${hour}/${kind}/${its}`, tally] as const,
      ),
    ),
  );
}

function tally(runs: readonly OpenedRun[]): Map<number, Map<number, Tally>> {
  const hours = new Map<number, Map<number, Tally>>();
  for (const one of runs) addRun(hours, one);
  return hours;
}

describe("tallies", () => {
  it("are what their definition says, hour by hour, kind by kind and part by part", () => {
    fc.assert(
      fc.property(fc.array(run, { maxLength: 6 }), (runs) => {
        expect(flatten(tally(runs))).toEqual(tallySlowlyAll(runs));
      }),
    );
  });

  it("of a day are those of its hours joined, in whatever order they are joined", () => {
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 6 }), fc.nat(), (runs, seed) => {
        const hours = [...tally(runs).values()].map((tallies) => tallies.values());
        const rotated = [...tally(runs).values()];
        rotated.push(...rotated.splice(0, seed % rotated.length));
        const joined = joinTallies(...hours);
        expect(joinTallies(...rotated.reverse().map((one) => one.values()))).toEqual(joined);
        const total = [...numbersOf(runs).values()].flat().length;
        const counted = [...joined.values()].reduce(
          (sum, { quarantined, values }) => sum + quarantined + (values?.count ?? 0),
          0,
        );
        expect(counted).toBe(total);
      }),
    );
  });

  it("change neither what they are joined from nor the runs", () => {
    const one: OpenedRun = {
      ...{ kind: 1, origin: 0, state: "stored", start: START, step: 1000, values: [60, 61] },
    };
    const before = structuredClone(one);
    const [first] = tally([one]).values();
    const copy = structuredClone(first);
    joinTallies(first?.values() ?? [], first?.values() ?? []);
    expect(first).toEqual(copy);
    expect(one).toEqual(before);
  });

  it("of nothing are nothing", () => {
    expect(joinTallies().size).toBe(0);
    expect(tally([]).size).toBe(0);
  });
});
