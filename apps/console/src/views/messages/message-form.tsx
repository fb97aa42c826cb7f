import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { TEXT_LIMITS, type NewMessage } from "@siphms/api";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";

/** From here on it is said how much room is left. */
const NEAR_LIMIT = 200;

/** Props of the forms that send something to a patient. */
export interface MessageFormProps {
  readonly isBusy: boolean;
  readonly onSend: (message: NewMessage) => void;
}

/** A text for the patient. */
export function MessageForm({ isBusy, onSend }: MessageFormProps): ReactElement {
  const { t } = useTranslation("enrol");
  const [text, setText] = useState("");
  const [isEmpty, setEmpty] = useState(false);
  const left = TEXT_LIMITS.notice - text.length;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const trimmed = text.trim();
        setEmpty(trimmed === "");
        if (trimmed !== "") onSend({ kind: "message", text: trimmed });
      }}
    >
      <Stack gap="xs">
        <Textarea
          label={t("messages.text")}
          description={t("messages.textHelp")}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
          error={isEmpty ? t("messages.empty") : undefined}
          maxLength={TEXT_LIMITS.notice}
          rows={4}
          dir="auto"
        />
        <Group>
          <Button type="submit" loading={isBusy}>
            {t("messages.send")}
          </Button>
          {left < NEAR_LIMIT ? (
            <Text size="sm" role="status">
              {t("messages.left", { count: left })}
            </Text>
          ) : null}
        </Group>
      </Stack>
    </form>
  );
}
