import { Button, NativeSelect, Stack, Text, Title } from "@mantine/core";
import { toHex } from "@siphms/cose";
import type { Kind } from "@siphms/vitals";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useGo } from "../../app/navigation.ts";
import { useOpenApp } from "../../app/open-app-context.ts";
import { seriesOf, type TimedValue } from "../../readings/series-of.ts";
import { checkTime, type TimeFault, type TypedTime } from "../../readings/typed-time.ts";
import { checkTyped, TYPED_KINDS, type TypedResult } from "../../readings/typed.ts";
import { BackButton } from "../back-button.tsx";
import { Notice } from "../parts/notices.tsx";
import "../parts/readings.css";
import { useFormats, useUnits } from "../parts/use-formats.ts";
import { type Doing, useDoing } from "../parts/use-doing.ts";
import { useKindName } from "../parts/value.tsx";
import { TimeFields } from "./time-fields.tsx";
import { ValueFields } from "./value-fields.tsx";

const TYPED = 1;

type Saved = { readonly words: string; readonly id: string | undefined };

/** Typing in by hand what a meter shows, checked by the same rules as the hospital's. */
export function TypeInView(): ReactElement {
  const { t } = useTranslation("enter");
  const [saved, setSaved] = useState<Saved>();
  // A new form after each saving: nothing of the last value may be sent a second time.
  const [turn, setTurn] = useState(0);
  return (
    <Stack gap="lg">
      <BackButton />
      <Title order={1} size="h2">
        {t("title")}
      </Title>
      <Text>{t("help")}</Text>
      {saved === undefined ? null : <SavedNotice saved={saved} />}
      <TypeInForm
        key={turn}
        onSaved={(one) => {
          setSaved(one);
          setTurn(turn + 1);
        }}
      />
    </Stack>
  );
}

function SavedNotice({ saved: { words, id } }: { readonly saved: Saved }): ReactElement {
  const { t } = useTranslation("enter");
  const go = useGo();
  return (
    <Notice tone="info" role="status">
      <p>{words}</p>
      {id === undefined ? null : (
        <Button variant="default" onClick={() => go({ reading: id })}>
          {t("showWay")}
        </Button>
      )}
    </Notice>
  );
}

function TypeInForm({ onSaved }: { readonly onSaved: (saved: Saved) => void }): ReactElement {
  const { t } = useTranslation("enter");
  const nameOf = useKindName();
  const units = useUnits();
  const { device } = useOpenApp();
  const record = useRecord(onSaved);
  const [kind, setKind] = useState<Kind>(TYPED_KINDS[0]);
  const [text, setText] = useState("");
  const [lower, setLower] = useState("");
  const [time, setTime] = useState<TypedTime>({ kind: "now" });
  const [wrong, setWrong] = useState<TypedResult>();
  const [wrongTime, setWrongTime] = useState<TimeFault>();
  const submit = async (): Promise<void> => {
    const result = checkTyped({ kind, text, lower }, units);
    const at = checkTime(time, device.now());
    setWrong(result.kind === "fault" ? result : undefined);
    setWrongTime(typeof at === "string" ? at : undefined);
    if (result.kind === "value" && typeof at === "number")
      await record.save({ kind, value: result.value, at });
  };
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack gap="md">
        <NativeSelect
          label={t("kind")}
          value={String(kind)}
          onChange={({ currentTarget: { value } }) => {
            setKind(TYPED_KINDS.find((one) => String(one) === value) ?? kind);
            setWrong(undefined);
          }}
          data={TYPED_KINDS.map((one) => ({ value: String(one), label: nameOf(one) }))}
        />
        <ValueFields
          kind={kind}
          fields={{ text, lower }}
          onText={setText}
          onLower={setLower}
          wrong={wrong?.kind === "fault" ? wrong : undefined}
        />
        <TimeFields time={time} onTime={setTime} fault={wrongTime} />
        {record.fault === undefined ? null : (
          <Notice tone="stop" role="alert">
            {t("failed", { reason: record.fault })}
          </Notice>
        )}
        <Button type="submit" loading={record.isDoing}>
          {t("save")}
        </Button>
      </Stack>
    </form>
  );
}

interface Recording extends Pick<Doing, "fault" | "isDoing"> {
  readonly save: (value: TimedValue) => Promise<void>;
}

function useRecord(onSaved: (saved: Saved) => void): Recording {
  const { t } = useTranslation("enter");
  const { journal } = useOpenApp();
  const formats = useFormats();
  const { isDoing, fault, run } = useDoing();
  const save = (value: TimedValue): Promise<void> =>
    run(async () => {
      const [item] = await journal.record(seriesOf([value], TYPED));
      const words = t("saved", { value: formats.valueWithUnit(value.kind, value.value) });
      onSaved({ words, id: item && toHex(item.messageId) });
    });
  return { isDoing, fault, save };
}
