import { Button, Stack, Text, Title } from "@mantine/core";
import { toHex } from "@siphms/cose";
import type { OutboxItem } from "@siphms/device";
import { messageIdTime } from "@siphms/messages";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useDeviceStatus, useOutbox } from "../../app/device-store.ts";
import { useGo } from "../../app/navigation.ts";
import { type TrailEntry, wayOf, type WayStatus } from "../../journal/index.ts";
import { BackButton } from "../back-button.tsx";
import "../parts/readings.css";
import { useJournal } from "../parts/use-journal.ts";
import { ReadingContent } from "./reading-content.tsx";
import { WayHold } from "./way-hold.tsx";
import { WayHeld, WayStations } from "./way-stations.tsx";

/** One reading's way, from the sensor to the doctor. @param id - The message-id in hexadecimal. */
export function ReadingView({ id }: { readonly id: string }): ReactElement {
  const { t } = useTranslation("today");
  const { entries } = useJournal();
  const item = useOutbox().find(({ messageId }) => toHex(messageId) === id);
  const status = useDeviceStatus();
  const entry = entries.find((one) => one.id === id) ?? entryOf(item);
  return (
    <Stack gap="md">
      <BackButton />
      <Title order={1} size="h2">
        {t("way.title")}
      </Title>
      {entry === undefined ? <Gone /> : <Found entry={entry} item={item} status={status} />}
    </Stack>
  );
}

/** An item that is so old that the trail has dropped it, and still waits. */
function entryOf(item: OutboxItem | undefined): TrailEntry | undefined {
  if (item === undefined) return undefined;
  const { messageId, samples } = item;
  return { id: toHex(messageId), created: messageIdTime(messageId), samples, state: "queued" };
}

function Found({
  entry,
  item,
  status,
}: {
  readonly entry: TrailEntry;
  readonly item: OutboxItem | undefined;
  readonly status: WayStatus;
}): ReactElement {
  const way = wayOf(entry, item, status);
  return (
    <>
      <ReadingContent entry={entry} />
      <WayHold hold={way.hold} messageId={item?.messageId} />
      <WayHeld way={way} samples={entry.samples} />
      <WayStations way={way} />
      <Names entry={entry} />
    </>
  );
}

function Gone(): ReactElement {
  const { t } = useTranslation("today");
  const go = useGo();
  return (
    <>
      <Text>{t("way.gone")}</Text>
      <Button variant="default" onClick={() => go("record")}>
        {t("way.toRecord")}
      </Button>
    </>
  );
}

function Names({ entry }: { readonly entry: TrailEntry }): ReactElement {
  const { t } = useTranslation("today");
  return (
    <details>
      <summary className="siphms-summary">{t("way.details")}</summary>
      <dl className="siphms-facts">
        <div>
          <dt>{t("way.messageId")}</dt>
          <dd className="siphms-mono" dir="ltr">
            {entry.id}
          </dd>
        </div>
        {entry.receipt === undefined ? null : (
          <div>
            <dt>{t("way.name")}</dt>
            <dd className="siphms-mono" dir="ltr">
              {entry.receipt.name}
            </dd>
          </div>
        )}
      </dl>
    </details>
  );
}
