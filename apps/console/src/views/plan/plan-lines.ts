import type { PlanRules } from "@siphms/api";
import { formatDuration, formatExact } from "../../format.ts";
import { inOrder, unitOf } from "./plan-numbers.ts";
import { changeText, limitName, limitText, news2Text, type PlanWords } from "./plan-words.ts";

/** One rule of a plan in words. */
export interface PlanLine {
  /** What it is about, where its text does not say so itself. */
  readonly name: string;
  readonly text: string;
}

/** A rule that two versions of a plan do not have alike; `before` or `after` is missing where one does not have it at all. */
export interface ChangedLine {
  readonly rule: string;
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
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
    if (was?.text === is?.text) return [];
    return [{ rule, name: (is ?? was)?.name ?? "", before: was?.text, after: is?.text }];
  });
}

/** Every rule of a plan in words, by its key. */
export function planLines(rules: PlanRules, words: PlanWords): ReadonlyMap<string, PlanLine> {
  const whole = ([key, text]: Line): [string, PlanLine] => [key, { name: "", text }];
  return new Map([
    ...inOrder(rules.limits).map((rule): [string, PlanLine] => [
      `limit:${rule.kind}:${rule.part}:${rule.side}`,
      { name: nameInUnit(rule, words), text: limitText(words, rule) },
    ]),
    ...inOrder(rules.changes).map((rule) =>
      whole([`change:${rule.kind}:${rule.part}:${rule.direction}`, changeText(words, rule)]),
    ),
    whole(["news2", news2Text(words, rules.news2)]),
    ...noDataLines(rules, words).map(whole),
    ...deviceLines(rules, words).map(whole),
  ]);
}

function nameInUnit(rule: PlanRules["limits"][number], words: PlanWords): string {
  const unit = unitOf(rule.kind);
  return `${limitName(words, rule)}${unit === "" ? "" : ` (${unit})`}`;
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
