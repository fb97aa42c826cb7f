import { Button, Stack, Text, Title } from "@mantine/core";
import { kindInfo } from "@siphms/vitals";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useOpenApp } from "../../app/open-app-context.ts";
import type { SensorCard } from "../../sensors/board.ts";
import type { SensorView } from "../../sensors/index.ts";
import { isStale } from "../../readings/latest.ts";
import { Failed } from "../parts/notices.tsx";
import { Age } from "../parts/time.tsx";
import { useDoing } from "../parts/use-doing.ts";
import { useKindName, Value } from "../parts/value.tsx";
import { ForgetSensor } from "./forget-sensor.tsx";
import { SensorCurve } from "./sensor-curve.tsx";
import { SensorRemarks } from "./sensor-remarks.tsx";
import { SensorStateLine } from "./sensor-state-line.tsx";
import { type SensorUser, UserChoice } from "./user-choice.tsx";

/** One sensor: its state in words, what it measures now, what it needs, and how to part from it. */
export function SensorPanel({
  view,
  card,
  now,
}: {
  readonly view: SensorView;
  readonly card: SensorCard | undefined;
  readonly now: number;
}): ReactElement {
  const { t } = useTranslation("sensors");
  const name = view.name === "" ? t("nameless") : view.name;
  const types = card?.types.map((type) => t(`type.${type}`)).join(", ");
  return (
    <Stack gap="xs" className="siphms-card" component="section" aria-label={name}>
      <Title order={2} size="h4">
        <bdi>{name}</bdi>
      </Title>
      {types === undefined || types === "" ? null : <Text size="sm">{types}</Text>}
      <SensorStateLine state={view.state} />
      {card === undefined ? null : (
        <>
          <LiveValues card={card} now={now} />
          <SensorCurve card={card} />
          <SensorRemarks card={card} />
        </>
      )}
      <SharedUse view={view} card={card} />
      <ForgetSensor id={view.id} name={name} />
    </Stack>
  );
}

function LiveValues({
  card,
  now,
}: {
  readonly card: SensorCard;
  readonly now: number;
}): ReactElement {
  const { t } = useTranslation("sensors");
  const nameOf = useKindName();
  return (
    <>
      {card.values.map(({ kind, at, value, isEstimated }) => (
        <div key={kind} className={isStale(kind, now - at) ? "siphms-stale" : undefined}>
          <div className="siphms-row">
            <span>{nameOf(kind)}</span>
            <span>
              <Age at={at} now={now} />
              {isEstimated ? <span className="siphms-mark"> {t("estimated")}</span> : null}
            </span>
          </div>
          <Value kind={kind} value={value} large testId={`live-${kindInfo(kind).name}`} />
        </div>
      ))}
    </>
  );
}

/** Only for sensors that tell people apart. */
function SharedUse({
  view,
  card,
}: {
  readonly view: SensorView;
  readonly card: SensorCard | undefined;
}): ReactElement | null {
  const { t } = useTranslation("sensors");
  const { sensors, board } = useOpenApp();
  const [user, setUser] = useState<SensorUser>(view.user ?? "any");
  const { fault, run } = useDoing();
  const tellsApart = card?.types.some(
    (type) => type === "blood-pressure" || type === "weight-scale",
  );
  if (tellsApart !== true && view.user === "any") return null;
  const save = async (): Promise<void> => {
    await sensors?.setUser(view.id, user);
    board?.refresh();
  };
  return (
    <details open={view.user === undefined}>
      <summary className="siphms-summary">{t("changeUser")}</summary>
      <Stack gap="xs">
        <UserChoice user={user} onChange={setUser} />
        <Failed fault={fault} />
        <Button variant="default" disabled={user === view.user} onClick={() => void run(save)}>
          {t("save")}
        </Button>
      </Stack>
    </details>
  );
}
