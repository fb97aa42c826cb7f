import { Stack, Text } from "@mantine/core";
import type { LimitRule } from "@siphms/alerts";
import type { PlanRules } from "@siphms/api";
import type { ReactElement } from "react";
import { Part } from "../parts/part.tsx";
import { deviceLines, noDataLines } from "./plan-lines.ts";
import { byNumber, inOrder, unitOf, type WatchedNumber } from "./plan-numbers.ts";
import {
  changeText,
  confirmText,
  insideText,
  levelText,
  news2Text,
  numberName,
  usePlanWords,
} from "./plan-words.ts";

/** Props of {@link PlanSummary}. */
export interface PlanSummaryProps {
  readonly rules: PlanRules;
}

/** What is watched about a patient, in words. */
export function PlanSummary({ rules }: PlanSummaryProps): ReactElement {
  const words = usePlanWords();
  const { t, alerts } = words;
  return (
    <Stack gap="lg">
      <Part title={t("parts.limits")}>
        <Text size="sm">{t("limitsMeaning")}</Text>
        {rules.limits.length === 0 ? <Text>{t("noLimits")}</Text> : null}
        <ul className="siphms-plan-numbers">
          {byNumber(rules.limits).map(({ number, limits }) => (
            <NumberLimits key={`${number.kind}/${number.part}`} number={number} limits={limits} />
          ))}
        </ul>
      </Part>
      <Part title={t("parts.changes")}>
        <Lines
          lines={inOrder(rules.changes).map((rule) => changeText(words, rule))}
          none={t("noChanges")}
        />
      </Part>
      <Part title={t("parts.news2")}>
        <Text>{news2Text(words, rules.news2)}</Text>
        <Text size="sm" c="dimmed">
          {alerts("news2Origin")} {alerts("news2For")}
        </Text>
      </Part>
      <Part title={t("parts.noData")}>
        <Lines lines={noDataLines(rules, words).map(([, text]) => text)} none={t("noNoData")} />
      </Part>
      <Part title={t("parts.device")}>
        <Lines lines={deviceLines(rules, words).map(([, text]) => text)} none={t("noDevice")} />
      </Part>
    </Stack>
  );
}

function Lines({
  lines,
  none,
}: {
  readonly lines: readonly string[];
  readonly none: string;
}): ReactElement {
  if (lines.length === 0) return <Text>{none}</Text>;
  return (
    <ul className="siphms-plan-lines">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

/** The limits of one number: from where on it is urgent, from where on a warning, and what a warning waits for. */
function NumberLimits({
  number,
  limits,
}: {
  readonly number: WatchedNumber;
  readonly limits: readonly LimitRule[];
}): ReactElement {
  const words = usePlanWords();
  const { alerts } = words;
  const confirmed = [
    ...new Set(limits.filter(({ warn }) => warn !== null).map((rule) => confirmText(words, rule))),
  ];
  const insides = [...new Set(limits.flatMap((rule) => insideText(words, rule) ?? []))];
  return (
    <li className="siphms-plan-card">
      <Text fw={600}>
        {numberName(words, number)}{" "}
        <span className="siphms-unit" dir="ltr">
          {unitOf(number.kind)}
        </span>
      </Text>
      {(["urgent", "warn"] as const).map((level) => {
        const text = levelText(words, limits, level);
        return text === undefined ? null : (
          <Text key={level} className={`siphms-plan-${level}`}>
            <span aria-hidden="true">{level === "urgent" ? "◆" : "▲"}</span>{" "}
            {alerts(`levels.${level}`)}: {text}
          </Text>
        );
      })}
      {[...confirmed, ...insides].map((text) => (
        <Text key={text} size="sm" c="dimmed">
          {text}
        </Text>
      ))}
    </li>
  );
}
