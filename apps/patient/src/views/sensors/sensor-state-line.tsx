import { Button, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useOpenApp } from "../../app/open-app-context.ts";
import type { SensorState } from "../../sensors/index.ts";
import { useFormats } from "../parts/use-formats.ts";

const SIGNS: Readonly<Record<SensorState["kind"], string>> = {
  measuring: "●",
  connecting: "◐",
  stopped: "○",
  lost: "○",
  "choose-again": "▲",
  "not-supported": "▲",
  "permission-denied": "▲",
};

/** Where a sensor stands, in plain words. One that is away is waited for: most of them sleep between measurements. */
export function SensorStateLine({ state }: { readonly state: SensorState }): ReactElement {
  const { t } = useTranslation("sensors");
  const { sensors } = useOpenApp();
  return (
    <>
      <Text size="sm" role="status" data-testid="sensor-state" data-state={state.kind}>
        <span aria-hidden="true">{SIGNS[state.kind]}</span> <StateWords state={state} />
      </Text>
      {state.kind === "lost" ? (
        <Button variant="default" onClick={() => sensors?.retryNow()}>
          {t("connectNow")}
        </Button>
      ) : null}
    </>
  );
}

function StateWords({ state }: { readonly state: SensorState }): string {
  const { t } = useTranslation("sensors");
  const { clock } = useOpenApp();
  const formats = useFormats();
  if (state.kind !== "lost") return t(`state.${state.kind}`);
  if (state.reason === "adapter-off") return t("state.adapter-off");
  if (state.reason === "refused")
    return t("state.refused", { time: formats.until(state.retryAt, clock.now()) });
  return t("state.waiting");
}
