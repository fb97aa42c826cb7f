import { Alert, Button, Card, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatTime } from "../../format.ts";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { EnrolPhone } from "../register/enrol-phone.tsx";
import { DeviceCard, type ShownDevice } from "./device-card.tsx";
import "../parts/parts.css";
import { LostPhone } from "./lost-phone.tsx";
import { RevocableDevices } from "./revocable-devices.tsx";
import { useDevices } from "./use-devices.ts";

/** Props of {@link PatientDevices}. */
export interface PatientDevicesProps {
  /** The patient's. */
  readonly id: string;
}

/** A patient's phones: which count, connecting one, taking one's right away, and what to do when one is lost. */
export function PatientDevices({ id }: PatientDevicesProps): ReactElement {
  const { t } = useTranslation("enrol");
  const [isLost, setLost] = useState(false);
  const [revoked, setRevoked] = useState<string>();
  const answer = useDevices(id, false);
  if (answer.data === undefined) {
    if (answer.error === null) return <Skeleton height={240} className="siphms-late" />;
    return <ProblemAlert error={answer.error} onRetry={() => void answer.refetch()} />;
  }
  if (isLost) return <LostPhone answer={answer.data} onClose={() => setLost(false)} />;
  const { devices, invitedUntil } = answer.data;
  const standing = devices.filter(({ state }) => state === "active" || state === "pending");
  return (
    <Stack gap="lg">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h4">
            {t("devices.title")}
          </Title>
          <Button variant="default" onClick={() => setLost(true)}>
            {t("devices.lost")}
          </Button>
        </Group>
        {revoked === undefined ? null : (
          <Alert role="status">{t("devices.revoked", { name: revoked })}</Alert>
        )}
        {standing.length === 0 ? <Text>{t("devices.none")}</Text> : null}
        <RevocableDevices patient={id} devices={standing} onRevoked={setRevoked} />
      </Stack>
      <Card withBorder>
        <Stack gap="sm">
          <Title order={2} size="h4">
            {t("connect.title")}
          </Title>
          {invitedUntil === undefined ? null : (
            <Text size="sm" c="dimmed">
              {t("devices.invitedUntil", { time: formatTime(invitedUntil) })}
            </Text>
          )}
          <EnrolPhone patient={id} />
        </Stack>
      </Card>
      <Ended devices={devices} />
    </Stack>
  );
}

/** Phones that do not count any more: kept, since readings of theirs may be in the record. */
function Ended({ devices }: { readonly devices: readonly ShownDevice[] }): ReactElement | null {
  const { t } = useTranslation("enrol");
  const ended = devices.filter(({ state }) => state === "revoked" || state === "dropped");
  if (ended.length === 0) return null;
  return (
    <details>
      <summary>{t("devices.ended")}</summary>
      <ul className="siphms-cards">
        {ended.map((device) => (
          <DeviceCard key={device.kid} device={device} />
        ))}
      </ul>
    </details>
  );
}
