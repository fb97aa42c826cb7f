import {
  Alert,
  Anchor,
  Group,
  Skeleton,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import type { LatestValue, PatientSummary } from "@siphms/api";
import type { KindName } from "@siphms/vitals";
import { memo, useContext, useDeferredValue, useMemo, useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { formatValue, yearsBetween } from "../format.ts";
import { StoreContext, usePatient, usePatientIds } from "../live/use-store.ts";
import { clinicalTime } from "./clinical-time.ts";
import { Age, useNow } from "./live-age.tsx";
import { LateMark, OriginMark, QuarantineMark, SourceBadge } from "./marks.tsx";

const COLUMNS: readonly KindName[] = [
  "heart-rate",
  "blood-pressure",
  "spo2",
  "respiratory-rate",
  "body-temperature",
];
/** Ages of a whole ward are told anew this often: more often costs time and tells nobody more. */
const LIST_TICK_MS = 5000;
/** A value older than this fades until a patient's own plan says how often to measure. */
const STALE_MS = 60 * 60_000;

interface CellProps {
  readonly latest: LatestValue | undefined;
  readonly clinicalNow: number;
}

/** The newest value of one kind with its unit, age and origin: never a number alone. */
function ValueCell({ latest, clinicalNow }: CellProps): ReactElement {
  const { t } = useTranslation();
  if (latest === undefined) {
    return (
      <Table.Td>
        <span className="siphms-age">{t("noValue")}</span>
      </Table.Td>
    );
  }
  const stale = clinicalNow - latest.at > STALE_MS;
  return (
    <Table.Td className={stale ? "siphms-stale" : undefined}>
      <span className="siphms-value" dir="ltr">
        {formatValue(latest.value)} <span className="siphms-unit">{latest.unit}</span>
      </span>
      <Group gap={6}>
        <Age at={latest.at} now={clinicalNow} />
        {latest.late ? <LateMark /> : null}
        <OriginMark origin={latest.origin} />
      </Group>
    </Table.Td>
  );
}

interface RowProps {
  readonly id: string;
  readonly now: number;
  readonly fetchedAt: number;
}

const Row = memo(function Row({ id, now, fetchedAt }: RowProps): ReactElement | null {
  const { t } = useTranslation();
  const patient = usePatient(id);
  if (patient === undefined) return null;
  const clinicalNow = clinicalTime(patient, fetchedAt, now);
  const latest = new Map(patient.latest.map((value) => [value.kind, value]));
  return (
    <Table.Tr className="siphms-row">
      <Table.Th scope="row">
        <Anchor component={Link} to={`/patients/${encodeURIComponent(id)}`} fw={600}>
          {patient.name}
        </Anchor>
        <Group gap={8}>
          <Text size="xs" c="dimmed">
            {t("age", { years: yearsBetween(patient.birthDate, now) })}, {t(`sex${patient.sex}`)} ·{" "}
            {patient.mrn}
          </Text>
          <SourceBadge patient={patient} />
        </Group>
      </Table.Th>
      {COLUMNS.map((kind) => (
        <ValueCell key={kind} latest={latest.get(kind)} clinicalNow={clinicalNow} />
      ))}
      <Table.Td>
        {patient.lastContact === null ? (
          <span className="siphms-age">{t("never")}</span>
        ) : (
          <Age at={patient.lastContact} now={now} />
        )}
        {patient.quarantinedSamples > 0 ? (
          <div>
            <QuarantineMark count={patient.quarantinedSamples} />
          </div>
        ) : null}
      </Table.Td>
    </Table.Tr>
  );
});

function matches(patient: PatientSummary | undefined, query: string): boolean {
  if (patient === undefined) return false;
  const words = `${patient.name} ${patient.mrn}`.toLocaleLowerCase();
  return words.includes(query.trim().toLocaleLowerCase());
}

interface PatientTableProps {
  readonly ids: readonly string[];
  readonly now: number;
  readonly fetchedAt: number;
}

function PatientTable({ ids, now, fetchedAt }: PatientTableProps): ReactElement {
  const { t } = useTranslation();
  return (
    <Table.ScrollContainer minWidth={900}>
      <Table verticalSpacing={6} highlightOnHover stickyHeader aria-label={t("patients")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{t("patient")}</Table.Th>
            {COLUMNS.map((kind) => (
              <Table.Th scope="col" key={kind}>
                {t(`kind.${kind}`)}
              </Table.Th>
            ))}
            <Table.Th scope="col">{t("lastContact")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {ids.map((id) => (
            <Row key={id} id={id} now={now} fetchedAt={fetchedAt} />
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** Props of {@link Worklist}. */
export interface WorklistProps {
  readonly loading: boolean;
  readonly fetchedAt: number;
}

/** Everybody in this person's care with their latest values, kept live. */
export function Worklist({ loading, fetchedAt }: WorklistProps): ReactElement {
  const { t } = useTranslation();
  const store = useContext(StoreContext);
  const ids = usePatientIds();
  const now = useNow(LIST_TICK_MS);
  const [query, setQuery] = useState("");
  const wanted = useDeferredValue(query);
  const shown = useMemo(
    () => ids.filter((id) => matches(store.patient(id), wanted)),
    [ids, store, wanted],
  );

  return (
    <Stack gap="sm">
      <Group justify="space-between" align="end">
        <Stack gap={0}>
          <Title order={1} size="h2">
            {t("patients")}
          </Title>
          <Text size="sm" c="dimmed" role="status">
            {loading ? t("loading") : t("patientCount", { count: shown.length })}
          </Text>
        </Stack>
        <TextInput
          type="search"
          label={t("search")}
          value={query}
          onChange={(event) => setQuery(event.currentTarget.value)}
          w={{ base: "100%", sm: 320 }}
          autoComplete="off"
        />
      </Group>
      {loading ? <Skeleton height={240} /> : null}
      {!loading && ids.length === 0 ? <Alert>{t("noPatients")}</Alert> : null}
      {!loading && ids.length > 0 && shown.length === 0 ? (
        <Alert>{t("noMatch", { query: wanted })}</Alert>
      ) : null}
      {shown.length > 0 ? <PatientTable ids={shown} now={now} fetchedAt={fetchedAt} /> : null}
    </Stack>
  );
}
