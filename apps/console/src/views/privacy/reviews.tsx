import { Alert, Skeleton, Stack, Text, Title } from "@mantine/core";
import { CONSOLE_PATHS, type Reviews as Listed } from "@siphms/api";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { callApi } from "../../client.ts";
import { openLiveStream } from "../../live/live-stream.ts";
import type { Connection } from "../../live/patient-store.ts";
import { useSession } from "../../session/session.ts";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { ClosedReview, OpenReview } from "./review.tsx";
import "./privacy.css";

const REVIEWS_KEY = ["reviews"] as const;

/** Each access in an emergency, as soon as it happens, until somebody else has found whether it was justified. */
export function Reviews(): ReactElement {
  const { t } = useTranslation("access");
  const { t: common } = useTranslation();
  const connection = useLiveReviews();
  const reviews = useQuery({
    queryKey: REVIEWS_KEY,
    queryFn: ({ signal }) => callApi<Listed>(CONSOLE_PATHS.reviews, { signal }),
  });
  return (
    <Stack gap="md" maw={820}>
      <Title order={1} size="h2">
        {t("reviews.title")}
      </Title>
      <Text>{t("reviews.intro")}</Text>
      <Text
        size="sm"
        role="status"
        className={connection === "lost" ? "siphms-lost" : "siphms-notice"}
      >
        {connection === "lost" ? t("reviews.notLive") : t("reviews.live")}
      </Text>
      {reviews.isError ? (
        <ProblemAlert error={reviews.error} onRetry={() => void reviews.refetch()} />
      ) : null}
      {reviews.isPending ? <Skeleton height={240} aria-label={common("loading")} /> : null}
      {reviews.data === undefined ? null : <Lists {...reviews.data} />}
    </Stack>
  );
}

function Lists({ reviews, altered }: Listed): ReactElement {
  const { t } = useTranslation("access");
  const queries = useQueryClient();
  const open = reviews.filter(({ closed }) => closed === undefined);
  const closed = reviews.filter((review) => review.closed !== undefined);
  const changed = (): void => void queries.invalidateQueries({ queryKey: REVIEWS_KEY });
  return (
    <>
      {altered > 0 ? (
        <Alert role="alert" color="red">
          {t("reviews.altered", { count: altered })}
        </Alert>
      ) : null}
      <Title order={2} size="h4" aria-live="polite">
        {open.length === 0 ? t("reviews.noneOpen") : t("reviews.open", { count: open.length })}
      </Title>
      {open.map((review) => (
        <OpenReview key={review.id} review={review} onChanged={changed} />
      ))}
      {closed.length === 0 ? null : (
        <Title order={2} size="h4">
          {t("reviews.closedTitle")}
        </Title>
      )}
      {closed.map((review) => (
        <ClosedReview key={review.id} review={review} />
      ))}
    </>
  );
}

/** Keeps the list as it is at the hospital, for as long as somebody looks at it. */
function useLiveReviews(): Connection {
  const queries = useQueryClient();
  const { store } = useSession();
  const [connection, setConnection] = useState<Connection>("connecting");
  useEffect(() => {
    const reload = (): void => void queries.invalidateQueries({ queryKey: REVIEWS_KEY });
    return openLiveStream(
      { setConnection, apply: () => undefined, applyStand: () => undefined },
      { onReload: reload, onBreakGlass: reload, onSessionEnded: () => void store.ask() },
    );
  }, [queries, store]);
  return connection;
}
