import {
  Alert,
  Anchor,
  Button,
  Group,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { CONSOLE_PATHS, type Registry, type RegistryPatient } from "@siphms/api";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { callApi } from "../../client.ts";
import { formatDate } from "../../format.ts";
import { PatientDevices } from "../devices/patient-devices.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { RegistryTable } from "./registry-table.tsx";

/** How often the page looks again: phones connect while it is open. */
const REFRESH_MS = 10_000;

/** Who is registered and with which phones, without a reading; and one patient's phones (`?patient=`). */
export function RegistryView(): ReactElement {
  const { t } = useTranslation("enrol");
  const [search] = useSearchParams();
  const chosen = search.get("patient");
  const registry = useQuery({
    queryKey: ["registry"],
    queryFn: ({ signal }) => callApi<Registry>(CONSOLE_PATHS.registry, { signal }),
    refetchInterval: REFRESH_MS,
  });
  if (registry.data === undefined) {
    return (
      <Stack>
        <Title order={1} size="h2">
          {t("registry.title")}
        </Title>
        {registry.error === null ? (
          <Skeleton height={240} className="siphms-late" />
        ) : (
          <ProblemAlert error={registry.error} onRetry={() => void registry.refetch()} />
        )}
      </Stack>
    );
  }
  const { patients } = registry.data;
  const patient = patients.find(({ id }) => id === chosen);
  if (patient !== undefined) return <OnePatient patient={patient} />;
  return <Everybody patients={patients} />;
}

function OnePatient({ patient }: { readonly patient: RegistryPatient }): ReactElement {
  const { t } = useTranslation("enrol");
  const { t: common } = useTranslation();
  return (
    <Stack gap="md" maw={860}>
      <Group justify="space-between">
        <Title order={1} size="h2">
          {patient.name}
        </Title>
        <Anchor component={Link} to="/admin/patients">
          {t("registry.back")}
        </Anchor>
      </Group>
      <Text c="dimmed">
        {common("birthDate")} {formatDate(patient.birthDate)} · {common("mrn")}{" "}
        <bdi>{patient.mrn}</bdi>
      </Text>
      <PatientDevices id={patient.id} />
    </Stack>
  );
}

function Everybody({ patients }: { readonly patients: readonly RegistryPatient[] }): ReactElement {
  const { t } = useTranslation("enrol");
  const [query, setQuery] = useState("");
  const wanted = query.trim().toLocaleLowerCase();
  const shown = patients.filter(({ name, mrn }) =>
    `${name} ${mrn}`.toLocaleLowerCase().includes(wanted),
  );
  return (
    <Stack gap="sm">
      <Group justify="space-between" align="end">
        <Stack gap={0}>
          <Title order={1} size="h2">
            {t("registry.title")}
          </Title>
          <Text size="sm" c="dimmed" role="status">
            {t("registry.count", { count: shown.length })}
          </Text>
        </Stack>
        <Group align="end">
          <TextInput
            type="search"
            label={t("registry.search")}
            value={query}
            onChange={({ currentTarget }) => setQuery(currentTarget.value)}
            autoComplete="off"
            w={{ base: "100%", xs: 260 }}
          />
          <Button component={Link} to="/register">
            {t("registry.register")}
          </Button>
        </Group>
      </Group>
      <Text size="sm">{t("registry.intro")}</Text>
      {patients.length === 0 ? <Alert>{t("registry.none")}</Alert> : null}
      {patients.length > 0 && shown.length === 0 ? (
        <Alert>{t("registry.noMatch", { query })}</Alert>
      ) : null}
      {shown.length > 0 ? <RegistryTable patients={shown} /> : null}
    </Stack>
  );
}
