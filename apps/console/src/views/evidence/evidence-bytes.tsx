import { Stack, Text } from "@mantine/core";
import type { EvidenceFile } from "@siphms/api";
import { fromBase64Url, toHex } from "@siphms/cose";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { diagnosticOf } from "./diagnostic.ts";
import { groupsOf } from "./hex.ts";

const PARTS = ["message", "receipt", "statement", "device"] as const;

/** The signed bytes themselves, for those who want to see them; drawn when they are opened. */
export function EvidenceBytes({ file }: { readonly file: EvidenceFile }): ReactElement {
  const { t } = useTranslation("evidence");
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t("curious")}</summary>
      {isOpen ? (
        <Stack gap="md" mt="sm">
          {PARTS.map((part) => (
            <Bytes key={part} title={t(`bytesOf.${part}`)} text={file[part]} />
          ))}
        </Stack>
      ) : null}
    </details>
  );
}

interface BytesProps {
  readonly title: string;
  /** base64url. */
  readonly text: string;
}

function Bytes({ title, text }: BytesProps): ReactElement {
  const { t } = useTranslation("evidence");
  const bytes = fromBase64Url(text);
  return (
    <div>
      <Text fw={600}>{title}</Text>
      <Text size="sm" c="dimmed">
        {t("asNotation")}
      </Text>
      <pre className="siphms-hex siphms-bytes" dir="ltr" tabIndex={0}>
        {diagnosticOf(bytes)}
      </pre>
      <Text size="sm" c="dimmed">
        {t("asHex")}
      </Text>
      <div className="siphms-hex" dir="ltr">
        {groupsOf(toHex(bytes))}
      </div>
    </div>
  );
}
