import { PasswordInput } from "@mantine/core";
import type { ReactElement } from "react";

/** Props of {@link PinInput}. */
export interface PinInputProps {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  /** A PIN that is being chosen, not one that is asked for. */
  readonly isNew?: boolean;
  readonly disabled?: boolean;
}

/** One field for a PIN, with the keypad of a phone. Its length is judged by the vault, which takes digits of any script. */
export function PinInput({
  label,
  description,
  value,
  onValue,
  isNew = false,
  disabled = false,
}: PinInputProps): ReactElement {
  return (
    <PasswordInput
      label={label}
      description={description}
      value={value}
      onChange={(event) => onValue(event.currentTarget.value)}
      disabled={disabled}
      inputMode="numeric"
      autoComplete={isNew ? "new-password" : "current-password"}
      dir="ltr"
      maxLength={12}
      required
      withAsterisk={false}
    />
  );
}
