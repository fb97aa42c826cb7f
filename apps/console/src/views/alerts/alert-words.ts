import type { ApiFinding, ApiNews2 } from "@siphms/api";
import { CONSCIOUSNESS_LEVELS, kindByName, type KindName } from "@siphms/vitals";
import type { TFunction } from "i18next";
import { formatDuration, formatInstant, formatList, formatValue } from "../../format.ts";

/** The texts that an alert is said with. */
export interface AlertTexts {
  readonly t: TFunction<"alerts">;
  readonly common: TFunction;
}

/** What was found, in plain words. */
export interface AlertWords {
  /** One line, with value and limit where there are such. */
  readonly what: string;
  /** What is to be known beside it; empty where there is nothing. */
  readonly more: string;
}

type Of<Type extends ApiFinding["type"]> = Extract<ApiFinding, { readonly type: Type }>;

/** Says a finding in the reader's language. Pure: the same finding and texts give the same words. */
export function alertWords(finding: ApiFinding, texts: AlertTexts): AlertWords {
  const { t, common } = texts;
  switch (finding.type) {
    case "limit":
      return limitWords(finding, texts);
    case "change":
      return changeWords(finding, texts);
    case "news2":
      return news2Found(finding.score, texts);
    case "no-data": {
      const duration = formatDuration(finding.afterMs);
      return {
        what: t("what.noData", { kind: common(`kind.${finding.kind}`), duration }),
        more: t("what.noDataLast", { time: formatInstant(finding.lastAt) }),
      };
    }
    case "silent":
      return {
        what: t("what.silent", { duration: formatDuration(finding.afterMs) }),
        more: t("what.silentLast", { time: formatInstant(finding.lastAt) }),
      };
    case "gap":
      return { what: t("what.gap", { count: finding.missing }), more: t("what.gapMore") };
    case "battery":
      return {
        what: t("what.battery", { percent: percentOf(finding.percent) }),
        more: t("what.batteryMore", { limit: percentOf(finding.limit) }),
      };
  }
}

/** What a number of a kind is called: the kind itself, or the part of a blood pressure. */
export function partName(
  { kind, part }: Pick<Of<"limit">, "kind" | "part">,
  { t, common }: AlertTexts,
): string {
  return part === "value" ? common(`kind.${kind}`) : t(`parts.${part}`);
}

/** A number and its unit stay on one line: of a line that is broken between them each half has a direction of its own. */
const NO_BREAK = "\u00a0";

/** A number of a kind with its unit, as one piece that keeps its direction in every sentence. */
export function withUnit(value: number, kind: KindName): string {
  return `${formatValue(value)}${NO_BREAK}${kindByName(kind)?.unit ?? ""}`.trimEnd();
}

function limitWords({ kind, part, side, value, limit }: Of<"limit">, texts: AlertTexts) {
  const { t } = texts;
  const level = CONSCIOUSNESS_LEVELS[value];
  // A letter of the scale has no limit that says anything beyond itself.
  if (kind === "consciousness" && level !== undefined) {
    return { what: t("what.consciousness", { level: t(`consciousness.${level}`) }), more: "" };
  }
  const key = side === "high" ? "what.limitHigh" : "what.limitLow";
  const numbers = { value: withUnit(value, kind), limit: withUnit(limit, kind) };
  return { what: t(key, { kind: partName({ kind, part }, texts), ...numbers }), more: "" };
}

function changeWords({ kind, part, from, to, withinMs }: Of<"change">, texts: AlertTexts) {
  const { t } = texts;
  const by = withUnit(Math.abs(to.value - from.value), kind);
  const key = to.value >= from.value ? "what.rise" : "what.fall";
  return {
    what: t(key, { kind: partName({ kind, part }, texts), by, within: formatDuration(withinMs) }),
    more: t("what.fromTo", {
      ...{ from: withUnit(from.value, kind), fromTime: formatInstant(from.at) },
      ...{ to: withUnit(to.value, kind), toTime: formatInstant(to.at) },
    }),
  };
}

function news2Found(score: ApiNews2, texts: AlertTexts): AlertWords {
  const { t } = texts;
  const { total, band, spo2Scale } = score;
  const what =
    band === null
      ? t("what.news2Partial", { total, known: knownOf(score) })
      : t("what.news2", { total, band: t(`news2.bands.${band}`) });
  return {
    what,
    more: [subScores(score, texts), missing(score, texts), spo2Scale === 2 ? t("what.scale2") : ""]
      .filter((text) => text !== "")
      .join(" "),
  };
}

/** What of a score is in sight: the parameters that have points, the most first. */
function subScores({ subScores: points }: ApiNews2, { t }: AlertTexts): string {
  const list = NEWS2_PARAMETERS.map((name) => [name, points[name] ?? 0] as const)
    .filter(([, score]) => score > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([name, score]) => `${t(`parameters.${name}`)} ${String(score)}`);
  return list.length === 0 ? "" : t("what.subScores", { list: formatList(list) });
}

function missing({ missing: names }: ApiNews2, { t }: AlertTexts): string {
  if (names.length === 0) return "";
  return t("what.missing", { list: formatList(names.map((name) => t(`parameters.${name}`))) });
}

const NEWS2_PARAMETERS = [
  "respiration",
  "spo2",
  "oxygen",
  "systolic",
  "pulse",
  "consciousness",
  "temperature",
] as const;

/** What stands around a score in a narrow column: its band after it, or before it that it is a lower bound and after it of how much. */
export function news2Words(
  score: ApiNews2,
  t: TFunction<"alerts">,
): { readonly lead: string; readonly scope: string } {
  const { band } = score;
  if (band !== null) return { lead: "", scope: t(`news2.bands.${band}`) };
  return { lead: t("news2.atLeast"), scope: t("news2.of7", { known: knownOf(score) }) };
}

function knownOf({ missing: names }: ApiNews2): number {
  return NEWS2_PARAMETERS.length - names.length;
}

function percentOf(value: number): string {
  return `${formatValue(value)}${NO_BREAK}%`;
}
