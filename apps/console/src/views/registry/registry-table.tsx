import { Anchor, Table, Text } from "@mantine/core";
import type { RegistryPatient } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { formatDate, formatTime } from "../../format.ts";
import { DeviceStateMark } from "../devices/device-state.tsx";
import { Age } from "../live-age.tsx";

function Phones({ patient }: { readonly patient: RegistryPatient }): ReactElement {
  const { t } = useTranslation("enrol");
  const { devices, invitedUntil } = patient;
  if (devices.length === 0 && invitedUntil === undefined) {
    return <Text size="sm">{t("registry.noDevices")}</Text>;
  }
  return (
    <>
      {devices.map((device) => (
        <div key={device.kid}>
          <bdi>{device.name}</bdi> <DeviceStateMark state={device.state} />{" "}
          {device.code === undefined ? null : t("registry.waiting")}
          {device.lastSeen === undefined ? null : <Age at={device.lastSeen} />}
        </div>
      ))}
      {invitedUntil === undefined ? null : (
        <Text size="sm">{t("registry.invited", { time: formatTime(invitedUntil) })}</Text>
      )}
    </>
  );
}

/** Props of {@link RegistryTable}. */
export interface RegistryTableProps {
  readonly patients: readonly RegistryPatient[];
}

/** Everybody who is registered; the name leads to the patient's phones. */
export function RegistryTable({ patients }: RegistryTableProps): ReactElement {
  const { t } = useTranslation("enrol");
  const { t: common } = useTranslation();
  return (
    <Table.ScrollContainer minWidth={760}>
      <Table verticalSpacing={6} highlightOnHover aria-label={t("registry.title")}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{common("patient")}</Table.Th>
            <Table.Th scope="col">{t("registry.devices")}</Table.Th>
            <Table.Th scope="col">{common("birthDate")}</Table.Th>
            <Table.Th scope="col">{common("doctor")}</Table.Th>
            <Table.Th scope="col">{t("registry.carers")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {patients.map((patient) => (
            <Table.Tr key={patient.id} className="siphms-row">
              <Table.Th scope="row">
                <Anchor
                  component={Link}
                  to={`/admin/patients?patient=${encodeURIComponent(patient.id)}`}
                  fw={600}
                  aria-label={t("registry.open", { name: patient.name })}
                >
                  {patient.name}
                </Anchor>
                <Text size="xs" c="dimmed">
                  <bdi>{patient.mrn}</bdi>
                </Text>
              </Table.Th>
              <Table.Td>
                <Phones patient={patient} />
              </Table.Td>
              <Table.Td>{formatDate(patient.birthDate)}</Table.Td>
              <Table.Td>{patient.doctor ?? "–"}</Table.Td>
              <Table.Td>
                {patient.carers === 0
                  ? t("registry.nobody")
                  : t("registry.carersCount", { count: patient.carers })}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
