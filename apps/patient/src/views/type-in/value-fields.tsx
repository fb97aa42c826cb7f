import { TextInput } from "@mantine/core";
import type { Kind } from "@siphms/vitals";
import { useEffect, useRef, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import type { TypedResult } from "../../readings/typed.ts";
import { useFormats } from "../parts/use-formats.ts";

type Fault = Extract<TypedResult, { readonly kind: "fault" }>;

/** The field of a value, two for a blood pressure; the one that is wrong gets the focus and says why. */
export function ValueFields({
  kind,
  fields,
  onText,
  onLower,
  wrong,
}: {
  readonly kind: Kind;
  readonly fields: { readonly text: string; readonly lower: string };
  readonly onText: (text: string) => void;
  readonly onLower: (text: string) => void;
  readonly wrong: Fault | undefined;
}): ReactElement {
  const { t } = useTranslation("enter");
  const { t: kinds } = useTranslation("readings");
  const formats = useFormats();
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (wrong !== undefined) (wrong.field === "text" ? first : second).current?.focus();
  }, [wrong]);
  const unit = formats.unitInText(kind);
  const errorOf = (field: Fault["field"]): string | undefined =>
    wrong?.field === field ? t(`fault.${wrong.fault}`, { unit }) : undefined;
  // Digits of any script and a comma: `type=number` refuses both in some browsers.
  const common = { inputMode: "decimal", autoComplete: "off", dir: "ltr", required: true } as const;
  if (kind !== 2)
    return (
      <TextInput
        {...common}
        ref={first}
        label={`${t("value")} (${unit})`}
        value={fields.text}
        onChange={(event) => onText(event.currentTarget.value)}
        error={errorOf("text")}
      />
    );
  return (
    <fieldset className="siphms-fieldset">
      <legend>{`${kinds("kind.blood-pressure")} (${unit})`}</legend>
      <TextInput
        {...common}
        ref={first}
        label={t("upper")}
        value={fields.text}
        onChange={(event) => onText(event.currentTarget.value)}
        error={errorOf("text")}
      />
      <TextInput
        {...common}
        ref={second}
        label={t("lower")}
        value={fields.lower}
        onChange={(event) => onLower(event.currentTarget.value)}
        error={errorOf("lower")}
      />
    </fieldset>
  );
}
