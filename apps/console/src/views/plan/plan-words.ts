import type { ChangeRule, Level, LimitRule, News2Rule } from "@siphms/alerts";
import { CONSCIOUSNESS_LEVELS } from "@siphms/vitals";
import type { TFunction } from "i18next";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatDuration, formatExact, formatList } from "../../format.ts";
import { unitOf, type WatchedNumber } from "./plan-numbers.ts";

/** The texts in which a plan is told. */
export interface PlanWords {
  readonly t: TFunction<"plan">;
  readonly alerts: TFunction<"alerts">;
  readonly common: TFunction;
}

/** The texts in the page's language. */
export function usePlanWords(): PlanWords {
  const { t } = useTranslation("plan");
  const { t: alerts } = useTranslation("alerts");
  const { t: common } = useTranslation();
  return useMemo(() => ({ t, alerts, common }), [t, alerts, common]);
}

/** What a number is called. */
export function numberName({ alerts, common }: PlanWords, { kind, part }: WatchedNumber): string {
  return part === "value" ? common(`kind.${kind}`) : alerts(`parts.${part}`);
}

/** A bound with its unit; a level of consciousness is a word. */
export function boundText(
  { alerts }: PlanWords,
  { kind }: Pick<WatchedNumber, "kind">,
  bound: number,
): string {
  if (kind !== "consciousness") return `${formatExact(bound)} ${unitOf(kind)}`.trim();
  const level = CONSCIOUSNESS_LEVELS[bound];
  return level === undefined ? String(bound) : alerts(`consciousness.${level}`);
}

/** The limits of one number at one level, both sides together; nothing where there are none. */
export function levelText(
  words: PlanWords,
  limits: readonly LimitRule[],
  level: Level,
): string | undefined {
  const parts = limits.flatMap((rule) => {
    const bound = rule[level];
    return bound === null ? [] : [sideText(words, rule, bound)];
  });
  return parts.length === 0 ? undefined : formatList(parts);
}

function sideText(words: PlanWords, rule: LimitRule, bound: number): string {
  const value = boundText(words, rule, bound);
  if (rule.kind === "consciousness") return words.t("orWorse", { value });
  return words.t(rule.side === "low" ? "orBelow" : "orAbove", { value });
}

/** How long a warning waits for a second value in a row. */
export function confirmText({ t }: PlanWords, { forMs }: Pick<LimitRule, "forMs">): string {
  return forMs === 0 ? t("warnsAtOnce") : t("warnsAfter", { duration: formatDuration(forMs) });
}

/** One limit in one sentence. */
export function limitText(words: PlanWords, rule: LimitRule): string {
  const levels = (["urgent", "warn"] as const).flatMap((level) => {
    const text = levelText(words, [rule], level);
    return text === undefined ? [] : [`${words.alerts(`levels.${level}`)}: ${text}`];
  });
  const parts = [...levels, ...(rule.warn === null ? [] : [confirmText(words, rule)])];
  if (rule.hysteresis > 0) {
    parts.push(words.t("endsInside", { by: boundText(words, rule, rule.hysteresis) }));
  }
  return `${numberName(words, rule)}. ${parts.join("; ")}`;
}

/** One change over time in one sentence. */
export function changeText(words: PlanWords, rule: ChangeRule): string {
  return words.t(rule.direction === "rise" ? "rises" : "falls", {
    number: numberName(words, rule),
    by: boundText(words, rule, rule.by),
    within: formatDuration(rule.withinMs),
    level: words.alerts(`levels.${rule.level}`),
  });
}

/** How NEWS2 is scored, and from where on it tells somebody. */
export function news2Text({ t, alerts }: PlanWords, rule: News2Rule | null): string {
  if (rule === null) return t("news2.none");
  const { spo2Scale, warnFrom, urgentFrom, singleThree, carryForwardMs } = rule;
  const three =
    singleThree === null
      ? t("news2.threeNone")
      : t("news2.three", { level: alerts(`levels.${singleThree}`) });
  const limits = t("news2.limits", { warnFrom, urgentFrom, scale: spo2Scale });
  return `${limits} ${three} ${t("news2.carry", { duration: formatDuration(carryForwardMs) })}`;
}
