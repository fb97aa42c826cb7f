import { Alert, Button, Card, Skeleton, Stack, Text, Title } from "@mantine/core";
import { equalBytes, toHex, type Bytes } from "@siphms/cose";
import type { PatientDevice } from "@siphms/messages";
import { useCallback, useEffect, useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { localeOf } from "../../i18n/locale.ts";
import { useOpenApp } from "../../app/open-app-context.ts";
import { usePatientApp } from "../../app/patient-app-context.ts";
import { failureCodeOf } from "../../app/failure-code.ts";
import type { FailureCode } from "../../app/stage.ts";
import { BackButton } from "../back-button.tsx";
import { instantOf } from "../instant.ts";

/** An answer on the spot, or the patient is told to try again. */
const ANSWER_WITHIN_MS = 20_000;

type Answer =
  | { readonly kind: "asking" }
  | { readonly kind: "failed"; readonly code: FailureCode }
  | { readonly kind: "devices"; readonly devices: readonly PatientDevice[] };

/** Every device that speaks for the patient, and how to take a lost one away. */
export function DevicesView(): ReactElement {
  const { t } = useTranslation(["safety", "problems"]);
  const { device } = useOpenApp();
  const app = usePatientApp();
  const [answer, setAnswer] = useState<Answer>({ kind: "asking" });
  const ask = useCallback(
    (work: Promise<unknown>) => {
      setAnswer({ kind: "asking" });
      work
        .then(() => device.devices({ timeoutMs: ANSWER_WITHIN_MS }))
        .then((devices) => setAnswer({ kind: "devices", devices }))
        .catch((error: unknown) => setAnswer({ kind: "failed", code: failureCodeOf(error) }));
    },
    [device],
  );
  useEffect(() => ask(Promise.resolve()), [ask]);
  const own = device.status().device?.kid;
  const revoke = (kid: Bytes): void => {
    const isOwn = own !== undefined && equalBytes(kid, own);
    const revoked = device.revokeDevice(kid, { timeoutMs: ANSWER_WITHIN_MS });
    // The hospital has signed that this phone is taken away: nothing here is of use any more.
    ask(isOwn ? revoked.then(() => app.wipe()) : revoked);
  };
  return (
    <Stack gap="md">
      <BackButton />
      <Title order={1} size="h2">
        {t("devices")}
      </Title>
      <Text>{t("devicesHelp")}</Text>
      {answer.kind === "asking" ? <Skeleton height={120} className="siphms-late" /> : null}
      {answer.kind === "failed" ? (
        <Alert role="alert" title={t("loadFailed")}>
          <Stack gap="xs">
            <Text>{t(`problems:${answer.code}`)}</Text>
            <Button onClick={() => ask(Promise.resolve())}>{t("tryAgain")}</Button>
          </Stack>
        </Alert>
      ) : null}
      {answer.kind === "devices"
        ? answer.devices.map((one) => (
            <DeviceCard
              key={toHex(one.kid)}
              device={one}
              isOwn={own !== undefined && equalBytes(one.kid, own)}
              onRevoke={() => revoke(one.kid)}
            />
          ))
        : null}
    </Stack>
  );
}

const STATES = ["active", "pending", "revoked", "dropped"] as const;

function DeviceCard(props: {
  readonly device: PatientDevice;
  readonly isOwn: boolean;
  readonly onRevoke: () => void;
}): ReactElement {
  const { t, i18n } = useTranslation("safety");
  const { clock } = useOpenApp();
  const [isAsked, setAsked] = useState(false);
  const { device, isOwn, onRevoke } = props;
  const state = STATES.find((one) => one === device.state);
  const time = (ms: number): string => instantOf(ms, clock.now(), localeOf(i18n.language));
  return (
    <Card withBorder>
      <Stack gap="xs">
        <Title order={2} size="h4">
          <bdi>{device.name}</bdi> {isOwn ? `(${t("thisPhone")})` : null}
        </Title>
        <Text>{state === undefined ? device.state : t(`deviceState.${state}`)}</Text>
        <Text size="sm">{t("enrolledAt", { time: time(device.enrolled) })}</Text>
        {device.lastSeen === undefined ? null : (
          <Text size="sm">{t("lastSeen", { time: time(device.lastSeen) })}</Text>
        )}
        {state === "active" || state === "pending" ? (
          isAsked ? (
            <>
              <Text fw={600}>{isOwn ? t("revokeSelfHelp") : t("revokeHelp")}</Text>
              <Button color="red" onClick={onRevoke}>
                {t("revokeSure")}
              </Button>
              <Button variant="default" onClick={() => setAsked(false)}>
                {t("cancel")}
              </Button>
            </>
          ) : (
            <Button variant="outline" color="red" onClick={() => setAsked(true)}>
              {t("revoke", { name: device.name })}
            </Button>
          )
        ) : null}
      </Stack>
    </Card>
  );
}
