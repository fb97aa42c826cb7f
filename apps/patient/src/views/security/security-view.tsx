import { Stack, Text, Title } from "@mantine/core";
import { toHex, type Bytes } from "@siphms/cose";
import type { InspectedItem, Inspection } from "@siphms/device";
import { useEffect, useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useOpenApp } from "../../app/open-app-context.ts";
import { localeOf } from "../../i18n/locale.ts";
import { BackButton } from "../back-button.tsx";
import { groupsOf } from "../hex-groups.ts";
import { instantOf } from "../instant.ts";
import { Fact, Facts, Fingerprint } from "./facts.tsx";
import { HospitalLog } from "./hospital-log.tsx";
import { LogAlarm } from "./log-alarm.tsx";
import "../safety/safety.css";

const LOOK_EVERY_MS = 1_000;

/** Keys, signatures, session and the last item's bytes, for people who want to look. */
export function SecurityView(): ReactElement {
  const { t } = useTranslation("safety");
  const { device } = useOpenApp();
  const inspection = useInspection();
  const { unreadable } = device.status();
  return (
    <Stack gap="md">
      <BackButton />
      <Title order={1} size="h2">
        {t("security")}
      </Title>
      <LogAlarm />
      <Text>{t("securityIntro")}</Text>
      <Keys inspection={inspection} />
      <Channel inspection={inspection} />
      <HospitalLog />
      <Title order={2} size="h3">
        {t("lastItem")}
      </Title>
      {inspection.lastItem === undefined ? (
        <Text>{t("noItem")}</Text>
      ) : (
        <LastItem item={inspection.lastItem} />
      )}
      {unreadable === 0 ? null : (
        <Facts>
          <Fact name={t("alarms")}>{unreadable}</Fact>
        </Facts>
      )}
    </Stack>
  );
}

function Keys({ inspection }: { readonly inspection: Inspection }): ReactElement {
  const { t } = useTranslation("safety");
  const { hospitalThumbprint, deviceThumbprint } = inspection;
  return (
    <Facts>
      <Fact name={t("hospitalKey")}>
        <Fingerprint bytes={hospitalThumbprint} />
      </Fact>
      <Fact name={t("deviceKey")}>
        <Fingerprint bytes={deviceThumbprint} />
      </Fact>
    </Facts>
  );
}

function Channel({ inspection }: { readonly inspection: Inspection }): ReactElement {
  const { t, i18n } = useTranslation("safety");
  const { clock } = useOpenApp();
  const { session } = inspection;
  const time = (ms: number): string => instantOf(ms, clock.now(), localeOf(i18n.language));
  return (
    <Facts>
      <Fact name={t("signatures")}>
        {session === undefined ? (
          t("notVerified")
        ) : (
          <>
            <Text>✓ {t("hospitalVerified")}</Text>
            <Text>✓ {t("deviceVerified")}</Text>
          </>
        )}
      </Fact>
      <Fact name={t("agreement")}>{t("agreementText")}</Fact>
      <Fact name={t("encryption")}>{t("encryptionText")}</Fact>
      <Fact name={t("signing")}>{t("signingText")}</Fact>
      <Fact name={t("session")}>
        {session === undefined ? (
          t("noSession")
        ) : (
          <>
            <Text>{t("sessionOpened", { time: time(session.opened) })}</Text>
            <Text>{t("sessionExpires", { time: time(session.expires) })}</Text>
          </>
        )}
      </Fact>
      {session === undefined ? null : (
        <Fact name={t("sessionId")}>
          <Fingerprint bytes={session.sid} />
        </Fact>
      )}
    </Facts>
  );
}

function LastItem({ item }: { readonly item: InspectedItem }): ReactElement {
  const { t } = useTranslation("safety");
  return (
    <Facts>
      <Fact name={t("ciphertext")}>
        <Hex bytes={item.envelope} label={t("ciphertext")} />
      </Fact>
      <Fact name={t("signature")}>
        <Hex bytes={item.signature} label={t("signature")} />
      </Fact>
      <Fact name={t("receipt")}>
        {item.receipt === undefined ? (
          t("noReceipt")
        ) : (
          <Hex bytes={item.receipt} label={t("receipt")} />
        )}
      </Fact>
    </Facts>
  );
}

/** Long bytes scroll in a box of their own, which the keyboard reaches too. */
function Hex({ bytes, label }: { readonly bytes: Bytes; readonly label: string }): ReactElement {
  const { t } = useTranslation("safety");
  return (
    <>
      <Text size="sm" c="dimmed">
        {t("bytes", { count: bytes.length })}
      </Text>
      <span dir="ltr" className="siphms-hex" tabIndex={0} role="group" aria-label={label}>
        {groupsOf(toHex(bytes))}
      </span>
    </>
  );
}

function useInspection(): Inspection {
  const { device } = useOpenApp();
  const [inspection, setInspection] = useState(() => device.inspect());
  useEffect(() => {
    const look = (): void => setInspection(device.inspect());
    const timer = setInterval(look, LOOK_EVERY_MS);
    const stop = device.subscribe(look);
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [device]);
  return inspection;
}
