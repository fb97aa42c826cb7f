import { Button, CopyButton, Group, Stack, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { saveFile } from "../save-file.ts";

interface RecoveryCodesProps {
  readonly codes: readonly string[];
  /** The person has kept them: they are never shown again. */
  readonly onKept: () => void;
}

/** Recovery codes, shown once: to copy, to keep as a file, to print. */
export function RecoveryCodes({ codes, onKept }: RecoveryCodesProps): ReactElement {
  const { t } = useTranslation("session");
  const text = `${t("codes.fileHead")}\n\n${codes.join("\n")}\n`;
  return (
    <Stack gap="sm">
      <Text>{t("codes.help")}</Text>
      <ul className="siphms-codes" dir="ltr" aria-label={t("codes.title")}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Group gap="xs" className="siphms-no-print">
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? t("codes.copied") : t("codes.copy")}
            </Button>
          )}
        </CopyButton>
        <Button
          variant="default"
          onClick={() => saveFile(t("codes.fileName"), text, "text/plain;charset=utf-8")}
        >
          {t("codes.download")}
        </Button>
        <Button variant="default" onClick={() => window.print()}>
          {t("codes.print")}
        </Button>
        <Button onClick={onKept}>{t("codes.kept")}</Button>
      </Group>
    </Stack>
  );
}
