import { Button, Stack, Text, Title } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useGo } from "../../app/navigation.ts";
import { useOpenApp } from "../../app/open-app-context.ts";
import type { Sensors } from "../../sensors/index.ts";
import { Notice } from "../parts/notices.tsx";
import "../parts/readings.css";
import { useFormats } from "../parts/use-formats.ts";
import { useBoard } from "../parts/use-journal.ts";
import { useNow } from "../parts/use-now.ts";
import { AddSensor } from "./add-sensor.tsx";
import { SensorPanel } from "./sensor-panel.tsx";

const AGES_EVERY_MS = 1_000;

/** The patient's sensors: adding one, what each says now, and what it needs. */
export function SensorsView(): ReactElement {
  const { t } = useTranslation("sensors");
  const { sensors } = useOpenApp();
  return (
    <Stack gap="lg">
      <Title order={1} size="h2">
        {t("title")}
      </Title>
      {sensors === undefined ? <NoBluetooth /> : <WithBluetooth sensors={sensors} />}
    </Stack>
  );
}

function NoBluetooth(): ReactElement {
  const { t } = useTranslation("sensors");
  const go = useGo();
  return (
    <>
      <Text>{t("noBluetooth")}</Text>
      <div className="siphms-actions">
        <Button onClick={() => go("type-in")}>{t("typeIn")}</Button>
        <Button variant="default" onClick={() => go("import")}>
          {t("import")}
        </Button>
      </div>
    </>
  );
}

function WithBluetooth({ sensors }: { readonly sensors: Sensors }): ReactElement {
  const { t } = useTranslation("sensors");
  const board = useBoard();
  const now = useNow(AGES_EVERY_MS);
  const [isAdding, setAdding] = useState(false);
  const views = sensors.list();
  return (
    <>
      <SaveTrouble />
      {board.search === undefined || isAdding ? null : <SearchState state={board.search} />}
      {isAdding ? (
        <AddSensor sensors={sensors} onDone={() => setAdding(false)} />
      ) : (
        <Button onClick={() => setAdding(true)}>{t("add")}</Button>
      )}
      {views.length === 0 ? <Text>{t("empty")}</Text> : null}
      <ul className="siphms-cards">
        {views.map((view) => (
          <li key={view.id}>
            <SensorPanel
              view={view}
              card={board.cards.find(({ id }) => id === view.id)}
              now={now}
            />
          </li>
        ))}
      </ul>
    </>
  );
}

function SearchState({
  state,
}: {
  readonly state: NonNullable<ReturnType<typeof useBoard>["search"]>;
}): ReactElement | null {
  const { t } = useTranslation("sensors");
  // What follows the choice is said by the sensor's own card.
  if (state === "chosen") return null;
  return (
    <Notice tone={state === "searching" ? "info" : "warn"} role="status">
      {t(`search.${state}`)}
    </Notice>
  );
}

function SaveTrouble(): ReactElement | null {
  const { t } = useTranslation("sensors");
  const { t: problem } = useTranslation("problems");
  const { clock } = useOpenApp();
  const { trouble, unusable } = useBoard();
  const formats = useFormats();
  return (
    <>
      {trouble === undefined ? null : (
        <Notice tone="stop" role="alert">
          {t("trouble", {
            count: trouble.waiting,
            reason: problem(trouble.code),
            time: formats.until(trouble.retryAt, clock.now()),
          })}
        </Notice>
      )}
      {unusable === 0 ? null : <Notice tone="warn">{t("unusable", { count: unusable })}</Notice>}
    </>
  );
}
