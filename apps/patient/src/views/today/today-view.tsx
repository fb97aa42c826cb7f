import { Button, Stack, Text, Title } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useDeviceStatus } from "../../app/device-store.ts";
import { useGo } from "../../app/navigation.ts";
import { latestShown } from "../../readings/latest.ts";
import { Notice } from "../parts/notices.tsx";
import "../parts/readings.css";
import { useBoard, useJournal } from "../parts/use-journal.ts";
import { useNow } from "../parts/use-now.ts";
import { LatestCard } from "./latest-card.tsx";
import { MonitoringPanel } from "./monitoring-panel.tsx";
import { NextMeasurements } from "./next-measurements.tsx";

const AGES_EVERY_MS = 5_000;

/** The newest value of each kind, what to measure next, and the way to everything that is measured. */
export function TodayView(): ReactElement {
  const { t } = useTranslation("today");
  const { latest: sent, wasLost } = useJournal();
  const { cards } = useBoard();
  const now = useNow(AGES_EVERY_MS);
  const latest = latestShown(sent, cards);
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        {t("title")}
      </Title>
      {wasLost ? <Notice tone="warn">{t("trailLost")}</Notice> : null}
      <Messages />
      <NextMeasurements latest={sent} now={now} />
      <Stack gap="xs" component="section" aria-label={t("latest")}>
        <Title order={2} size="h4">
          {t("latest")}
        </Title>
        {latest.length === 0 ? <Text>{t("empty")}</Text> : null}
        <ul className="siphms-cards siphms-tiles">
          {latest.map((one) => (
            <li key={one.kind}>
              <LatestCard latest={one} now={now} />
            </li>
          ))}
        </ul>
      </Stack>
      <Entrances />
      <MonitoringPanel />
    </Stack>
  );
}

function Messages(): ReactElement | null {
  const { t } = useTranslation("today");
  const { openNotices } = useDeviceStatus();
  const go = useGo();
  if (openNotices === 0) return null;
  return (
    <Button variant="light" onClick={() => go("record")}>
      <span aria-hidden="true">✉&nbsp;</span>
      {t("messages", { count: openNotices })}
    </Button>
  );
}

function Entrances(): ReactElement {
  const { t } = useTranslation("today");
  const go = useGo();
  return (
    <div className="siphms-actions">
      <Button onClick={() => go("type-in")}>{t("typeIn")}</Button>
      <Button variant="default" onClick={() => go("sensors")}>
        {t("measure")}
      </Button>
      <Button variant="default" onClick={() => go("import")}>
        {t("import")}
      </Button>
      <Button variant="default" onClick={() => go("my-information")}>
        {t("myInformation")}
      </Button>
    </div>
  );
}
