import { Button, CopyButton, Group, Stack, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

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
        <Button variant="default" onClick={() => download(t("codes.fileName"), text)}>
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

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has read it when the click returns; what stays in memory would hold the codes.
  URL.revokeObjectURL(url);
}
