import type { KindName } from "@siphms/vitals";
import type { AlertChange, News2 } from "./alert.ts";
import type { PatientState } from "./state.ts";

/** A good sample in clinical units; quarantined ones never come here. */
export interface Sample {
  readonly kind: KindName;
  readonly at: number;
  /** A blood pressure is `[systolic, diastolic, mean]`, null where not measured. */
  readonly value: number | readonly [number | null, number | null, number | null];
  /** Older than its limit at receipt: raises nothing live (protocol section 6). */
  readonly late: boolean;
}

/** What has become known about one patient since the last evaluation. */
export interface Input {
  /** The patient's clinical time, ms. Where a clock goes back by minutes, time stands still; by more, the new time is believed. */
  readonly now: number;
  /** In any order. */
  readonly samples: readonly Sample[];
  /**
   * When something was last heard of any device of the patient, clinical ms; absent where that is not known, null where
   * they have no device any more: then nothing is expected of any, and what was told of them is over.
   */
  readonly contactAt?: number | null;
  /**
   * Before this clinical time neither silence nor missing values are told: whoever listens was away, and gives devices time
   * to be heard of again.
   */
  readonly quietUntil?: number;
  /** Charges of sensors that were told, per cent. */
  readonly batteries?: readonly { readonly sensor: string; readonly percent: number }[];
  /** How many messages between two that came are missing by now: 0 for none, absent where that was not looked at. */
  readonly missing?: number;
}

/** What an evaluation comes to. */
export interface Evaluation {
  readonly state: PatientState;
  /** In the order in which they came about, rule by rule. */
  readonly changes: readonly AlertChange[];
  /** NEWS2 as it stands; null where the plan has none or no parameter has a value. */
  readonly news2: News2 | null;
  /** When the passing of time alone may change something next, clinical ms; null for never. */
  readonly nextAt: number | null;
}
