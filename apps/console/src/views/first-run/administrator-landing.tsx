import { Skeleton } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Navigate } from "react-router";
import { FIRST_STEPS, stepsDone } from "./first-steps.ts";
import { useFirstRun } from "./use-first-run.ts";

/** Where an administrator's work begins: at the first steps while one of them is open, else with the people. */
export function AdministratorLanding(): ReactElement {
  const { t } = useTranslation();
  const { data, isPending } = useFirstRun(false);
  if (isPending) return <Skeleton height={240} className="siphms-late" aria-label={t("loading")} />;
  const isComplete = data === undefined || FIRST_STEPS.every(({ name }) => stepsDone(data)[name]);
  return <Navigate to={isComplete ? "/admin/people" : "/admin/start"} replace />;
}
