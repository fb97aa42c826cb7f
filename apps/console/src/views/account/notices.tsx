import { Badge, Button, Group, Skeleton, Text } from "@mantine/core";
import { CONSOLE_PATHS, type StaffNotices } from "@siphms/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { callApi } from "../../client.ts";
import { formatInstant } from "../../format.ts";
import { NOTICES_KEY, useNotices } from "../../session/notices-badge.tsx";
import { Part } from "../parts/part.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";

/** What happened to the own account, so that nothing happens to it unnoticed. */
export function Notices(): ReactElement {
  const { t } = useTranslation("session");
  const { t: common } = useTranslation();
  const notices = useNotices();
  return (
    <Part title={t("account.noticesTitle")}>
      {notices.isError ? (
        <ProblemAlert error={notices.error} onRetry={() => void notices.refetch()} />
      ) : null}
      {notices.isPending ? <Skeleton height={60} aria-label={common("loading")} /> : null}
      {notices.data === undefined ? null : <List notices={notices.data.notices} />}
    </Part>
  );
}

function List({ notices }: StaffNotices): ReactElement {
  const { t } = useTranslation("session");
  const queries = useQueryClient();
  const read = useMutation({
    mutationFn: (upTo: string) =>
      callApi(CONSOLE_PATHS.seenStaffNotices, { method: "POST", body: { upTo } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: NOTICES_KEY }),
  });
  const [newest] = notices;
  if (newest === undefined) return <Text size="sm">{t("account.noNotices")}</Text>;
  return (
    <>
      <ul className="siphms-plain-list">
        {notices.map(({ id, at, kind, seen }) => (
          <li key={id}>
            <Group gap="xs" align="baseline">
              {seen ? null : (
                <Badge variant="outline" color="var(--siphms-pending)" className="siphms-badge">
                  {t("account.new")}
                </Badge>
              )}
              <span>{t(`notice.${kind}`, { defaultValue: kind })}</span>
              <Text component="time" size="sm" c="dimmed" dateTime={new Date(at).toISOString()}>
                {formatInstant(at)}
              </Text>
            </Group>
          </li>
        ))}
      </ul>
      {notices.every(({ seen }) => seen) ? null : (
        <>
          <Text size="sm">{t("account.notYou")}</Text>
          <div>
            <Button
              variant="default"
              loading={read.isPending}
              onClick={() => read.mutate(newest.id)}
            >
              {t("account.read")}
            </Button>
          </div>
        </>
      )}
      <ProblemAlert error={read.error} />
    </>
  );
}
