import { Skeleton, Stack, Text, Title } from "@mantine/core";
import { CONSOLE_PATHS, type AuditSearch } from "@siphms/api";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { EntryList } from "./entry-list.tsx";
import { SearchForm } from "./search-form.tsx";
import { useChoices, type Asked } from "./use-audit.ts";
import "./audit.css";

/** Searches the audit log by time, person, patient, event and outcome. */
export function AuditView(): ReactElement {
  const { t } = useTranslation("oversight");
  const { t: common } = useTranslation();
  const choices = useChoices();
  const [asked, setAsked] = useState<Asked>();
  const ask = (question: AuditSearch): void => {
    setAsked({ path: CONSOLE_PATHS.auditSearch, question, number: (asked?.number ?? 0) + 1 });
  };
  return (
    <Stack gap="md" maw={1200}>
      <Title order={1} size="h2">
        {t("audit.title")}
      </Title>
      <Text>{t("audit.intro")}</Text>
      <ProblemAlert error={choices.error} onRetry={() => void choices.refetch()} />
      {choices.isPending ? (
        <Skeleton height={180} className="siphms-late" aria-label={common("loading")} />
      ) : null}
      {choices.data === undefined ? null : <SearchForm choices={choices.data} onSearch={ask} />}
      {asked === undefined ? (
        <Text c="dimmed">{t("audit.ready")}</Text>
      ) : (
        <EntryList asked={asked} words={{ "not-found": t("audit.unknown") }} />
      )}
    </Stack>
  );
}
