import { Button, Stack, Text } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { ImportResult, LineFault, WrongLine } from "../../readings/import-file.ts";
import { Notice } from "../parts/notices.tsx";
import { useFormats } from "../parts/use-formats.ts";
import { useKindName } from "../parts/value.tsx";

const MAX_LINES = 20;

type Found = Extract<ImportResult, { readonly kind: "read" }>;

/** What stands in a file: how many of each kind, what is left out and why, and the question whether to record it. */
export function FoundReadings({
  found,
  onConfirm,
  onDiscard,
}: {
  readonly found: Found;
  readonly onConfirm: () => Promise<void>;
  readonly onDiscard: () => void;
}): ReactElement {
  const { t } = useTranslation("enter");
  const [isSaving, setSaving] = useState(false);
  const { values, wrong } = found;
  const confirm = async (): Promise<void> => {
    setSaving(true);
    await onConfirm();
    setSaving(false);
  };
  return (
    <Stack gap="md" className="siphms-card">
      <Text fw={600} role="status">
        {values.length === 0 ? t("file.none") : t("file.found", { count: values.length })}
      </Text>
      {values.length === 0 ? null : <Counts values={values} />}
      <WrongLines wrong={wrong} />
      <div className="siphms-actions">
        {values.length === 0 ? null : (
          <Button loading={isSaving} onClick={() => void confirm()}>
            {t("file.confirm", { count: values.length })}
          </Button>
        )}
        <Button variant="default" onClick={onDiscard}>
          {t("file.discard")}
        </Button>
      </div>
    </Stack>
  );
}

function Counts({ values }: Pick<Found, "values">): ReactElement {
  const { t } = useTranslation("enter");
  const formats = useFormats();
  const nameOf = useKindName();
  const kinds = [...new Set(values.map(({ kind }) => kind))];
  const times = values.map(({ at }) => at).toSorted((a, b) => a - b);
  return (
    <>
      <Text size="sm">
        {t("file.span", {
          from: formats.instant(times[0] ?? 0),
          to: formats.instant(times.at(-1) ?? 0),
        })}
      </Text>
      <Stack component="ul" gap={4} m={0} ps="md">
        {kinds.map((kind) => (
          <li key={kind}>
            {nameOf(kind)}: {formats.integer(values.filter((one) => one.kind === kind).length)}
          </li>
        ))}
      </Stack>
    </>
  );
}

function WrongLines({ wrong }: Pick<Found, "wrong">): ReactElement | null {
  const { t } = useTranslation("enter");
  if (wrong.length === 0) return null;
  return (
    <Notice tone="warn">
      <p>{t("file.wrong", { count: wrong.length })}</p>
      <Stack component="ul" gap={4} m={0} ps="md">
        {wrong.slice(0, MAX_LINES).map((one) => (
          <li key={one.line}>
            <LineWords wrong={one} />
          </li>
        ))}
      </Stack>
      {wrong.length > MAX_LINES ? (
        <p>{t("file.more", { count: wrong.length - MAX_LINES })}</p>
      ) : null}
    </Notice>
  );
}

function LineWords({ wrong: { line, fault } }: { readonly wrong: WrongLine }): string {
  const { t } = useTranslation("enter");
  const { t: readings } = useTranslation("readings");
  const reason = isOfForm(fault) ? t(`file.lineFault.${fault}`) : readings(`heldReason.${fault}`);
  return t("file.line", { line, reason });
}

type FormFault = "future" | "kind" | "repeated" | "time" | "value";

function isOfForm(fault: LineFault): fault is FormFault {
  const ofForm: readonly LineFault[] = ["future", "kind", "repeated", "time", "value"];
  return ofForm.includes(fault);
}
