import { Card, Group, Text } from "@mantine/core";
import type { PatientMessage } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatInstant } from "../../format.ts";
import { Age } from "../live-age.tsx";
import "../parts/parts.css";

/** Props of {@link MessageList}. */
export interface MessageListProps {
  readonly messages: readonly PatientMessage[];
}

/** What was sent, to which phone, and whether it was seen there. */
export function MessageList({ messages }: MessageListProps): ReactElement {
  return (
    <ul className="siphms-cards">
      {messages.map((message) => (
        <Message key={`${message.id} ${message.device}`} message={message} />
      ))}
    </ul>
  );
}

interface MessageProps {
  readonly message: PatientMessage;
}

function Message({ message }: MessageProps): ReactElement {
  const { t } = useTranslation("enrol");
  return (
    <Card withBorder component="li" padding="sm">
      <Group justify="space-between" gap="xs">
        <Group gap="sm">
          <Text fw={600} size="sm">
            {t(`messages.kind.${message.kind}`)}
          </Text>
          <Age at={message.created} />
          <Text size="sm" c="dimmed">
            {t("messages.to", { device: message.deviceName })}
          </Text>
        </Group>
        <span className="siphms-mark">
          {message.seen === undefined ? (
            <>
              <span aria-hidden="true">○</span> {t("messages.notSeen")}
            </>
          ) : (
            <>
              <span aria-hidden="true">✓</span> {t("messages.seen")} <Age at={message.seen} />
            </>
          )}
        </span>
      </Group>
      <Content message={message} />
    </Card>
  );
}

/** The text, or what was to be measured; what the hospital sends by itself has none. */
function Content({ message }: Pick<MessageProps, "message">): ReactElement | null {
  const { t } = useTranslation("enrol");
  const { t: common } = useTranslation();
  if (message.kind === "message") {
    return (
      <Text dir="auto" className="siphms-sent-text">
        {message.text}
      </Text>
    );
  }
  if (message.kind !== "measure-now") return null;
  const kinds = message.kinds?.map((kind) => common(`kind.${kind}`));
  return (
    <Text size="sm">
      {kinds?.join(", ") ?? t("messages.everything")}
      {message.until === undefined
        ? ""
        : `, ${t("messages.untilAt", { time: formatInstant(message.until) })}`}
    </Text>
  );
}
