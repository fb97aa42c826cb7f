import { EMPTY_STATE, evaluate, planTemplate, TEMPLATE_NAMES } from "@siphms/alerts";
import type { AlertChange, Input, Level, PatientState, Plan, Sample } from "@siphms/alerts";
import type { KindName } from "@siphms/vitals";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOUR, MINUTE } from "./testing/watched-patient.ts";

const T = 1_000 * HOUR;
const RUNS = { numRuns: 300 };

const planArbitrary: fc.Arbitrary<Plan> = fc.constantFrom(...TEMPLATE_NAMES.map(planTemplate));

/** Values on both sides of every limit. */
const valueArbitrary = fc.oneof(
  number("heart-rate", 30, 150),
  number("pulse-rate", 30, 150),
  number("spo2", 80, 100),
  number("respiratory-rate", 5, 30),
  fc
    .integer({ min: 340, max: 400 })
    .map((tenths) => ({ kind: "body-temperature" as const, value: tenths / 10 })),
  number("glucose", 40, 300),
  number("body-weight", 70, 76),
  number("consciousness", 0, 4),
  number("supplemental-oxygen", 0, 4),
  fc
    .tuple(...[190, 125, 150].map((max) => fc.option(fc.integer({ min: 50, max }))))
    .map((value) => ({
      kind: "blood-pressure" as const,
      value: [value[0] ?? null, value[1] ?? null, value[2] ?? null] as const,
    })),
);

function number(kind: KindName, min: number, max: number) {
  return fc.integer({ min, max }).map((value) => ({ kind, value }));
}

/** Samples in order of time, from a minute to half a day apart, each at a time of its own. */
const samplesArbitrary: fc.Arbitrary<readonly Sample[]> = fc
  .array(fc.tuple(fc.integer({ min: MINUTE, max: 12 * HOUR }), valueArbitrary), {
    minLength: 1,
    maxLength: 40,
  })
  .map((steps) => {
    let at = T;
    return steps.map(([after, value]) => ({ ...value, at: (at += after), late: false }));
  });

function lastOf(samples: readonly Sample[]): number {
  return Math.max(...samples.map(({ at }) => at));
}

/** What is told of the patient's state; what is told of devices depends on when it was looked. */
function clinical(changes: readonly AlertChange[]): readonly AlertChange[] {
  return changes.filter(
    ({ change, rule }) => change !== "updated" && /^(limit|change|news2)/.test(rule),
  );
}

/** Evaluates input after input, the state carried on as JSON. */
function runAll(
  plan: Plan,
  inputs: readonly Input[],
): { changes: AlertChange[]; state: PatientState } {
  let state = EMPTY_STATE;
  const changes: AlertChange[] = [];
  for (const input of inputs) {
    const done = evaluate(plan, state, input);
    state = JSON.parse(JSON.stringify(done.state)) as PatientState;
    changes.push(...done.changes);
  }
  return { changes, state };
}

function oneByOne(samples: readonly Sample[]): readonly Input[] {
  return samples.map((sample) => ({ now: sample.at, samples: [sample], contactAt: sample.at }));
}

