import type { KindName } from "@siphms/vitals";
import type { Level, Part } from "./plan.ts";

/** Which rule of a patient's plan: one open alert at most for each of these. */
export type RuleKey = string;

/** Of the patient's state, or of what measures and carries it: the two are never mixed up, nor silenced together. */
export type Channel = "clinical" | "technical";

/** What was found, as plain data: it is stored sealed and shown in words of the reader's language. Clinical units, ms. */
export type Finding =
  | {
      readonly type: "limit";
      readonly kind: KindName;
      readonly part: Part;
      readonly side: "high" | "low";
      readonly value: number;
      readonly limit: number;
    }
  | {
      readonly type: "change";
      readonly kind: KindName;
      readonly part: Part;
      readonly from: { readonly value: number; readonly at: number };
      readonly to: { readonly value: number; readonly at: number };
      readonly by: number;
      readonly withinMs: number;
    }
  | { readonly type: "news2"; readonly score: News2 }
  | {
      readonly type: "no-data";
      readonly kind: KindName;
      readonly lastAt: number;
      readonly afterMs: number;
    }
  | { readonly type: "silent"; readonly lastAt: number; readonly afterMs: number }
  | { readonly type: "gap"; readonly missing: number }
  | { readonly type: "battery"; readonly percent: number; readonly limit: number };

/** The parameters of NEWS2, in the chart's order. */
export type News2Parameter =
  "consciousness" | "oxygen" | "pulse" | "respiration" | "spo2" | "systolic" | "temperature";

/** A score, or what can be said of it: with parameters missing it is a lower bound, and never clears anything. */
export interface News2 {
  readonly total: number;
  readonly subScores: Readonly<Partial<Record<News2Parameter, number>>>;
  readonly missing: readonly News2Parameter[];
  /** `null` while parameters are missing: NEWS2 is defined on all seven. */
  readonly band: "high" | "low" | "low-medium" | "medium" | null;
  readonly spo2Scale: 1 | 2;
  /** When the oldest value that it rests on was measured, ms. */
  readonly oldestAt: number;
}

/** What became of one rule. `at`: clinical time, ms, of the sample or the moment that made it so. */
export type AlertChange =
  | {
      /** Begun, at a higher level than it had, or of a further cause (another battery, more messages): somebody is to be told. */
      readonly change: "raised";
      readonly rule: RuleKey;
      readonly channel: Channel;
      readonly level: Level;
      readonly at: number;
      readonly finding: Finding;
    }
  | {
      /** Still so, with newer values; a lower level is told here too. Nobody is told anew. */
      readonly change: "updated";
      readonly rule: RuleKey;
      readonly level: Level;
      readonly at: number;
      readonly finding: Finding;
    }
  | { readonly change: "over"; readonly rule: RuleKey; readonly at: number }
  | {
      /** A sample that came late would have alerted: it is told in the history, and to nobody. */
      readonly change: "late";
      readonly rule: RuleKey;
      readonly channel: Channel;
      readonly level: Level;
      readonly at: number;
      readonly finding: Finding;
    };
