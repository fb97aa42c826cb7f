import { Alert, Button, Card, Code, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import "../parts/parts.css";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { FIRST_STEPS, stepsDone } from "./first-steps.ts";
import { useFirstRun } from "./use-first-run.ts";

/** What is missing before a patient's first reading can arrive, and how to do each of it. */
export function FirstRunView(): ReactElement {
  const { t } = useTranslation("system");
  const answer = useFirstRun(true);
  const done = answer.data === undefined ? undefined : stepsDone(answer.data);
  const open = FIRST_STEPS.filter(({ name }) => done?.[name] === false).length;
  return (
    <Stack gap="md" maw={760}>
      <Title order={1} size="h2">
        {t("start.title")}
      </Title>
      <Text>{t("start.intro")}</Text>
      <ProblemAlert error={answer.error} onRetry={() => void answer.refetch()} />
      {answer.isPending ? <Skeleton height={320} className="siphms-late" /> : null}
      {done === undefined ? null : (
        <>
          <Alert role="status">
            {open === 0 ? t("start.complete") : t("start.open", { count: open })}
          </Alert>
          <ol className="siphms-cards">
            {FIRST_STEPS.map((step) => (
              <Step key={step.name} step={step} isDone={done[step.name]} />
            ))}
          </ol>
        </>
      )}
    </Stack>
  );
}

interface StepProps {
  readonly step: (typeof FIRST_STEPS)[number];
  readonly isDone: boolean;
}

function Step({ step, isDone }: StepProps): ReactElement {
  const { t } = useTranslation("system");
  const { name, path } = step;
  return (
    <Card withBorder component="li" padding="sm">
      <Group justify="space-between" align="start">
        <Stack gap={4} flex="1 1 16rem">
          <Text fw={600}>
            <span aria-hidden="true">{isDone ? "✓" : "○"}</span> {t(`start.step.${name}`)}{" "}
            <Text component="span" size="sm" c="dimmed">
              ({t(isDone ? "start.done" : "start.toDo")})
            </Text>
          </Text>
          {isDone ? null : (
            <Text size="sm">
              {t(`start.help.${name}`)}{" "}
              {"command" in step ? <Code dir="ltr">{step.command}</Code> : null}
            </Text>
          )}
        </Stack>
        {isDone ? null : (
          <Button component={Link} to={path} variant="default" size="sm">
            {t(`start.act.${name}`)}
          </Button>
        )}
      </Group>
    </Card>
  );
}
