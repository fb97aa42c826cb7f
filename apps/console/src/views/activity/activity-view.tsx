import { Alert, Anchor, NativeSelect, Skeleton, Stack, Text, Title } from "@mantine/core";
import type { Activity } from "@siphms/api";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { formatDate } from "../../format.ts";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import "../parts/parts.css";
import "../privacy/privacy.css";
import { BehindFigure } from "./behind-figure.tsx";
import { Everybody } from "./everybody.tsx";
import { ReviewOfWeek } from "./review-form.tsx";
import { dayAfter } from "./stands-out.ts";
import { StandingOut, type Shown } from "./standing-out.tsx";
import { useActivity } from "./use-activity.ts";
import "./activity.css";

/** What everybody did in a week, what stands out in it, and that somebody has looked through it. */
export function ActivityView(): ReactElement {
  const { t } = useTranslation("oversight");
  const { t: common } = useTranslation();
  const [week, setWeek] = useState<string>();
  const [shown, setShown] = useState<Shown>();
  const activity = useActivity(week);
  if (activity.data !== undefined && shown !== undefined) {
    return (
      <BehindFigure week={activity.data.week} shown={shown} onBack={() => setShown(undefined)} />
    );
  }
  return (
    <Stack gap="md" maw={1200}>
      <Title order={1} size="h2">
        {t("activity.title")}
      </Title>
      <Text>{t("activity.intro")}</Text>
      <ProblemAlert error={activity.error} onRetry={() => void activity.refetch()} />
      {activity.isPending ? (
        <Skeleton height={320} className="siphms-late" aria-label={common("loading")} />
      ) : null}
      {activity.data === undefined ? null : (
        <Stack gap="lg" aria-busy={activity.isPlaceholderData}>
          <WeekChoice activity={activity.data} onChoose={setWeek} />
          <States activity={activity.data} />
          <StandingOut people={activity.data.people} onShow={setShown} />
          <Everybody people={activity.data.people} onShow={setShown} />
          <ReviewOfWeek key={activity.data.week} activity={activity.data} onReview={setWeek} />
        </Stack>
      )}
    </Stack>
  );
}

interface WeekChoiceProps {
  readonly activity: Activity;
  readonly onChoose: (week: string) => void;
}

function WeekChoice({ activity, onChoose }: WeekChoiceProps): ReactElement {
  const { t } = useTranslation("oversight");
  return (
    <NativeSelect
      label={t("activity.week")}
      description={t("activity.zone", { zone: activity.timeZone })}
      maw={460}
      data={activity.weeks.map(({ week, state }) => ({
        value: week,
        label: t("activity.weekOf", {
          from: formatDate(week),
          to: formatDate(dayAfter(week, 6)),
          state: t(`activity.states.${state}`),
        }),
      }))}
      value={activity.week}
      onChange={({ currentTarget }) => onChoose(currentTarget.value)}
    />
  );
}

function States({
  activity: { state, openReviews },
}: {
  readonly activity: Activity;
}): ReactElement {
  const { t } = useTranslation("oversight");
  return (
    <>
      {state === "running" ? <Alert role="status">{t("activity.running")}</Alert> : null}
      {state === "altered" ? (
        <Alert role="alert" variant="outline" color="var(--siphms-technical)">
          {t("activity.altered")}
        </Alert>
      ) : null}
      <Text size="sm">
        {openReviews === 0 ? (
          t("activity.noneOpen")
        ) : (
          <>
            <b className="siphms-warning">{t("activity.openReviews", { count: openReviews })}</b>{" "}
            <Anchor component={Link} to="/privacy/reviews" size="sm">
              {t("activity.toReviews")}
            </Anchor>
          </>
        )}
      </Text>
    </>
  );
}
