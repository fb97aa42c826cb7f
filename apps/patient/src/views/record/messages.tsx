import { Button, Stack, Text, Title } from "@mantine/core";
import { toHex } from "@siphms/cose";
import { isNoticeKind, type Notice, readNoticeContent } from "@siphms/messages";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useDeviceStatus } from "../../app/device-store.ts";
import { useOpenApp } from "../../app/open-app-context.ts";
import { Failed } from "../parts/notices.tsx";
import { Age } from "../parts/time.tsx";
import { useDoing } from "../parts/use-doing.ts";
import { useFormats } from "../parts/use-formats.ts";
import { useNow } from "../parts/use-now.ts";
import { useKindName } from "../parts/value.tsx";

const AGES_EVERY_MS = 30_000;

/** What the hospital has told this patient and nobody has acknowledged yet. */
export function Messages(): ReactElement {
  const { t } = useTranslation("record");
  const { device } = useOpenApp();
  // Only to be drawn anew when a notice came or went.
  useDeviceStatus();
  const shown = device.notices().filter(({ kind }) => isNoticeKind(kind));
  return (
    <Stack gap="xs" component="section" aria-label={t("messages")}>
      <Title order={2} size="h4">
        {t("messages")}
      </Title>
      {shown.length === 0 ? <Text size="sm">{t("noMessages")}</Text> : null}
      {shown.map((notice) => (
        <Message key={toHex(notice.messageId)} notice={notice} />
      ))}
    </Stack>
  );
}

function Message({ notice }: { readonly notice: Notice }): ReactElement {
  const { t } = useTranslation("record");
  const { device } = useOpenApp();
  const now = useNow(AGES_EVERY_MS);
  const { isDoing, fault, run } = useDoing();
  return (
    <Stack gap="xs" className="siphms-card" component="article">
      <Text>
        <MessageWords notice={notice} now={now} />
      </Text>
      <div className="siphms-row">
        <Age at={notice.created} now={now} />
        <Button
          variant="default"
          loading={isDoing}
          onClick={() => void run(() => device.acknowledge([notice.messageId]))}
        >
          {t("seen")}
        </Button>
      </div>
      <Failed fault={fault} />
    </Stack>
  );
}

function MessageWords({
  notice,
  now,
}: {
  readonly notice: Notice;
  readonly now: number;
}): ReactElement | string | null {
  const { t } = useTranslation("record");
  const formats = useFormats();
  const nameOf = useKindName();
  const content = readNoticeContent(notice);
  switch (content.kind) {
    case "message":
      // In whatever language and direction the doctor wrote it.
      return <bdi>{content.text}</bdi>;
    case "measure-now": {
      const { kinds, until } = content;
      const what =
        kinds === undefined
          ? t("message.measureAll")
          : t("message.measure-now", { kinds: kinds.map(nameOf).join(", ") });
      if (until === undefined) return what;
      return `${what} ${t("message.measureUntil", { time: formats.until(until, now) })}`;
    }
    case "binding-active":
    case "limits-changed":
    case "key-rotation":
      return t(`message.${content.kind}`);
    case "other":
      return null;
  }
}
