import { EMPTY_STATE, evaluate, planTemplate } from "@siphms/alerts";
import type { PatientState, Plan, Sample } from "@siphms/alerts";
import type { KindName } from "@siphms/vitals";

/** How fast the rules are applied on one core, without storage. */
export interface RuleRate {
  /** One value each of heart rate, SpO2 and respiration, as a device sends them every minute. */
  readonly small: Rate;
  /** A minute of a heart rate measured each second. */
  readonly minute: Rate;
}

/** What one core did. */
export interface Rate {
  readonly evaluationsPerSecond: number;
  /** Rules of {@link rulesMet} met by these evaluations. */
  readonly rulesPerSecond: number;
}

const MINUTE_MS = 60_000;
/** Patients that take turns, so that each has a state of its own. */
const PATIENTS = 200;
/** Evaluations between two looks at the clock. */
const TURN = 500;

/** Measures for a while on the core that calls. States are carried on as they would be, of the plan for adults. */
export function measureRuleRate({ seconds }: { readonly seconds: number }): RuleRate {
  const each = (seconds * 1_000) / 2;
  return {
    small: measure(each, (at, turn) =>
      sampled(["heart-rate", "spo2", "respiratory-rate"], (kind) => valueOf(kind, turn), at),
    ),
    minute: measure(each, (at, turn) =>
      Array.from({ length: 60 }, (_, second) => ({
        kind: "heart-rate" as const,
        at: at - (59 - second) * 1_000,
        value: valueOf("heart-rate", turn + second),
        late: false,
      })),
    ),
  };
}

/**
 * How many rules have something to decide about an input: the limits and changes of each number, NEWS2 for each moment, and
 * what is watched of devices.
 */
export function rulesMet(plan: Plan, samples: readonly Sample[]): number {
  const ofNumbers = samples.map(
    ({ kind }) => [...plan.limits, ...plan.changes].filter((rule) => rule.kind === kind).length,
  );
  const moments = plan.news2 === null ? 0 : new Set(samples.map(({ at }) => at)).size;
  const { silentAfterMs, batteryBelow, gaps } = plan.device;
  const ofDevices = [silentAfterMs !== null, batteryBelow !== null, gaps].filter(Boolean).length;
  const sum = ofNumbers.reduce((total, one) => total + one, 0);
  return sum + moments + plan.noData.length + ofDevices;
}

function measure(forMs: number, samplesAt: (at: number, turn: number) => readonly Sample[]): Rate {
  const plan = planTemplate("adult");
  const states: PatientState[] = Array.from({ length: PATIENTS }, () => EMPTY_STATE);
  const rules = rulesMet(plan, samplesAt(0, 0));
  // Inputs are made before the clock runs: they are the hospital's work, not the rules'.
  const begun = Array.from({ length: TURN }, (_, turn) => samplesAt(0, turn));
  let count = 0;
  let spentMs = 0;
  for (let round = 0; spentMs < forMs; round++) {
    const inputs = begun.map((samples, turn) => {
      const now = (round * TURN + turn) * MINUTE_MS;
      return { now, samples: samples.map((one) => ({ ...one, at: one.at + now })), contactAt: now };
    });
    const start = performance.now();
    for (const [turn, input] of inputs.entries()) {
      const patient = (round * TURN + turn) % PATIENTS;
      states[patient] = evaluate(plan, states[patient] ?? EMPTY_STATE, input).state;
    }
    spentMs += performance.now() - start;
    count += TURN;
  }
  const evaluationsPerSecond = (count / spentMs) * 1_000;
  return { evaluationsPerSecond, rulesPerSecond: evaluationsPerSecond * rules };
}

function sampled(
  kinds: readonly KindName[],
  valueFor: (kind: KindName) => number,
  at: number,
): readonly Sample[] {
  return kinds.map((kind) => ({ kind, at, value: valueFor(kind), late: false }));
}

/** Values that go in and out of their limits: one in twenty warns, one in a hundred is urgent. */
function valueOf(kind: KindName, turn: number): number {
  const isUrgent = turn % 100 === 99;
  const isBeyond = turn % 20 === 19;
  if (kind === "spo2") return isUrgent ? 90 : isBeyond ? 94 : 97 + (turn % 3);
  if (kind === "respiratory-rate") return isUrgent ? 26 : isBeyond ? 22 : 14 + (turn % 4);
  return isUrgent ? 135 : isBeyond ? 95 : 66 + (turn % 20);
}
