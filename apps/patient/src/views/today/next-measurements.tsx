import { Button, Stack, Title } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useDeviceStatus } from "../../app/device-store.ts";
import { useGo } from "../../app/navigation.ts";
import { useOpenApp } from "../../app/open-app-context.ts";
import type { LatestValue } from "../../journal/index.ts";
import { toMeasure, type ToMeasure } from "../../readings/to-measure.ts";
import { useFormats } from "../parts/use-formats.ts";
import { useKindName } from "../parts/value.tsx";

/** What to measure next, and why; nothing where there is nothing. */
export function NextMeasurements({
  latest,
  now,
}: {
  readonly latest: readonly LatestValue[];
  readonly now: number;
}): ReactElement | null {
  const { t } = useTranslation("today");
  const { device } = useOpenApp();
  // Only to be drawn anew when a notice came or went.
  useDeviceStatus();
  const go = useGo();
  const next = toMeasure(device.notices(), latest, now);
  if (next.length === 0) return null;
  return (
    <Stack gap="xs" component="section" aria-label={t("next")} className="siphms-card">
      <Title order={2} size="h4">
        {t("next")}
      </Title>
      <Stack component="ul" gap="xs" m={0} ps="md">
        {next.map((one) => (
          <NextMeasurement key={one.kind ?? 0} one={one} now={now} />
        ))}
      </Stack>
      <Button variant="light" onClick={() => go("type-in")}>
        {t("enterNow")}
      </Button>
    </Stack>
  );
}

function NextMeasurement({
  one: { kind, reason, until },
  now,
}: {
  readonly one: ToMeasure;
  readonly now: number;
}): ReactElement {
  const { t } = useTranslation("today");
  const formats = useFormats();
  const nameOf = useKindName();
  const why =
    reason === "day-old"
      ? t("dayOld")
      : until === undefined
        ? t("asked")
        : t("askedUntil", { time: formats.until(until, now) });
  return (
    <li>
      <strong>{kind === undefined ? t("anything") : nameOf(kind)}</strong>
      <br />
      {why}
    </li>
  );
}
