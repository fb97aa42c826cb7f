import { Button, Stack, Title } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useOpenApp } from "../../app/open-app-context.ts";
import type { Sensors } from "../../sensors/index.ts";
import { Failed } from "../parts/notices.tsx";
import { useDoing } from "../parts/use-doing.ts";
import { type SensorUser, UserChoice } from "./user-choice.tsx";

/**
 * Asks who uses the sensor, then lets the person choose it. In this order: a cuff may send its first measurement within a moment,
 * and what another user measured must not be taken for the patient's.
 */
export function AddSensor({
  sensors,
  onDone,
}: {
  readonly sensors: Sensors;
  readonly onDone: () => void;
}): ReactElement {
  const { t } = useTranslation("sensors");
  const { board } = useOpenApp();
  const [user, setUser] = useState<SensorUser>("any");
  const { fault, run } = useDoing();
  const choose = async (): Promise<void> => {
    const id = await sensors.choose();
    if (id !== undefined) await sensors.setUser(id, user);
    board?.refresh();
    onDone();
  };
  return (
    <Stack gap="sm" component="section" aria-label={t("add")} className="siphms-card">
      <Title order={2} size="h4">
        {t("add")}
      </Title>
      <UserChoice user={user} onChange={setUser} />
      <Failed fault={fault} />
      <div className="siphms-actions">
        <Button onClick={() => void run(choose)}>{t("choose")}</Button>
        <Button variant="default" onClick={onDone}>
          {t("cancel")}
        </Button>
      </div>
    </Stack>
  );
}
