import { Button, Card, Group, Stack, Text } from "@mantine/core";
import type { DeviceSensor, PatientDevices } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatInstant } from "../../format.ts";
import { Age } from "../live-age.tsx";
import { Fact, Facts } from "../parts/fact.tsx";
import { DeviceStateMark } from "./device-state.tsx";

/** Below this a sensor should be charged before it falls silent. */
const LOW_BATTERY_PERCENT = 20;

/** One phone with what is known of it. */
export type ShownDevice = PatientDevices["devices"][number];

function Sensor({ sensor }: { readonly sensor: DeviceSensor }): ReactElement {
  const { t } = useTranslation("enrol");
  const percent = sensor.batteryPercent;
  if (percent === undefined) return <li>{sensor.name}</li>;
  const isLow = percent < LOW_BATTERY_PERCENT;
  return (
    <li>
      {sensor.name},{" "}
      <span className={isLow ? "siphms-lost" : undefined}>
        {isLow ? <span aria-hidden="true">▲ </span> : null}
        {t(isLow ? "devices.lowBattery" : "devices.battery", { percent })}
      </span>
    </li>
  );
}

/** Props of {@link DeviceCard}. */
export interface DeviceCardProps {
  readonly device: ShownDevice;
  /** Absent where nothing can be revoked. */
  readonly onRevoke?: (device: ShownDevice) => void;
}

/** One phone: whether it counts, since when, by whose word, when it was last seen, and its sensors. */
export function DeviceCard({ device, onRevoke }: DeviceCardProps): ReactElement {
  const { t } = useTranslation("enrol");
  const { confirmed, ended, lastSeen, sensors = [] } = device;
  return (
    <Card withBorder component="li">
      <Stack gap="xs">
        <Group justify="space-between">
          <Group gap="sm">
            <Text fw={600} dir="auto">
              {device.name}
            </Text>
            <DeviceStateMark state={device.state} />
          </Group>
          {onRevoke === undefined ? null : (
            <Button variant="default" size="sm" onClick={() => onRevoke(device)}>
              {t("devices.revoke")}
            </Button>
          )}
        </Group>
        <Facts>
          <Fact term={t("devices.enrolled")}>{formatInstant(device.enrolled)}</Fact>
          {confirmed === undefined ? null : (
            <Fact term={t("devices.confirmed")}>
              {t("devices.confirmedBy", {
                when: formatInstant(confirmed.at),
                name: confirmed.by,
              })}
            </Fact>
          )}
          {ended === undefined ? null : (
            <Fact term={t("devices.endedAt")}>{formatInstant(ended)}</Fact>
          )}
          <Fact term={t("devices.lastSeen")}>
            {lastSeen === undefined ? t("devices.neverSeen") : <Age at={lastSeen} />}
          </Fact>
          {sensors.length === 0 ? null : (
            <Fact term={t("devices.sensors")}>
              <ul className="siphms-plain">
                {sensors.map((sensor) => (
                  <Sensor key={sensor.name} sensor={sensor} />
                ))}
              </ul>
            </Fact>
          )}
        </Facts>
      </Stack>
    </Card>
  );
}
