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

/** Which side of which number a limit is for; of consciousness there is one side alone. */
export function limitName(
  words: PlanWords,
  limit: Pick<LimitRule, "kind" | "part" | "side">,
): string {
  const number = numberName(words, limit);
  return limit.kind === "consciousness" ? number : words.t(`sides.${limit.side}`, { number });
}

/** A number of a kind with its unit. */
export function withUnit({ kind }: Pick<WatchedNumber, "kind">, number: number): string {
  return `${formatExact(number)} ${unitOf(kind)}`;
}

/** The limits of one number at one level, both sides together and without their unit; nothing where there are none. */
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

/** A level of consciousness is a word. */
function sideText({ t, alerts }: PlanWords, rule: LimitRule, bound: number): string {
  const level = rule.kind === "consciousness" ? CONSCIOUSNESS_LEVELS[bound] : undefined;
  if (level !== undefined) return t("orWorse", { value: alerts(`consciousness.${level}`) });
  return t(rule.side === "low" ? "orBelow" : "orAbove", { value: formatExact(bound) });
}

/** When an alert of a limit is over; nothing where a value inside is enough. */
export function insideText({ t }: PlanWords, rule: LimitRule): string | undefined {
  const { hysteresis } = rule;
  return hysteresis > 0 ? t("endsInside", { by: withUnit(rule, hysteresis) }) : undefined;
}

/** How long a warning waits for a second value in a row. */
export function confirmText({ t }: PlanWords, { forMs }: Pick<LimitRule, "forMs">): string {
  return forMs === 0 ? t("warnsAtOnce") : t("warnsAfter", { duration: formatDuration(forMs) });
}

/** What one limit tells, and when that is over. */
export function limitText(words: PlanWords, rule: LimitRule): string {
  const levels = (["urgent", "warn"] as const).flatMap((level) => {
    const text = levelText(words, [rule], level);
    return text === undefined ? [] : [`${words.alerts(`levels.${level}`)}: ${text}`];
  });
  const confirmed = rule.warn === null ? [] : [confirmText(words, rule)];
  const parts = [...levels, ...confirmed, insideText(words, rule) ?? []].flat();
  return parts.join("; ");
}

/** One change over time in one sentence. */
export function changeText(words: PlanWords, rule: ChangeRule): string {
  return words.t(rule.direction === "rise" ? "rises" : "falls", {
    number: numberName(words, rule),
    by: withUnit(rule, rule.by),
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
