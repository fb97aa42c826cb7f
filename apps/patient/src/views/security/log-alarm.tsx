import { Alert, Button, Stack, Text } from "@mantine/core";
import type { AuditAlarm } from "@siphms/device";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useDeviceStatus } from "../../app/device-store.ts";
import { useOpenApp } from "../../app/open-app-context.ts";
import { Failed } from "../parts/notices.tsx";
import { useDoing } from "../parts/use-doing.ts";
import { useFormats } from "../parts/use-formats.ts";
import { Fact, Facts, Fingerprint } from "./facts.tsx";

/** What contradicts itself in the hospital's log, what it may mean, what to do; stays until it is put aside. */
export function LogAlarm(): ReactElement | null {
  const { t } = useTranslation("safety");
  const formats = useFormats();
  const { auditAlarm: alarm } = useDeviceStatus();
  if (alarm === undefined) return null;
  return (
    <Alert role="alert" color="red" title={t("log.alarm.title")} icon={<Sign />}>
      <Stack gap="sm">
        <Text>{t(`log.alarm.${alarm.kind}`)}</Text>
        <Text>{t("log.alarm.means")}</Text>
        <Text>{t("log.alarm.do")}</Text>
        <Facts>
          <Fact name={t("log.alarm.found")}>{formats.instant(alarm.at)}</Fact>
          <Head name={t("log.alarm.earlier")} head={alarm.earlier} />
          <Head name={t("log.alarm.later")} head={alarm.later} />
        </Facts>
        <PutAside />
      </Stack>
    </Alert>
  );
}

function Sign(): ReactElement {
  return <span aria-hidden="true">■</span>;
}

function Head(props: {
  readonly name: string;
  readonly head: AuditAlarm["earlier"];
}): ReactElement {
  const { t } = useTranslation("safety");
  return (
    <Fact name={props.name}>
      <Text>{t("log.entries", { count: props.head.size })}</Text>
      <Fingerprint bytes={props.head.root} />
    </Fact>
  );
}

/** Asks once more: the notice is the only thing that shows what was found. */
function PutAside(): ReactElement {
  const { t } = useTranslation("safety");
  const { device } = useOpenApp();
  const [isSure, setSure] = useState(false);
  const { isDoing, fault, run } = useDoing();
  if (!isSure) {
    return (
      <Button variant="default" onClick={() => setSure(true)}>
        {t("log.alarm.putAside")}
      </Button>
    );
  }
  return (
    <Stack gap="xs">
      <Text>{t("log.alarm.putAsideHelp")}</Text>
      <Button loading={isDoing} onClick={() => void run(() => device.putAuditAlarmAside())}>
        {t("log.alarm.putAsideSure")}
      </Button>
      <Button variant="default" onClick={() => setSure(false)}>
        {t("cancel")}
      </Button>
      <Failed fault={fault} />
    </Stack>
  );
}
