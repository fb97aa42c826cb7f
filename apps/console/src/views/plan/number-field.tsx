import { TextInput } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** Props of {@link NumberField}. */
export interface NumberFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** What was typed is no number that makes sense here. */
  readonly isWrong: boolean;
  /** The unit, behind the number. */
  readonly unit?: ReactNode;
  readonly isRequired?: boolean;
}

/** A number as it is typed; the browser's own field for numbers takes neither every language's digits nor an empty limit. */
export function NumberField(props: NumberFieldProps): ReactElement {
  const { t } = useTranslation("plan");
  const { label, value, onChange, isWrong, unit, isRequired = false } = props;
  return (
    <TextInput
      className="siphms-plan-number"
      label={label}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      error={isWrong ? t("notANumber") : undefined}
      inputMode="decimal"
      autoComplete="off"
      maxLength={12}
      dir="ltr"
      required={isRequired}
      withAsterisk={false}
      {...(unit === undefined ? {} : { rightSection: unit, rightSectionWidth: "3.5rem" })}
      rightSectionProps={{ className: "siphms-unit", "aria-hidden": true }}
    />
  );
}
