import { Alert, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { PatientPlan as Plan } from "@siphms/api";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatInstant } from "../../format.ts";
import { useSignedIn } from "../../session/session.ts";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { PlanEditor } from "./plan-editor.tsx";
import { PlanVersions } from "./plan-history.tsx";
import { PlanSummary } from "./plan-summary.tsx";
import "./plan.css";
import { usePlace } from "./use-place.ts";
import { usePlan } from "./use-plan.ts";

/** Props of {@link PatientPlan}. */
export interface PatientPlanProps {
  /** The patient's. */
  readonly id: string;
}

/** What is watched about a patient, who set it, when and why; doctors change it. */
export function PatientPlan({ id }: PatientPlanProps): ReactElement {
  const plan = usePlan(id);
  if (plan.data === undefined) {
    if (plan.error === null) return <Skeleton height={320} className="siphms-late" />;
    return <ProblemAlert error={plan.error} onRetry={() => void plan.refetch()} />;
  }
  return <KnownPlan patient={id} plan={plan.data} />;
}

interface KnownPlanProps {
  readonly patient: string;
  readonly plan: Plan;
}

function KnownPlan({ patient, plan }: KnownPlanProps): ReactElement {
  const { t } = useTranslation("plan");
  // What is edited is what stood there when it was begun: what somebody else sets meanwhile is a conflict, not a surprise.
  const [edited, setEdited] = useState<Plan>();
  const [isSet, setSet] = useState(false);
  const isDoctor = useSignedIn().staff.role === "doctor";
  const place = usePlace();
  // The button that was pressed goes with what it opens or ends, and what comes begins above.
  const turnTo = (next: Plan | undefined): void => {
    place.take();
    scrollTo({ top: 0 });
    setEdited(next);
  };
  return (
    <Stack gap="lg" maw={960} ref={place.ref} tabIndex={-1} className="siphms-plan-place">
      <Group justify="space-between">
        <Title order={2} size="h4">
          {t("title")}
        </Title>
        {isDoctor && edited === undefined ? (
          <Button
            onClick={() => {
              setSet(false);
              turnTo(plan);
            }}
          >
            {t("edit")}
          </Button>
        ) : null}
      </Group>
      <Text>{t("intro")}</Text>
      {isDoctor ? null : <Alert variant="light">{t("nurse")}</Alert>}
      {isSet ? <Alert role="status">{t("done")}</Alert> : null}
      {edited === undefined ? (
        <>
          <WhoSet plan={plan} />
          <PlanSummary rules={plan.rules} />
          <PlanVersions patient={patient} />
        </>
      ) : (
        <PlanEditor
          patient={patient}
          plan={edited}
          onClose={() => turnTo(undefined)}
          onSet={() => {
            turnTo(undefined);
            setSet(true);
          }}
        />
      )}
    </Stack>
  );
}

function WhoSet({ plan }: Pick<KnownPlanProps, "plan">): ReactElement {
  const { t } = useTranslation("plan");
  const { version, setBy = "", setAt, reason, altered, rules } = plan;
  const template = t(`templates.${rules.template}`);
  if (altered === true) {
    return (
      <Alert role="alert" variant="outline" color="var(--siphms-technical)" title={t("altered")}>
        {t("alteredHelp")}
      </Alert>
    );
  }
  if (setAt === undefined)
    return <Text data-testid="plan-set">{t("nobodySet", { template })}</Text>;
  return (
    <div data-testid="plan-set">
      <Text>{t("setBy", { name: setBy, when: formatInstant(setAt), version })}</Text>
      <Text>
        {t("reason")}: <bdi>{reason}</bdi>
      </Text>
      <Text size="sm" c="dimmed">
        {t("begunFrom", { template })}
      </Text>
    </div>
  );
}
