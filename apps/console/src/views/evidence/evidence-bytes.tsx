import { Skeleton, Stack, Text } from "@mantine/core";
import { evidenceFilePath, type EvidenceFile, type MessageName } from "@siphms/api";
import { fromBase64Url, toHex } from "@siphms/cose";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { callApi } from "../../client.ts";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { diagnosticOf } from "./diagnostic.ts";
import { groupsOf } from "./hex.ts";

const PARTS = ["message", "receipt", "statement", "device"] as const;

/**
 * The signed bytes themselves, for those who want to see them; fetched when they are opened. Who has them has the evidence, so
 * they ask for a fresh proof as the file does, and are not asked for again by themselves.
 */
export function EvidenceBytes({ name }: { readonly name: MessageName }): ReactElement {
  const { t } = useTranslation("evidence");
  const [isOpen, setOpen] = useState(false);
  const { patient, messageId, device } = name;
  const file = useQuery({
    queryKey: ["evidence-file", patient, messageId, device],
    queryFn: ({ signal }) => callApi<EvidenceFile>(evidenceFilePath(name), { signal }),
    enabled: isOpen,
    staleTime: Infinity,
    gcTime: 0,
  });
  const { data } = file;
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t("curious")}</summary>
      {isOpen ? (
        <Stack gap="md" mt="sm">
          <ProblemAlert error={file.error} onRetry={() => void file.refetch()} />
          {file.isPending && file.isFetching ? (
            <Skeleton height={160} className="siphms-late" />
          ) : null}
          {data === undefined
            ? null
            : PARTS.map((part) => (
                <Bytes key={part} title={t(`bytesOf.${part}`)} text={data[part]} />
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
