import { Anchor, Button, Group, Paper, Radio, Stack, Text, Textarea } from "@mantine/core";
import {
  CONSOLE_PATHS,
  REASON_LENGTH,
  reviewVerdictSchema,
  type CloseReview,
  type Reviews,
  type ReviewVerdict,
} from "@siphms/api";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactElement, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError, callApi, hospitalNow } from "../../client.ts";
import { formatInstant } from "../../format.ts";
import { missingCharacters } from "../break-glass/missing-characters.ts";
import { ProblemAlert } from "../parts/problem-alert.tsx";

/** One access in an emergency. */
export type Review = Reviews["reviews"][number];

function Facts({
  review,
  children,
}: {
  readonly review: Review;
  readonly children: ReactNode;
}): ReactElement {
  const { t } = useTranslation("access");
  const { t: session } = useTranslation("session");
  const { staff, role, mrn, reason, began, expires } = review;
  const isRunning = hospitalNow() < expires;
  return (
    <Paper withBorder p="md" component="article">
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Text fw={600}>{t("reviews.who", { name: staff, role: session(`role.${role}`) })}</Text>
          <Text fw={600}>{t("reviews.of", { mrn })}</Text>
        </Group>
        <Text size="sm">
          {t("reviews.began", { time: formatInstant(began) })} ·{" "}
          {isRunning ? (
            <b className="siphms-warning">
              {t("reviews.running")} · {t("reviews.expires", { time: formatInstant(expires) })}
            </b>
          ) : (
            t("reviews.expired", { time: formatInstant(expires) })
          )}
        </Text>
        <div>
          <Text size="sm" c="dimmed">
            {t("reviews.reason")}
          </Text>
          <Text className="siphms-said" dir="auto">
            {reason}
          </Text>
        </div>
        {children}
      </Stack>
    </Paper>
  );
}

interface OpenReviewProps {
  readonly review: Review;
  readonly onChanged: () => void;
}

/** An access that nobody has judged yet, with the form that closes it. */
export function OpenReview({ review, onChanged }: OpenReviewProps): ReactElement {
  const { t } = useTranslation("access");
  return (
    <Facts review={review}>
      <Anchor
        component={Link}
        to="/privacy/access-log"
        state={{ mrn: review.mrn }}
        size="sm"
        aria-label={`${t("reviews.toLog")}: ${review.mrn}`}
      >
        {t("reviews.toLog")}
      </Anchor>
      <CloseForm review={review} onChanged={onChanged} />
    </Facts>
  );
}

function CloseForm({ review, onChanged }: OpenReviewProps): ReactElement {
  const { t } = useTranslation("access");
  const [verdict, setVerdict] = useState<ReviewVerdict>();
  const [note, setNote] = useState("");
  const [isJudged, setJudged] = useState(false);
  const close = useMutation({
    mutationFn: (body: CloseReview) => callApi(CONSOLE_PATHS.closeReview, { method: "POST", body }),
    onSuccess: onChanged,
    onError: (error) => {
      if (error instanceof ApiError && error.problem === "conflict") onChanged();
    },
  });
  const missing = missingCharacters(note);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setJudged(true);
    if (verdict !== undefined && missing === 0) {
      close.mutate({ id: review.id, verdict, note: note.trim() });
    }
  };
  const words = { "not-allowed": t("reviews.own"), conflict: t("reviews.already") };
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="sm">
        <Verdicts
          value={verdict}
          onChange={setVerdict}
          isMissing={isJudged && verdict === undefined}
        />
        <Textarea
          label={t("reviews.note")}
          description={t("reviews.noteHelp", { min: REASON_LENGTH.min })}
          maxLength={REASON_LENGTH.max}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          error={
            isJudged && missing > 0 ? t("emergency.reasonShort", { count: missing }) : undefined
          }
        />
        <ProblemAlert error={close.error} words={words} />
        <Group gap="sm">
          <Button type="submit" loading={close.isPending}>
            {t("reviews.close")}
          </Button>
          <Text size="sm" c="dimmed">
            {t("reviews.closeHelp")}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}

interface VerdictsProps {
  readonly value: ReviewVerdict | undefined;
  readonly onChange: (verdict: ReviewVerdict) => void;
  readonly isMissing: boolean;
}

function Verdicts({ value, onChange, isMissing }: VerdictsProps): ReactElement {
  const { t } = useTranslation("access");
  return (
    <Radio.Group
      label={t("reviews.verdict")}
      value={value ?? null}
      onChange={(chosen) => {
        const verdict = reviewVerdictSchema.enum.find((one) => one === chosen);
        if (verdict !== undefined) onChange(verdict);
      }}
      error={isMissing ? t("reviews.chooseVerdict") : undefined}
    >
      <Group gap="lg" mt={4}>
        {reviewVerdictSchema.enum.map((one) => (
          <Radio key={one} value={one} label={t(`reviews.${one}`)} />
        ))}
      </Group>
    </Radio.Group>
  );
}

/** An access that was judged: what was found, by whom, when and why. */
export function ClosedReview({ review }: { readonly review: Review }): ReactElement {
  const { t } = useTranslation("access");
  const { closed } = review;
  return (
    <Facts review={review}>
      {closed === undefined ? null : (
        <div>
          <Text size="sm" c="dimmed">
            {t("reviews.closedBy", { time: formatInstant(closed.at), name: closed.by })}
          </Text>
          <Text>
            <b className={closed.verdict === "not-justified" ? "siphms-warning" : undefined}>
              {t(`reviews.${closed.verdict}`)}
            </b>
          </Text>
          <Text className="siphms-said" dir="auto">
            {closed.note}
          </Text>
        </div>
      )}
    </Facts>
  );
}
