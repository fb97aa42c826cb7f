import { Button, Group, Skeleton, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { CONSOLE_PATHS, TEXT_LIMITS, type AccessLog as Log } from "@siphms/api";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { callApi } from "../../client.ts";
import { formatInstant } from "../../format.ts";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import "./privacy.css";

type Entry = Log["entries"][number];

/** Who looked into one patient's record, when, and why. */
export function AccessLog(): ReactElement {
  const { t } = useTranslation("access");
  const given = mrnIn(useLocation().state);
  const [typed, setTyped] = useState(given);
  const [mrn, setMrn] = useState(given);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    setMrn(typed.trim());
  };
  return (
    <Stack gap="md">
      <Title order={1} size="h2">
        {t("accessLog.title")}
      </Title>
      <Text>{t("accessLog.intro")}</Text>
      <form onSubmit={submit}>
        <Group gap="xs" align="end">
          <TextInput
            label={t("accessLog.mrn")}
            maxLength={TEXT_LIMITS.mrn}
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Button type="submit">{t("accessLog.show")}</Button>
        </Group>
      </form>
      {mrn === "" ? null : <Found mrn={mrn} />}
    </Stack>
  );
}

/** Handed over within the page: a record number stands in no address. */
function mrnIn(state: unknown): string {
  if (typeof state !== "object" || state === null || !("mrn" in state)) return "";
  return typeof state.mrn === "string" ? state.mrn : "";
}

function Found({ mrn }: { readonly mrn: string }): ReactElement {
  const { t } = useTranslation("access");
  const { t: common } = useTranslation();
  const log = useQuery({
    queryKey: ["access-log", mrn],
    queryFn: ({ signal }) =>
      // A question, although it is posted so that the number stands in no address.
      callApi<Log>(CONSOLE_PATHS.accessLog, {
        ...{ method: "POST", body: { mrn }, signal, background: true },
      }),
    gcTime: 0,
  });
  if (log.data === undefined) {
    return log.isError ? (
      <ProblemAlert error={log.error} words={{ "not-found": t("accessLog.unknown") }} />
    ) : (
      <Skeleton height={240} aria-label={common("loading")} />
    );
  }
  const { entries } = log.data;
  if (entries.length === 0) return <Text role="status">{t("accessLog.none")}</Text>;
  return (
    <>
      <Text size="sm" role="status">
        {t("accessLog.newest")}
      </Text>
      <div className="siphms-scroll" role="region" aria-label={t("accessLog.title")} tabIndex={0}>
        <Table miw={640}>
          <Table.Thead>
            <Table.Tr>
              {(["at", "who", "event", "what", "purpose"] as const).map((name) => (
                <Table.Th key={name}>{t(`accessLog.${name}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {entries.map((entry, index) => (
              <Row key={`${entry.at} ${index}`} entry={entry} />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  );
}

function Row({ entry }: { readonly entry: Entry }): ReactElement {
  const { t } = useTranslation("access");
  const { at, who, event, what, purpose } = entry;
  return (
    <Table.Tr>
      <Table.Td>{formatInstant(at)}</Table.Td>
      <Table.Td>
        <bdi>{who === "operator" ? t("accessLog.operator") : who}</bdi>
      </Table.Td>
      <Table.Td className={event === "looked" ? undefined : "siphms-warning"}>
        {t(`accessLog.events.${event}`)}
      </Table.Td>
      {/* A refused address is named as it is: it has no word. Opening a record shows nothing yet. */}
      <Table.Td>
        {event === "break-glass" ? null : (
          <bdi>{t(`accessLog.kinds.${what}`, { defaultValue: what })}</bdi>
        )}
      </Table.Td>
      <Table.Td>{purpose === undefined ? null : t(`accessLog.purposes.${purpose}`)}</Table.Td>
    </Table.Tr>
  );
}
