import { Alert, Skeleton, Stack, Table, Text, Title } from "@mantine/core";
import { CONSOLE_PATHS, type SystemStatus } from "@siphms/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { callApi } from "../../client.ts";
import { formatInstant, quarantineReason } from "../../format.ts";
import { Fact, Facts } from "../parts/fact.tsx";
import { Part } from "../parts/part.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { SystemAlerts } from "../system-alerts/system-alerts.tsx";
import { CheckNow } from "./check-now.tsx";
import { formatBytes } from "./format-bytes.ts";
import { KeyList } from "./key-list.tsx";
import { refusalWords } from "./refusal-words.ts";

const REFRESH_MS = 10_000;

/** Whether everything works, what was counted and refused, the keys, and the check of what could have been altered. */
export function SystemView(): ReactElement {
  const { t } = useTranslation("system");
  const answer = useQuery({
    queryKey: ["system"],
    queryFn: ({ signal }) => callApi<SystemStatus>(CONSOLE_PATHS.system, { signal }),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Stack gap="lg" maw={860}>
      <Title order={1} size="h2">
        {t("health.title")}
      </Title>
      <SystemAlerts />
      <ProblemAlert error={answer.error} onRetry={() => void answer.refetch()} />
      {answer.isPending ? <Skeleton height={320} className="siphms-late" /> : null}
      {answer.data === undefined ? null : <Status status={answer.data} />}
    </Stack>
  );
}

interface StatusProps {
  readonly status: SystemStatus;
}

function Status({ status }: StatusProps): ReactElement {
  const { t } = useTranslation("system");
  return (
    <>
      <Health status={status} />
      <Part title={t("health.versions")}>
        <Facts>
          <Fact term={t("health.hospital")}>
            <bdi>{status.hospital.name}</bdi>
          </Fact>
          <Fact term={t("health.started")}>{formatInstant(status.started)}</Fact>
          <Fact term={t("health.version.siphms")}>{status.versions.siphms}</Fact>
          <Fact term={t("health.version.node")}>{status.versions.node}</Fact>
          <Fact term={t("health.version.database")}>{status.versions.database}</Fact>
        </Facts>
      </Part>
      <Part title={t("health.storage")}>
        <Facts>
          <Fact term={t("health.databaseSize")}>{formatBytes(status.storage.databaseBytes)}</Fact>
          <Fact term={t("health.free")}>
            {status.storage.freeBytes === undefined
              ? t("health.unknown")
              : formatBytes(status.storage.freeBytes)}
          </Fact>
        </Facts>
      </Part>
      <Counters status={status} />
      <Part title={t("health.refused")}>
        <Refused refused={status.counters.refused} />
      </Part>
      <Part title={t("health.keys")}>
        <KeyList keys={status.keys} />
      </Part>
      <Part title={t("health.check")}>
        <CheckNow last={status.lastCheck} />
      </Part>
    </>
  );
}

function Health({ status }: StatusProps): ReactElement {
  const { t } = useTranslation("system");
  const wordOf = (part: string) => t(`health.part.${part}`, { defaultValue: part });
  const parts = Object.entries(status.checks);
  const failing = parts.filter(([, ok]) => !ok).map(([part]) => wordOf(part));
  return (
    <Stack gap="xs">
      {failing.length === 0 ? (
        <Alert role="status">
          <span aria-hidden="true">✓</span> {t("health.fine")}
        </Alert>
      ) : (
        <Alert role="alert" color="var(--siphms-technical)" variant="outline">
          <span aria-hidden="true">✕</span>{" "}
          {t("health.failing", { count: failing.length, parts: failing.join(", ") })}
        </Alert>
      )}
      {status.demo ? <Text size="sm">{t("health.demo")}</Text> : null}
      <ul className="siphms-plain">
        {parts.map(([part, ok]) => (
          <li key={part}>
            <span aria-hidden="true">{ok ? "✓" : "✕"}</span> {wordOf(part)}:{" "}
            {t(ok ? "health.ok" : "health.notOk")}
          </li>
        ))}
      </ul>
    </Stack>
  );
}

function Counters({ status }: StatusProps): ReactElement {
  const { t } = useTranslation("system");
  const { t: common } = useTranslation();
  const { batches, stored, quarantined, quarantineReasons } = status.counters;
  const reasons = Object.entries(quarantineReasons).filter(([, count]) => count > 0);
  return (
    <Part title={t("health.counters")}>
      <Facts>
        <Fact term={t("health.batches")}>{batches}</Fact>
        <Fact term={t("health.stored")}>{stored}</Fact>
        <Fact term={t("health.quarantined")}>{quarantined}</Fact>
        {reasons.map(([reason, count]) => (
          <Fact key={reason} term={quarantineReason(common, reason)}>
            {count}
          </Fact>
        ))}
      </Facts>
    </Part>
  );
}

function Refused({ refused }: Pick<SystemStatus["counters"], "refused">): ReactElement {
  const { t } = useTranslation("system");
  const rows = Object.entries(refused).filter(([, count]) => count > 0);
  if (rows.length === 0) return <Text>{t("health.noneRefused")}</Text>;
  return (
    <>
      <Text size="sm">{t("health.refusedHelp")}</Text>
      <Table verticalSpacing={2} w="fit-content">
        <Table.Tbody>
          {rows.map(([reason, count]) => (
            <Table.Tr key={reason}>
              <Table.Th scope="row" fw={400}>
                {refusalWords(t, reason)}
              </Table.Th>
              <Table.Td>{t("health.refusedCount", { count })}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}
