import { Button, Stack, Title } from "@mantine/core";
import type { ReactElement } from "react";
import "./safety.css";
import { useTranslation } from "react-i18next";
import { useDeviceStatus } from "../../app/device-store.ts";
import { useGo } from "../../app/navigation.ts";
import { useOpenApp } from "../../app/open-app-context.ts";
import { StorageWarning } from "../welcome/storage-warning.tsx";
import { EraseDevice } from "./erase-device.tsx";
import { RefusedNotice } from "./refused-notice.tsx";

/** Each screen under "Safety", with its name and a word on it. */
const ROWS = [
  ["queue", "queue", "queueHelp"],
  ["security", "security", "securityHelp"],
  ["devices", "devices", "devicesHelp"],
  ["unlock-settings", "unlock", "unlockHelp"],
  ["preferences", "preferences", "preferencesHelp"],
] as const;

/** What keeps the readings safe: queue, keys, devices, the ways in, the lock. */
export function SafetyView(): ReactElement {
  const { t } = useTranslation("safety");
  const app = useOpenApp();
  const go = useGo();
  const status = useDeviceStatus();
  return (
    <Stack gap="md">
      <Title order={1} size="h2">
        {t("title")}
      </Title>
      <RefusedNotice status={status} />
      <StorageWarning />
      <ul className="siphms-rows">
        {ROWS.map(([place, name, help]) => (
          <li key={place}>
            <button type="button" className="siphms-row-button" onClick={() => go(place)}>
              <span className="siphms-row-name">{t(name)}</span>
              <span className="siphms-row-help">{t(help)}</span>
            </button>
          </li>
        ))}
      </ul>
      <Button onClick={() => app.lock()}>{t("lock")}</Button>
      <EraseDevice samples={status.queue.samples} />
    </Stack>
  );
}
