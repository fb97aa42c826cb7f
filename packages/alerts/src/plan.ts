import type { KindName } from "@siphms/vitals";

/** How much an alert asks for: somebody's attention soon, or at once. */
export type Level = "urgent" | "warn";

/** Which number of a value: its only one, or one of a blood pressure. */
export type Part = "diastolic" | "mean" | "systolic" | "value";

/**
 * A limit of one number of a kind on one side; it is passed by a value that is *at or* beyond it. Clinical units.
 *
 * An urgent limit alerts with the first value, one of warning with the second in a row or once it has lasted for `forMs`.
 */
export interface LimitRule {
  readonly kind: KindName;
  readonly part: Part;
  readonly side: "high" | "low";
  /** Null where this level has no limit. */
  readonly warn: number | null;
  readonly urgent: number | null;
  /** How far back inside a value must be before the limit counts as kept again, so that noise does not ring twice. */
  readonly hysteresis: number;
  /** How long values must be beyond `warn` where a second one in a row does not come sooner, ms; 0 alerts with the first. */
  readonly forMs: number;
}

/** A change within some time, up or down, of one number of a kind: weight that rises by 2 kg in 3 days. */
export interface ChangeRule {
  readonly kind: KindName;
  readonly part: Part;
  readonly direction: "fall" | "rise";
  /** In the kind's unit; reached by a change of this much or more. */
  readonly by: number;
  readonly withinMs: number;
  readonly level: Level;
}

/** How NEWS2 is scored and from where on it alerts: 5 warns and 7 is urgent unless a clinician has said otherwise. */
export interface News2Rule {
  /** Scale 2 only on a clinician's order, for confirmed hypercapnic respiratory failure. */
  readonly spo2Scale: 1 | 2;
  readonly warnFrom: number;
  readonly urgentFrom: number;
  /** What a single 3 in any one parameter asks for; null for nothing beyond the total. */
  readonly singleThree: Level | null;
  /** How long a value stands for its parameter, ms; 4 h by default. */
  readonly carryForwardMs: number;
}

/** How often something is to be measured: no value of this kind for so long is an alert. None before the first value. */
export interface NoDataRule {
  readonly kind: KindName;
  readonly afterMs: number;
}

/** What is watched about the patient's devices; null where it is not. */
export interface DeviceRules {
  /** Nothing at all from any device for so long, ms. */
  readonly silentAfterMs: number | null;
  /** A sensor's battery at or below so many per cent. */
  readonly batteryBelow: number | null;
  /** Whether messages that are missing between two that came are told. */
  readonly gaps: boolean;
}

/** Everything that is watched about one patient. A value of a kind without a rule alerts nobody. */
export interface Plan {
  /** The template that it was begun from. */
  readonly template: TemplateName;
  readonly limits: readonly LimitRule[];
  readonly changes: readonly ChangeRule[];
  /** Null where NEWS2 does not apply: under 16, or in pregnancy. */
  readonly news2: News2Rule | null;
  readonly noData: readonly NoDataRule[];
  readonly device: DeviceRules;
}

/** The templates: adults in general, and problems that ask for other limits or measurements. */
export type TemplateName =
  "adult" | "copd" | "diabetes" | "heart-failure" | "hypertension" | "infection";
