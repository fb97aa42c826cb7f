import type { PatientPlan } from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import type { ChartLimit } from "@siphms/web-kit";
import { byNumber } from "./plan-numbers.ts";
import { levelText, numberName, type PlanWords } from "./plan-words.ts";

const NONE: readonly ChartLimit[] = [];

/** The limits that a chart of one kind draws; none while the plan is not known. */
export function chartLimits(plan: PatientPlan | undefined, kind: KindName): readonly ChartLimit[] {
  if (plan === undefined) return NONE;
  return plan.rules.limits
    .filter((rule) => rule.kind === kind)
    .flatMap((rule) =>
      (["urgent", "warn"] as const).flatMap((level) => {
        const value = rule[level];
        return value === null ? [] : [{ value, level }];
      }),
    );
}

/** The same limits in words; nothing while the plan is not known. */
export function chartLimitsText(
  plan: PatientPlan | undefined,
  kind: KindName,
  words: PlanWords,
): string {
  if (plan === undefined) return "";
  const { t, alerts } = words;
  const numbers = byNumber(plan.rules.limits.filter((rule) => rule.kind === kind));
  const told = numbers.map(({ number, limits }) => {
    const levels = (["urgent", "warn"] as const).flatMap((level) => {
      const bounds = levelText(words, limits, level);
      return bounds === undefined
        ? []
        : [t("inChart.level", { level: alerts(`levels.${level}`), bounds })];
    });
    const name = number.part === "value" ? "" : `${numberName(words, number)}: `;
    return `${name}${levels.join("; ")}`;
  });
  return told.length === 0 ? t("inChart.none") : t("inChart.of", { limits: told.join(". ") });
}
