import { Anchor, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { formatInstant } from "../../format.ts";
import { RetryAlert } from "../patient/retry-alert.tsx";
import type { usePlan } from "./use-plan.ts";

/** The note's id: each chart with limits is described by it. */
export const LIMITS_NOTE_ID = "siphms-limits-note";

/** Props of {@link LimitsNote}. */
export interface LimitsNoteProps {
  readonly plan: ReturnType<typeof usePlan>;
}

/** Says what the dashed lines in the charts are, who set them and why; or that there are none because they are not known. */
export function LimitsNote({ plan }: LimitsNoteProps): ReactElement | null {
  const { t } = useTranslation("plan");
  const { data, error, refetch } = plan;
  if (data === undefined) {
    return error === null ? null : (
      <>
        <Text size="sm">{t("inChart.failed")}</Text>
        <RetryAlert error={error} onRetry={() => void refetch()} />
      </>
    );
  }
  const { altered, setBy = "", setAt, version, reason, rules } = data;
  return (
    <Text size="sm" id={LIMITS_NOTE_ID}>
      {t("inChart.key")}{" "}
      {altered === true ? (
        <span className="siphms-warning">{t("altered")}.</span>
      ) : setAt === undefined ? (
        t("nobodySet", { template: t(`templates.${rules.template}`) })
      ) : (
        <>
          {t("setBy", { name: setBy, when: formatInstant(setAt), version })}: <bdi>{reason}</bdi>
        </>
      )}{" "}
      <Anchor
        component={Link}
        to="?tab=plan"
        size="sm"
        underline="always"
        className="siphms-no-print"
      >
        {t("inChart.open")}
      </Anchor>
    </Text>
  );
}
