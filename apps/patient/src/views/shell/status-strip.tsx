import { Button, Text } from "@mantine/core";
import { useEffect, useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { localeOf } from "../../i18n/locale.ts";
import { useDeviceStatus, useMonitoringUntil } from "../../app/device-store.ts";
import { isDemo } from "../../app/demo.ts";
import { useGo } from "../../app/navigation.ts";
import { useOpenApp } from "../../app/open-app-context.ts";
import { useObserved, usePatientApp } from "../../app/patient-app-context.ts";
import { NO_TROUBLE } from "../../app/watched-store.ts";
import { stripStateOf, type StripState } from "./strip-state.ts";

/** A sign for each state, so that no colour stands alone. */
const SIGNS: Readonly<Record<StripState["kind"], string>> = {
  storage: "!",
  attention: "!",
  offline: "○",
  connecting: "…",
  waiting: "↑",
  confirmed: "✓",
};

/** The strip on top: the one thing that matters now, and the lock. */
export function StatusStrip(): ReactElement {
  const { t, i18n } = useTranslation("frame");
  const app = useOpenApp();
  const go = useGo();
  const status = useDeviceStatus();
  const trouble = useObserved(usePatientApp().storageTrouble ?? NO_TROUBLE);
  const monitoringUntil = useMonitoringUntil();
  const state = stripStateOf(status, trouble, useOfflineSince(status.connection === "waiting"));
  const time = (ms: number): string =>
    new Intl.DateTimeFormat(localeOf(i18n.language), { timeStyle: "short" }).format(ms);
  return (
    <header className="siphms-strip" data-state={state.kind}>
      <button type="button" className="siphms-strip-state" onClick={() => go("queue")}>
        <span aria-hidden="true" className="siphms-strip-sign">
          {SIGNS[state.kind]}
        </span>
        <span role="status" data-testid="connection" data-connection={status.connection}>
          <StripWords state={state} time={time} />
          {monitoringUntil === undefined ? null : (
            <Text component="span" size="sm" display="block">
              {t("strip.monitoring", { time: time(monitoringUntil) })}
            </Text>
          )}
          {isDemo() ? (
            <Text component="span" size="sm" display="block">
              {t("demo")}
            </Text>
          ) : null}
        </span>
      </button>
      <Button variant="default" onClick={() => app.lock()}>
        {t("lock")}
      </Button>
    </header>
  );
}

function StripWords(props: {
  readonly state: StripState;
  readonly time: (ms: number) => string;
}): ReactElement {
  const { t } = useTranslation("frame");
  const { state, time } = props;
  switch (state.kind) {
    case "waiting":
      return (
        <span data-testid="waiting-count">{t("strip.waiting", { count: state.samples })}</span>
      );
    case "offline":
      return (
        <>
          {state.since === undefined
            ? t("strip.offlineNow")
            : t("strip.offline", { time: time(state.since) })}
        </>
      );
    case "storage":
    case "attention":
    case "connecting":
    case "confirmed":
      return <>{t(`strip.${state.kind}`)}</>;
  }
}

function useOfflineSince(isOffline: boolean): number | undefined {
  const { clock } = useOpenApp();
  const [since, setSince] = useState<number>();
  useEffect(() => setSince(isOffline ? clock.now() : undefined), [clock, isOffline]);
  return since;
}
