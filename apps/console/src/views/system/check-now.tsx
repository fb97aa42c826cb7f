import { Alert, Button, Stack, Text } from "@mantine/core";
import { CONSOLE_PATHS, type RanCheck } from "@siphms/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { callApi } from "../../client.ts";
import { formatInstant } from "../../format.ts";
import { ProblemAlert } from "../parts/problem-alert.tsx";

/** Runs the sweep of everything that could have been altered, and says what it found. */
export function CheckNow({ last }: { readonly last: RanCheck | null }): ReactElement {
  const { t } = useTranslation("system");
  const queries = useQueryClient();
  const check = useMutation({
    mutationFn: () => callApi<RanCheck>(CONSOLE_PATHS.systemCheck, { method: "POST", body: {} }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["system"] }),
  });
  const ran = check.data ?? last;
  return (
    <Stack gap="sm" align="start">
      <Text size="sm">{t("health.checkHelp")}</Text>
      {ran === null ? <Text>{t("health.checkNever")}</Text> : <Outcome ran={ran} />}
      <ProblemAlert error={check.error} />
      <Button variant="default" loading={check.isPending} onClick={() => check.mutate()}>
        {t("health.checkRun")}
      </Button>
    </Stack>
  );
}

function Outcome({ ran }: { readonly ran: RanCheck }): ReactElement {
  const { t } = useTranslation("system");
  const when = formatInstant(ran.at);
  const { findings, notes = [], swept } = ran.report;
  if (findings.length === 0) {
    const count = Object.values(swept).reduce((sum, one) => sum + one, 0);
    return (
      <Alert role="status">
        <span aria-hidden="true">✓</span> {t("health.checkGood", { when, count })}
        <Notes notes={notes} />
      </Alert>
    );
  }
  return (
    <Alert role="alert" color="var(--siphms-technical)" variant="outline">
      <span aria-hidden="true">✕</span> {t("health.checkBad", { when, count: findings.length })}
      <Lines of={findings} />
      <Notes notes={notes} />
    </Alert>
  );
}

type Findings = RanCheck["report"]["findings"];

function Notes({ notes }: { readonly notes: Findings }): ReactElement | null {
  const { t } = useTranslation("system");
  if (notes.length === 0) return null;
  return (
    <>
      <Text size="sm" mt="xs">
        {t("health.checkNotes")}
      </Text>
      <Lines of={notes} />
    </>
  );
}

/** The hospital's own words are English, whatever the language of the page. */
function Lines({ of: lines }: { readonly of: Findings }): ReactElement {
  return (
    <ul dir="ltr" lang="en">
      {lines.map(({ check, subject, detail }) => (
        <li key={`${check} ${subject} ${detail}`}>
          {check}: {subject}: {detail}
        </li>
      ))}
    </ul>
  );
}
