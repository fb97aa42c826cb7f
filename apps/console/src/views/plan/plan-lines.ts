import type { PlanRules } from "@siphms/api";
import { formatDuration, formatExact } from "../../format.ts";
import { inOrder } from "./plan-numbers.ts";
import { changeText, limitText, news2Text, type PlanWords } from "./plan-words.ts";

/** A rule that two versions of a plan do not have alike; `before` or `after` is missing where one does not have it at all. */
export interface ChangedLine {
  readonly rule: string;
  readonly before?: string;
  readonly after?: string;
}

/** What two versions differ in, rule by rule in words. */
export function changedLines(
  before: PlanRules,
  after: PlanRules,
  words: PlanWords,
): readonly ChangedLine[] {
  const [old, fresh] = [planLines(before, words), planLines(after, words)];
  const rules = [...new Set([...old.keys(), ...fresh.keys()])];
  return rules.flatMap((rule) => {
    const [was, is] = [old.get(rule), fresh.get(rule)];
    if (was === is) return [];
    return [
      {
        rule,
        ...(was === undefined ? {} : { before: was }),
        ...(is === undefined ? {} : { after: is }),
      },
    ];
  });
}

/** Every rule of a plan as one sentence, by its key. */
export function planLines(rules: PlanRules, words: PlanWords): ReadonlyMap<string, string> {
  return new Map([
    ...inOrder(rules.limits).map((rule): Line => [
      `limit:${rule.kind}:${rule.part}:${rule.side}`,
      limitText(words, rule),
    ]),
    ...inOrder(rules.changes).map((rule): Line => [
      `change:${rule.kind}:${rule.part}:${rule.direction}`,
      changeText(words, rule),
    ]),
    ["news2", news2Text(words, rules.news2)],
    ...noDataLines(rules, words),
    ...deviceLines(rules, words),
  ]);
}

type Line = readonly [key: string, text: string];

/** For how long each kind may be missing. */
export function noDataLines({ noData }: PlanRules, { t, common }: PlanWords): readonly Line[] {
  return noData.map(({ kind, afterMs }) => [
    `no-data:${kind}`,
    t("noDataAfter", { kind: common(`kind.${kind}`), duration: formatDuration(afterMs) }),
  ]);
}

/** What is watched about the devices. */
export function deviceLines({ device }: PlanRules, { t }: PlanWords): readonly Line[] {
  const { silentAfterMs, batteryBelow, gaps } = device;
  return [
    ...(silentAfterMs === null
      ? []
      : [["silent", t("silentAfter", { duration: formatDuration(silentAfterMs) })] as const]),
    ...(batteryBelow === null
      ? []
      : [["battery", t("batteryAt", { percent: formatExact(batteryBelow) })] as const]),
    ...(gaps ? [["gap", t("gapsTold")] as const] : []),
  ];
}
