import { Alert, Button, Skeleton, Stack, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { ProblemAlert, type ProblemAlertProps } from "../parts/problem-alert.tsx";
import { Entry } from "./entry.tsx";
import { useFoundEntries, type Asked } from "./use-audit.ts";
import "./audit.css";

/** Props of {@link EntryList}. */
export interface EntryListProps {
  readonly asked: Asked;
  /** What problems mean here. */
  readonly words?: ProblemAlertProps["words"];
}

/** The entries that a question has found, more of them as somebody asks for more. */
export function EntryList({ asked, words = {} }: EntryListProps): ReactElement {
  const { t } = useTranslation("oversight");
  const { t: common } = useTranslation();
  const { entries, error, hasMore, isAsking, more, retry } = useFoundEntries(asked);
  if (entries === undefined) {
    return error === null ? (
      <Skeleton height={240} className="siphms-late" aria-label={common("loading")} />
    ) : (
      <ProblemAlert error={error} words={words} onRetry={retry} />
    );
  }
  if (entries.length === 0) return <Text role="status">{t("audit.none")}</Text>;
  return (
    <Stack gap="md">
      {entries.some(({ log }) => log.state === "altered") ? (
        <Alert role="alert" variant="outline" color="var(--siphms-technical)">
          {t("audit.alteredAlert")}
        </Alert>
      ) : null}
      <Text size="sm" role="status">
        {t("audit.found")} {hasMore ? "" : t("audit.end")}
      </Text>
      <ol className="siphms-entries" aria-label={t("audit.entries")}>
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ol>
      <ProblemAlert error={error} onRetry={retry} />
      {hasMore ? (
        <div>
          <Button variant="default" loading={isAsking} onClick={more}>
            {t("audit.older")}
          </Button>
        </div>
      ) : null}
    </Stack>
  );
}
