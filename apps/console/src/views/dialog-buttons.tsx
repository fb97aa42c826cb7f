import { Button, Group } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

/** Props of {@link DialogButtons}. */
export interface DialogButtonsProps {
  readonly label: string;
  readonly isBusy: boolean;
  readonly onClose: () => void;
  /** What is done cannot be taken back. */
  readonly isDangerous?: boolean;
  /** The dialog is a form. */
  readonly isSubmit?: boolean;
  readonly onDo?: () => void;
}

/** The two ways out of a dialog: back, or on. */
export function DialogButtons({
  label,
  isBusy,
  onClose,
  isDangerous = false,
  isSubmit = false,
  onDo,
}: DialogButtonsProps): ReactElement {
  const { t } = useTranslation("access");
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onClose}>
        {t("cancel")}
      </Button>
      <Button
        type={isSubmit ? "submit" : "button"}
        loading={isBusy}
        {...(isDangerous ? { color: "red.9" } : {})}
        {...(onDo === undefined ? {} : { onClick: onDo })}
      >
        {label}
      </Button>
    </Group>
  );
}
