import { Alert, Button, UnstyledButton } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useAlarm } from "./alarm-context.ts";
import type { SoundState } from "./alarm.ts";
import "./sound.css";

const WAVES: Readonly<Record<SoundState, string>> = {
  on: "M4 9v6h4l5 4V5L8 9zM16.5 8.5a5 5 0 0 1 0 7M19 6a8.5 8.5 0 0 1 0 12",
  off: "M4 9v6h4l5 4V5L8 9zM17 9.5l5 5m0-5l-5 5",
  locked: "M4 9v6h4l5 4V5L8 9zM18 8v5m0 3.5v.01",
  none: "M4 9v6h4l5 4V5L8 9zM17 9.5l5 5m0-5l-5 5",
};

/** The switch for the sound of alerts, on every page of those who look after patients. */
export function SoundSwitch(): ReactElement | null {
  const { t } = useTranslation("alerts");
  const sound = useAlarm();
  if (sound === undefined) return null;
  const { alarm, state } = sound;
  const isOn = state === "on";
  return (
    <UnstyledButton
      className="siphms-sound"
      data-state={state}
      disabled={state === "none"}
      aria-label={`${t(`sound.${state}`)}: ${t(isOn ? "sound.switchOff" : "sound.switchOn")}`}
      title={t(isOn ? "sound.switchOff" : "sound.switchOn")}
      onClick={() => alarm.switchTo(!isOn)}
    >
      <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" className="siphms-icon">
        <path d={WAVES[state]} />
      </svg>
      <span className="siphms-sound-word">{t(`sound.${state}`)}</span>
    </UnstyledButton>
  );
}

/** Says that alerts can't be heard in this window yet, or at all, and how to change that; nothing where they can, or nobody wants it. */
export function SilentNotice(): ReactElement | null {
  const { t } = useTranslation("alerts");
  const sound = useAlarm();
  if (sound?.state !== "locked" && sound?.state !== "none") return null;
  const isLocked = sound.state === "locked";
  return (
    <Alert variant="outline" color="var(--siphms-medium)" mb="sm" className="siphms-no-print">
      {t(isLocked ? "sound.lockedHelp" : "sound.noneHelp")}{" "}
      {isLocked ? (
        <Button size="sm" variant="default" onClick={() => sound.alarm.switchTo(true)}>
          {t("sound.unlock")}
        </Button>
      ) : null}
    </Alert>
  );
}
