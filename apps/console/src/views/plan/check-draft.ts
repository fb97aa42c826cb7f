import { REASON_LENGTH, type PlanRules } from "@siphms/api";
import { faultText } from "./fault-text.ts";
import { readDraft, type PlanDraft } from "./plan-draft.ts";
import type { PlanWords } from "./plan-words.ts";

/** What stops a plan from being saved. */
export interface PlanFaults {
  /** Fields that hold no number that fits. */
  readonly fields: ReadonlySet<string>;
  /** What is wrong, and what to do; nothing where the plan can be saved. */
  readonly words: string | undefined;
  readonly isReasonShort: boolean;
}

/** Nothing is wrong. */
export const NO_FAULTS: PlanFaults = { fields: new Set(), words: undefined, isReasonShort: false };

/** What a draft needs besides its numbers. */
export interface DraftContext {
  readonly reason: string;
  /** SpO2 scale 2 is new to this patient, and whoever writes has not said that they order it. */
  readonly isOrderMissing: boolean;
}

/** Takes a draft as rules, where nothing stops them from being saved. */
export function checkDraft(
  draft: PlanDraft,
  { reason, isOrderMissing }: DraftContext,
  words: PlanWords,
): { readonly rules: PlanRules | undefined; readonly faults: PlanFaults } {
  const read = readDraft(draft);
  const isReasonShort = reason.trim().length < REASON_LENGTH.min;
  const isScale2 = draft.news2.isScored && draft.news2.spo2Scale === 2;
  if (read.kind !== "good") {
    const fields = read.kind === "unreadable" ? read.fields : NO_FAULTS.fields;
    return failed({ fields, isReasonShort, words: faultText(read, draft, words) });
  }
  const { fields } = NO_FAULTS;
  if (isScale2 && isOrderMissing) {
    return failed({ fields, isReasonShort, words: words.t("news2.orderMissing") });
  }
  if (isReasonShort) return failed({ fields, isReasonShort, words: words.t("reasonMissing") });
  return { rules: read.rules, faults: NO_FAULTS };
}

function failed(faults: PlanFaults) {
  return { rules: undefined, faults };
}
