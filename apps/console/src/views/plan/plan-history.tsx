import { Skeleton, Stack, Text } from "@mantine/core";
import type { PatientPlan, PlanRules } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatInstant } from "../../format.ts";
import { Part } from "../parts/part.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { changedLines } from "./plan-lines.ts";
import { usePlanWords } from "./plan-words.ts";
import { usePlanHistory, usePlanTemplates } from "./use-plan.ts";

/** Props of {@link PlanVersions}. */
export interface PlanVersionsProps {
  readonly patient: string;
}

/** Every version of a patient's plan: who set it, when, why, and what it changed. */
export function PlanVersions({ patient }: PlanVersionsProps): ReactElement {
  const { t } = useTranslation("plan");
  const history = usePlanHistory(patient);
  const templates = usePlanTemplates();
  const adult = templates.data?.templates.find(({ template }) => template === "adult");
  return (
    <Part title={t("history")}>
      <ProblemAlert error={history.error} onRetry={() => void history.refetch()} />
      <ProblemAlert error={templates.error} onRetry={() => void templates.refetch()} />
      {history.data === undefined || adult === undefined ? (
        <Skeleton height={80} className="siphms-late" />
      ) : (
        <Versions plans={history.data.plans} adult={adult} />
      )}
    </Part>
  );
}

function Versions({
  plans,
  adult,
}: {
  readonly plans: readonly PatientPlan[];
  readonly adult: PlanRules;
}): ReactElement {
  const { t } = useTranslation("plan");
  return (
    <ol className="siphms-cards">
      {plans.map((plan, index) => (
        <Version key={plan.version} plan={plan} before={plans[index + 1]?.rules ?? adult} />
      ))}
      <li>
        <Text size="sm">{t("historyBegins")}</Text>
      </li>
    </ol>
  );
}

interface VersionProps {
  readonly plan: PatientPlan;
  /** What held until then. */
  readonly before: PlanRules;
}

function Version({ plan, before }: VersionProps): ReactElement {
  const { t } = useTranslation("plan");
  const { version, setBy = "", setAt, reason, altered } = plan;
  if (altered === true || setAt === undefined) {
    return (
      <li className="siphms-plan-card">
        <Text fw={600}>{t("versionAltered", { version })}</Text>
        <Text size="sm">{t("versionAlteredHelp")}</Text>
      </li>
    );
  }
  return (
    <li className="siphms-plan-card" data-testid={`plan-version-${String(version)}`}>
      <Text fw={600}>{t("version", { version, name: setBy, when: formatInstant(setAt) })}</Text>
      <Text size="sm">
        {t("reason")}: <bdi>{reason}</bdi>
      </Text>
      <Changed before={before} after={plan.rules} />
    </li>
  );
}

function Changed({
  before,
  after,
}: {
  readonly before: PlanRules;
  readonly after: PlanRules;
}): ReactElement {
  const words = usePlanWords();
  const { t } = words;
  const lines = changedLines(before, after, words);
  if (lines.length === 0) return <Text size="sm">{t("changedNothing")}</Text>;
  return (
    <Stack gap={2}>
      <Text size="sm">{t("changed")}</Text>
      <ul className="siphms-plan-lines">
        {lines.map(({ rule, name, before: was, after: is }) => (
          <li key={rule}>
            {name === "" ? null : <b>{name}: </b>}
            {is ?? t("notWatched")}
            {was === undefined ? null : (
              <span className="siphms-plan-was"> {t("was", { was })}</span>
            )}
          </li>
        ))}
      </ul>
    </Stack>
  );
}
