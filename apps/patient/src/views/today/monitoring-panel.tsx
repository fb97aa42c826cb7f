import { Button, NativeSelect, Stack, Text, Title } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useMonitoringUntil } from "../../app/device-store.ts";
import { useOpenApp } from "../../app/open-app-context.ts";
import { useFormats } from "../parts/use-formats.ts";

const CHOICES = [1, 2, 4, 8] as const;

/** Starts and stops monitoring: the sensors go on while the app is locked. Not where the browser has no sensors. */
export function MonitoringPanel(): ReactElement | null {
  const { t } = useTranslation("today");
  const { monitoring, sensors } = useOpenApp();
  const until = useMonitoringUntil();
  const [hours, setHours] = useState<number>(CHOICES[1]);
  const formats = useFormats();
  if (sensors === undefined) return null;
  return (
    <Stack gap="xs" component="section" aria-label={t("monitoring.title")} className="siphms-card">
      <Title order={2} size="h4">
        {until === undefined
          ? t("monitoring.title")
          : t("monitoring.until", { time: formats.time(until) })}
      </Title>
      <Text size="sm">{t("monitoring.help")}</Text>
      {until === undefined ? (
        <>
          <NativeSelect
            label={t("monitoring.howLong")}
            value={String(hours)}
            onChange={(event) => setHours(Number(event.currentTarget.value))}
            data={CHOICES.map((count) => ({
              value: String(count),
              label: t("monitoring.hours", { count }),
            }))}
          />
          <Button onClick={() => monitoring.start(hours)}>{t("monitoring.start")}</Button>
        </>
      ) : (
        <Button variant="default" onClick={() => monitoring.stop()}>
          {t("monitoring.stop")}
        </Button>
      )}
    </Stack>
  );
}
