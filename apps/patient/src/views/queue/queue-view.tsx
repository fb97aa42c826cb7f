import { Alert, Button, Card, Stack, Text, Title } from "@mantine/core";
import { toHex } from "@siphms/cose";
import type { DeviceStatus, OutboxItem } from "@siphms/device";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { localeOf } from "../../i18n/locale.ts";
import { useDeviceStatus, useOutbox } from "../../app/device-store.ts";
import { useGo } from "../../app/navigation.ts";
import { useOpenApp } from "../../app/open-app-context.ts";
import { BackButton } from "../back-button.tsx";
import { instantOf } from "../instant.ts";
import "../safety/safety.css";
import { ConnectionWords } from "../shell/connection-words.tsx";

/** So many items are drawn; of more only the number is said. */
const SHOWN = 50;

/** What is waiting: how many, since when, why, and when it is tried next. */
export function QueueView(): ReactElement {
  const { t } = useTranslation("safety");
  const { device } = useOpenApp();
  const status = useDeviceStatus();
  const items = useOutbox();
  return (
    <Stack gap="md">
      <BackButton />
      <Title order={1} size="h2">
        {t("queue")}
      </Title>
      <Text>{t("queueHelp")}</Text>
      <ConnectionWords status={status} />
      <QueueFacts status={status} />
      <Button onClick={() => device.retryNow()}>{t("sendNow")}</Button>
      {items.length === 0 ? <Text>{t("queueEmpty")}</Text> : null}
      {items.slice(0, SHOWN).map((item) => (
        <QueueItem
          key={toHex(item.messageId)}
          item={item}
          isConnected={status.connection === "open"}
        />
      ))}
      {items.length > SHOWN ? <Text>{t("more", { count: items.length - SHOWN })}</Text> : null}
    </Stack>
  );
}

function QueueFacts({ status }: { readonly status: DeviceStatus }): ReactElement {
  const { t, i18n } = useTranslation(["safety", "problems"]);
  const { clock } = useOpenApp();
  const { queue, oldest, lastReceiptAt, lastError, nextTryAt } = status;
  const number = (value: number): string =>
    new Intl.NumberFormat(localeOf(i18n.language)).format(value);
  const time = (ms: number): string => instantOf(ms, clock.now(), localeOf(i18n.language));
  return (
    <>
      <dl className="siphms-facts">
        <dt>{t("waitingCount")}</dt>
        <dd>{t("samples", { count: queue.samples })}</dd>
        {oldest === undefined ? null : (
          <>
            <dt>{t("oldest")}</dt>
            <dd>{time(oldest)}</dd>
          </>
        )}
        {(["atGateway", "kept", "damaged"] as const).map((name) =>
          queue[name] === 0 ? null : (
            <div key={name}>
              <dt>{t(name)}</dt>
              <dd>{number(queue[name])}</dd>
            </div>
          ),
        )}
        {lastReceiptAt === undefined ? null : (
          <>
            <dt>{t("lastReceipt")}</dt>
            <dd>{time(lastReceiptAt)}</dd>
          </>
        )}
      </dl>
      {lastError === undefined || status.connection === "open" ? null : (
        <Alert role="status" title={t("lastError")}>
          <Text>{t(`problems:${lastError.code}`)}</Text>
          <Text size="sm">{time(lastError.at)}</Text>
          {nextTryAt === undefined ? null : <Text>{t("nextTry", { time: time(nextTryAt) })}</Text>}
        </Alert>
      )}
    </>
  );
}

function QueueItem({
  item,
  isConnected,
}: {
  readonly item: OutboxItem;
  readonly isConnected: boolean;
}): ReactElement {
  const { t, i18n } = useTranslation("safety");
  const { clock, device } = useOpenApp();
  const go = useGo();
  const { messageId, keptReason } = item;
  // Sealed in a session that ended before it was taken: it waits for the next one.
  const state = item.state === "sealed" && !isConnected ? "queued" : item.state;
  // The engine puts no item back that the hospital judged, or that no living key can open.
  const canPutBack =
    keptReason !== undefined && keptReason !== "refused" && keptReason !== "hospital-key-retired";
  return (
    <Card withBorder>
      <Stack gap="xs">
        <Text fw={600}>{t("samples", { count: item.samples })}</Text>
        <Text size="sm">
          {t("measuredAt", { time: instantOf(item.created, clock.now(), localeOf(i18n.language)) })}
        </Text>
        <Text>{t(`state.${state}`)}</Text>
        {keptReason === undefined ? null : <Text>{t(`keptReason.${keptReason}`)}</Text>}
        {canPutBack ? (
          <Button variant="default" onClick={() => void device.requeue(messageId)}>
            {t("putBack")}
          </Button>
        ) : null}
        <Button variant="subtle" onClick={() => go({ reading: toHex(messageId) })}>
          {t("showWay")}
        </Button>
      </Stack>
    </Card>
  );
}
