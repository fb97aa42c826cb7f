import { Alert, Button, Group } from "@mantine/core";
import type { ProblemName } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../client.ts";

/** Props of {@link ProblemAlert}. */
export interface ProblemAlertProps {
  /** What an act or a question ended in; `null` shows nothing, nor does an act that the person gave up. */
  readonly error: Error | null;
  /** What a problem means here, in place of what it means in general. */
  readonly words?: Partial<Record<ProblemName, string>>;
  readonly onRetry?: () => void;
}

/** Says what went wrong, what it means and what to do. */
export function ProblemAlert({
  error,
  words = {},
  onRetry,
}: ProblemAlertProps): ReactElement | null {
  const { t } = useTranslation();
  const { t: inShell } = useTranslation("shell");
  const { t: inEmergency } = useTranslation("emergency");
  const problem = error instanceof ApiError ? error.problem : undefined;
  if (error === null || problem === "step-up-required") return null;
  const own = problem === undefined ? undefined : words[problem];
  return (
    <Alert role="alert" color="var(--siphms-technical)" variant="outline">
      <Group justify="space-between">
        <span>{own ?? generalWords(error)}</span>
        {onRetry === undefined ? null : (
          <Button variant="default" size="sm" onClick={onRetry}>
            {t("error.retry")}
          </Button>
        )}
      </Group>
    </Alert>
  );

  function generalWords(failure: Error): string {
    if (!(failure instanceof ApiError)) return inShell("problem.page");
    if (failure.status === 0) return inShell("problem.network");
    if (failure.problem === "not-found") return t("error.notFound");
    if (failure.problem === "not-allowed") return inShell("problem.notAllowed");
    if (failure.problem === "emergency-mode") return inEmergency("refused");
    if (failure.problem === "not-recorded") return inEmergency("notRecorded");
    return t("error.unexpected", { title: failure.title, detail: failure.detail });
  }
}