describe("the evaluation of any samples", () => {
  it("does not depend on their order inside one input", () => {
    const property = fc.property(
      planArbitrary,
      samplesArbitrary.chain((samples) =>
        fc.tuple(
          fc.constant(samples),
          fc.shuffledSubarray([...samples], { minLength: samples.length }),
        ),
      ),
      (plan, [samples, shuffled]) => {
        const now = lastOf(samples);
        const expected = evaluate(plan, EMPTY_STATE, { now, samples });
        expect(evaluate(plan, EMPTY_STATE, { now, samples: shuffled })).toEqual(expected);
      },
    );
    fc.assert(property, RUNS);
  });

  it("does not depend on their order where several are of one moment", () => {
    const moment = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), valueArbitrary), {
      minLength: 2,
      maxLength: 12,
    });
    const property = fc.property(
      planArbitrary,
      moment.chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
      ),
      (plan, orders) => {
        const [one, other] = orders.map((order) => {
          const samples = order.map(([at, value]) => ({ ...value, at: T + at, late: false }));
          return evaluate(plan, EMPTY_STATE, { now: T + HOUR, samples });
        });
        expect(one).toEqual(other);
      },
    );
    fc.assert(property, RUNS);
  });

  it("gives the same clinical alerts at the same times in one input and in many", () => {
    const property = fc.property(planArbitrary, samplesArbitrary, (plan, samples) => {
      const now = lastOf(samples);
      const whole = runAll(plan, [{ now, samples, contactAt: now }]);
      const split = runAll(plan, oneByOne(samples));
      expect(clinical(whole.changes)).toEqual(clinical(split.changes));
      for (const part of ["latest", "limits", "changes", "measured"] as const) {
        expect(whole.state[part]).toEqual(split.state[part]);
      }
    });
    fc.assert(property, RUNS);
  });

  it("gives the same clinical alerts however often it is looked between them", () => {
    const property = fc.property(planArbitrary, samplesArbitrary, (plan, samples) => {
      const inputs = oneByOne(samples);
      const looks = inputs.flatMap((input, index): readonly Input[] => {
        const next = inputs[index + 1]?.now ?? input.now;
        const times = [1, 2, 3].map((part) =>
          Math.floor(input.now + ((next - input.now) * part) / 4),
        );
        return [input, ...times.map((now) => ({ now, samples: [] }))];
      });
      expect(clinical(runAll(plan, looks).changes)).toEqual(clinical(runAll(plan, inputs).changes));
    });
    fc.assert(property, RUNS);
  });

  it("misses nothing when it is done at the times that it asks for", () => {
    const property = fc.property(planArbitrary, samplesArbitrary, (plan, samples) => {
      let state = EMPTY_STATE;
      for (const input of oneByOne(samples)) {
        const { nextAt } = evaluate(plan, state, { now: Math.max(state.at, 1), samples: [] });
        if (nextAt !== null && nextAt < input.now) {
          // Just before that time, nothing has come about.
          const before = evaluate(plan, state, { now: nextAt - 1, samples: [] });
          expect(before.changes).toEqual([]);
        }
        state = evaluate(plan, state, input).state;
      }
    });
    fc.assert(property, RUNS);
  });

  it("ends: time alone changes things a bounded number of times", () => {
    const property = fc.property(planArbitrary, samplesArbitrary, (plan, samples) => {
      let done = evaluate(plan, EMPTY_STATE, {
        now: lastOf(samples),
        samples,
        contactAt: T,
        missing: 1,
      });
      let looks = 0;
      // Who is silent is looked at for as long as that lasts.
      while (done.nextAt !== null && done.state.silentSince === null) {
        expect(done.nextAt).toBeGreaterThan(done.state.at);
        done = evaluate(plan, done.state, { now: done.nextAt, samples: [] });
        looks += 1;
        expect(looks).toBeLessThan(100);
      }
    });
    fc.assert(property, RUNS);
  });

  it("keeps a state that JSON carries, and alters neither it nor what it was given", () => {
    const property = fc.property(planArbitrary, samplesArbitrary, (plan, samples) => {
      const half = Math.floor(samples.length / 2);
      const first = evaluate(plan, EMPTY_STATE, { now: T, samples: samples.slice(0, half) });
      const input = { now: lastOf(samples), samples: samples.slice(half) };
      const before = JSON.stringify([plan, first.state, input]);
      const carried = JSON.parse(JSON.stringify(first.state)) as PatientState;
      expect(evaluate(plan, carried, input)).toEqual(evaluate(plan, first.state, input));
      expect(JSON.stringify([plan, first.state, input])).toBe(before);
      expect(carried).toEqual(first.state);
    });
    fc.assert(property, RUNS);
  });

  it("changes nothing by what comes late, but for when a kind was measured", () => {
    const property = fc.property(
      ...[planArbitrary, samplesArbitrary, samplesArbitrary],
      (plan, samples, others) => {
        const { state } = runAll(plan, oneByOne(samples));
        const now = Math.max(lastOf(samples), lastOf(others));
        const late = others.map((one) => ({ ...one, late: true }));
        const without = evaluate(plan, state, { now, samples: [] });
        const done = evaluate(plan, state, { now, samples: late });
        const { measured, noData } = done.state;
        expect(done.state).toEqual({ ...without.state, measured, noData });
        const live = done.changes.filter(({ change }) => change !== "late");
        expect(clinical(live)).toEqual(clinical(without.changes));
        expect(done.news2).toEqual(without.news2);
      },
    );
    fc.assert(property, RUNS);
  });

  it("raises no rule twice unless it was over, rose, or is a partial NEWS2 that was lower", () => {
    const rank = (level: Level | undefined): number =>
      level === "urgent" ? 2 : level === undefined ? 0 : 1;
    const property = fc.property(planArbitrary, samplesArbitrary, (plan, samples) => {
      const open = new Map<string, Level>();
      for (const change of runAll(plan, oneByOne(samples)).changes) {
        const { rule } = change;
        if (change.change === "late") continue;
        if (change.change === "over") {
          expect(open.has(rule)).toBe(true);
          open.delete(rule);
          continue;
        }
        if (change.change === "updated") expect(open.has(rule)).toBe(true);
        else if (rule !== "news2") expect(rank(change.level)).toBeGreaterThan(rank(open.get(rule)));
        open.set(rule, change.level);
      }
    });
    fc.assert(property, RUNS);
  });

  it("keeps nothing of a time that is hours ahead once the clock is right", () => {
    const property = fc.property(planArbitrary, samplesArbitrary, (plan, samples) => {
      const { state } = runAll(plan, oneByOne(samples));
      fc.pre(state.at > T + HOUR);
      const right = evaluate(plan, state, { now: T, samples: [] });
      expect(right.state.at).toBe(T);
      expect(right.changes.every(({ at }) => at <= T)).toBe(true);
      const times = JSON.stringify(right.state).matchAll(/"(?:at|contactAt|\w*[sS]ince)":(\d+)/g);
      expect(Math.max(...[...times].map(([, at]) => Number(at)))).toBe(T);
      expect(Math.max(0, ...Object.values(right.state.measured))).toBeLessThanOrEqual(T);
    });
    fc.assert(property, RUNS);
  });
});
