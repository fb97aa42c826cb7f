import { Alert, Card, Code, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { CONSOLE_PATHS, type Gateways, type GatewayStatus } from "@siphms/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { callApi } from "../../client.ts";
import { formatInstant } from "../../format.ts";
import { Age } from "../live-age.tsx";
import { Fact, Facts } from "../parts/fact.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";

const REFRESH_MS = 5000;

/** The gateways by which phones reach the hospital, and whether they do. */
export function GatewaysView(): ReactElement {
  const { t } = useTranslation("system");
  const answer = useQuery({
    queryKey: ["gateways"],
    queryFn: ({ signal }) => callApi<Gateways>(CONSOLE_PATHS.gateways, { signal }),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Stack gap="md" maw={860}>
      <Title order={1} size="h2">
        {t("gateways.title")}
      </Title>
      <Text maw={720}>{t("gateways.intro")}</Text>
      <ProblemAlert error={answer.error} onRetry={() => void answer.refetch()} />
      {answer.isPending ? <Skeleton height={160} className="siphms-late" /> : null}
      {answer.data?.gateways.length === 0 ? <NoGateway /> : null}
      <ul className="siphms-cards">
        {answer.data?.gateways.map((gateway) => (
          <Gateway key={gateway.url} gateway={gateway} />
        ))}
      </ul>
      <Text size="sm" c="dimmed">
        {t("gateways.queue")}
      </Text>
    </Stack>
  );
}

function NoGateway(): ReactElement {
  const { t } = useTranslation("system");
  return (
    <Alert role="status">
      {t("gateways.none")} {t("gateways.noneHelp")} <Code dir="ltr">siphms config</Code>
    </Alert>
  );
}

function Gateway({ gateway }: { readonly gateway: GatewayStatus }): ReactElement {
  const { t } = useTranslation("system");
  const isAway = gateway.state === "away";
  return (
    <Card withBorder component="li">
      <Stack gap="xs">
        <Group justify="space-between">
          <Text fw={600}>
            <bdi>{gateway.url}</bdi>
          </Text>
          <span className={isAway ? "siphms-bad" : "siphms-mark"}>
            <span aria-hidden="true">{isAway ? "○" : "●"}</span>{" "}
            {t(`gateways.state.${gateway.state}`, { time: formatInstant(gateway.since) })}
          </span>
        </Group>
        <Facts>
          <Fact term={t("gateways.lastContact")}>
            {gateway.lastContact === undefined ? (
              t("gateways.neverContact")
            ) : (
              <Age at={gateway.lastContact} />
            )}
          </Fact>
          <Fact term={t("gateways.sessions")}>{gateway.sessions}</Fact>
        </Facts>
        {isAway ? (
          <Text size="sm">
            {t("gateways.awayHelp")} <Code dir="ltr">curl {gateway.url}/v1/health</Code>
          </Text>
        ) : null}
      </Stack>
    </Card>
  );
}
