import type { SetEscalation } from "@siphms/api";
import { parseNumber } from "../plan/plan-draft.ts";

type Step = SetEscalation["steps"][number];

/** One step as it is being written: minutes as they are typed. */
export interface StepDraft {
  /** Tells steps apart while some are added and taken away. */
  readonly key: number;
  readonly urgent: string;
  readonly warn: string;
  readonly to: readonly string[];
}

/** Steps as they are being written. */
export type EscalationDraft = readonly StepDraft[];

/** What stops a step from being saved. */
export type StepFault = "people" | "urgent" | "warn";

/** The steps that can be saved, or what is wrong with which, by its key. */
export type ReadDraft =
  | { readonly kind: "good"; readonly steps: Step[] }
  | { readonly kind: "wrong"; readonly faults: ReadonlyMap<number, ReadonlySet<StepFault>> };

/** As many as the hospital takes. */
export const MAX_STEPS = 5;
const MINUTES = { least: 1, most: 1440 };
const NEW_STEP = { urgent: "10", warn: "60", to: [] } as const;

/** Begins from what holds. Who can be told no more is left out: the hospital takes nobody else. */
export function draftOf(steps: readonly Step[], able: ReadonlySet<string>): EscalationDraft {
  return steps.map(({ urgentAfterMinutes, warnAfterMinutes, to }, key) => ({
    key,
    urgent: String(urgentAfterMinutes),
    warn: String(warnAfterMinutes),
    to: to.filter((name) => able.has(name)),
  }));
}

/** With one step more, at the end. */
export function withStep(draft: EscalationDraft): EscalationDraft {
  const key = Math.max(-1, ...draft.map((step) => step.key)) + 1;
  return [...draft, { ...NEW_STEP, key }];
}

/** With one step changed. */
export function withChange(
  draft: EscalationDraft,
  key: number,
  change: Partial<Omit<StepDraft, "key">>,
): EscalationDraft {
  return draft.map((step) => (step.key === key ? { ...step, ...change } : step));
}

/** With one step taken away. */
export function withoutStep(draft: EscalationDraft, key: number): EscalationDraft {
  return draft.filter((step) => step.key !== key);
}

/** Takes what was typed, or says what is wrong with it. */
export function readDraft(draft: EscalationDraft): ReadDraft {
  const faults = new Map<number, ReadonlySet<StepFault>>();
  const steps = draft.flatMap((step): Step[] => {
    const urgent = parseMinutes(step.urgent);
    const warn = parseMinutes(step.warn);
    if (urgent !== undefined && warn !== undefined && step.to.length > 0) {
      return [{ urgentAfterMinutes: urgent, warnAfterMinutes: warn, to: [...step.to] }];
    }
    const found = new Set<StepFault>();
    if (urgent === undefined) found.add("urgent");
    if (warn === undefined) found.add("warn");
    if (step.to.length === 0) found.add("people");
    faults.set(step.key, found);
    return [];
  });
  return faults.size === 0 ? { kind: "good", steps } : { kind: "wrong", faults };
}

function parseMinutes(text: string): number | undefined {
  const minutes = parseNumber(text);
  if (minutes === undefined || !Number.isInteger(minutes)) return undefined;
  return minutes >= MINUTES.least && minutes <= MINUTES.most ? minutes : undefined;
}
