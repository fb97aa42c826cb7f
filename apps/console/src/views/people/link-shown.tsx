import { Button, CopyButton, Group, Text } from "@mantine/core";
import type { StaffLink } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatInstant } from "../../format.ts";
import { Dialog } from "../dialog.tsx";
import { QrCode } from "../qr-code.tsx";

interface LinkShownProps extends StaffLink {
  readonly name: string;
  readonly onClose: () => void;
}

/** A one-use link for somebody, to scan or to copy. Shown once; another one is quickly made. */
export function LinkShown({ link, expires, name, onClose }: LinkShownProps): ReactElement {
  const { t } = useTranslation("access");
  return (
    <Dialog title={t("people.linkTitle", { name })} onClose={onClose}>
      <Text size="sm">{t("people.linkHelp", { name })}</Text>
      <QrCode text={link} label={t("people.linkQr", { name })} />
      <Text size="sm" className="siphms-secret" dir="ltr" data-testid="staff-link">
        {link}
      </Text>
      <Text size="sm">{t("people.linkUntil", { time: formatInstant(expires) })}</Text>
      <Group justify="flex-end">
        <CopyButton value={link}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? t("people.copied") : t("people.copy")}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>{t("people.close")}</Button>
      </Group>
    </Dialog>
  );
}
