import { EMPTY_STATE, evaluate, readState } from "@siphms/alerts";
import type { AlertChange, Evaluation, Input, PatientState, Plan, Sample } from "@siphms/alerts";
import type { KindName } from "@siphms/vitals";

/** In milliseconds. */
export const MINUTE: number = 60_000;
/** In milliseconds. */
export const HOUR: number = 60 * MINUTE;

/** A patient under a plan, with the state carried from one evaluation to the next as it is stored: as JSON. */
export class WatchedPatient {
  plan: Plan;
  state: PatientState = EMPTY_STATE;
  last: Evaluation | undefined;

  constructor(plan: Plan) {
    this.plan = plan;
  }

  /** Evaluates; by default nothing has come. */
  take(input: Partial<Input> & { readonly now: number }): readonly AlertChange[] {
    this.last = evaluate(this.plan, this.state, { samples: [], ...input });
    this.state = readState(JSON.parse(JSON.stringify(this.last.state)));
    return this.last.changes;
  }

  /** Takes one value at the time at which it was measured. @returns what came of it, shortened: "raised urgent". */
  value(kind: KindName, at: number, value: Sample["value"]): readonly string[] {
    return this.take({ now: at, samples: [sample(kind, at, value)] }).map(shortly);
  }
}

/** A sample in time. */
export function sample(kind: KindName, at: number, value: Sample["value"]): Sample {
  return { kind, at, value, late: false };
}

/** The same, too late. */
export function late(inTime: Sample): Sample {
  return { ...inTime, late: true };
}

/** What became of which rule: enough for most tests. */
export function shortly(change: AlertChange): string {
  return change.change === "over" ? "over" : `${change.change} ${change.level}`;
}

/** A plan with nothing to watch, to begin from. */
export const NOTHING: Plan = {
  template: "adult",
  limits: [],
  changes: [],
  news2: null,
  noData: [],
  device: { silentAfterMs: null, batteryBelow: null, gaps: false },
};
