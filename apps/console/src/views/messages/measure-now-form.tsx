import { Button, Checkbox, Group, NativeSelect, Stack } from "@mantine/core";
import { KIND_NAMES } from "@siphms/api";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { hospitalNow } from "../../client.ts";
import type { MessageFormProps } from "./message-form.tsx";

/** RR intervals come with a heart rate: nobody measures them by themselves. */
const KINDS = KIND_NAMES.filter((kind) => kind !== "rr-interval");
const HOUR_MS = 3_600_000;
const TIMES = {
  untilNone: undefined,
  until1h: HOUR_MS,
  until4h: 4 * HOUR_MS,
  until24h: 24 * HOUR_MS,
};
type TimeName = keyof typeof TIMES;
const TIME_NAMES = Object.keys(TIMES) as readonly TimeName[];

/** Asks the patient to measure now. */
export function MeasureNowForm({ isBusy, onSend }: MessageFormProps): ReactElement {
  const { t } = useTranslation("enrol");
  const { t: common } = useTranslation();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [time, setTime] = useState<TimeName>("until1h");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const kinds = KINDS.filter((kind) => chosen.includes(kind));
        const lasts = TIMES[time];
        onSend({
          kind: "measure-now",
          ...(kinds.length === 0 ? {} : { kinds }),
          ...(lasts === undefined ? {} : { until: hospitalNow() + lasts }),
        });
      }}
    >
      <Stack gap="sm">
        <Checkbox.Group
          label={t("messages.what")}
          description={t("messages.whatHelp")}
          value={[...chosen]}
          onChange={setChosen}
        >
          <Group gap="md" mt="xs">
            {KINDS.map((kind) => (
              <Checkbox key={kind} value={kind} label={common(`kind.${kind}`)} />
            ))}
          </Group>
        </Checkbox.Group>
        <NativeSelect
          label={t("messages.until")}
          value={time}
          onChange={({ currentTarget }) =>
            setTime(TIME_NAMES.find((name) => name === currentTarget.value) ?? "until1h")
          }
          data={TIME_NAMES.map((name) => ({ value: name, label: t(`messages.${name}`) }))}
          w={240}
        />
        <Button type="submit" loading={isBusy} w="fit-content">
          {t("messages.send")}
        </Button>
      </Stack>
    </form>
  );
}
