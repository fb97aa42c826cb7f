import { Alert, Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { REASON_LENGTH, type Activity } from "@siphms/api";
import { useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { formatInstant } from "../../format.ts";
import { missingCharacters } from "../break-glass/missing-characters.ts";
import { Part } from "../parts/part.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { outstandingFigures } from "./stands-out.ts";
import { useReviewWeek } from "./use-activity.ts";

/** Props of {@link ReviewOfWeek}. */
export interface ReviewOfWeekProps {
  readonly activity: Activity;
  /** Told which week was to be closed. */
  readonly onReview: (week: string) => void;
}

/** What was written about a week, or the form that closes it. */
export function ReviewOfWeek({ activity, onReview }: ReviewOfWeekProps): ReactElement | null {
  const { t } = useTranslation("oversight");
  const review = useReviewWeek(onReview);
  if (activity.state === "running") return null;
  return (
    <Part title={t("activity.reviewTitle")}>
      <Text size="sm" role="status">
        {review.isSuccess && review.variables.week === activity.week ? t("activity.closed") : ""}
      </Text>
      <ProblemAlert error={review.error} words={{ conflict: t("activity.already") }} />
      {activity.review === undefined ? (
        <CloseForm
          isBusy={review.isPending}
          onClose={(note) => review.mutate({ week: activity.week, note })}
        />
      ) : (
        <Written activity={activity} review={activity.review} />
      )}
    </Part>
  );
}

function Written({
  activity,
  review,
}: Pick<ReviewOfWeekProps, "activity"> & {
  readonly review: NonNullable<Activity["review"]>;
}): ReactElement {
  const { t } = useTranslation("oversight");
  const now = activity.people.filter((person) => outstandingFigures(person).length > 0).length;
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {t("activity.reviewed", { time: formatInstant(review.at), name: review.by })}
      </Text>
      <Text className="siphms-said" dir="auto">
        {review.note}
      </Text>
      {now === review.standingOut ? null : (
        <Alert role="status">{t("activity.then", { count: review.standingOut })}</Alert>
      )}
    </Stack>
  );
}

interface CloseFormProps {
  readonly isBusy: boolean;
  readonly onClose: (note: string) => void;
}

function CloseForm({ isBusy, onClose }: CloseFormProps): ReactElement {
  const { t } = useTranslation("oversight");
  const [note, setNote] = useState("");
  const [isShort, setShort] = useState(false);
  const { min, max } = REASON_LENGTH;
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const isMissing = missingCharacters(note) > 0;
    setShort(isMissing);
    if (!isMissing) onClose(note.trim());
  };
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="sm">
        <Textarea
          label={t("activity.note")}
          description={t("activity.noteHelp", { min })}
          value={note}
          onChange={({ currentTarget }) => {
            setNote(currentTarget.value);
            setShort(false);
          }}
          error={isShort ? t("activity.noteShort", { min }) : undefined}
          maxLength={max}
          rows={3}
          dir="auto"
        />
        <Group gap="sm">
          <Button type="submit" loading={isBusy}>
            {t("activity.close")}
          </Button>
          <Text size="sm" c="dimmed">
            {t("activity.closeHelp")}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}
