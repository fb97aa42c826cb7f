import { Stack, Text, Title } from "@mantine/core";
import type { PatientLimit } from "@siphms/messages";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useDeviceStatus } from "../../app/device-store.ts";
import { useAnswers, useOffered } from "../parts/answers.ts";
import { useFormats } from "../parts/use-formats.ts";
import { useKindName } from "../parts/value.tsx";

/** The alarm limits that are in force; nothing at a hospital that does not answer such a question. */
export function Limits(): ReactElement | null {
  const { t } = useTranslation("record");
  const { limits } = useAnswers();
  // The hospital says in a notice when they were changed.
  const value = useOffered(limits, useDeviceStatus().openNotices);
  if (value === undefined) return null;
  return (
    <Stack gap="xs" component="section" aria-label={t("limits.title")}>
      <Title order={2} size="h4">
        {t("limits.title")}
      </Title>
      {value.limits.length === 0 ? <Text size="sm">{t("limits.none")}</Text> : null}
      <Stack component="ul" gap="xs" m={0} ps="md">
        {value.limits.map((limit, index) => (
          <li key={index}>
            <LimitWords limit={limit} />
          </li>
        ))}
      </Stack>
    </Stack>
  );
}

function LimitWords({ limit }: { readonly limit: PatientLimit }): string {
  const { t } = useTranslation("record");
  const formats = useFormats();
  const nameOf = useKindName();
  const { kind, part, low, high, level } = limit;
  const show = (value: number): string => formats.limit(kind, value);
  const parts = { 0: "", 1: `, ${t("limits.lower")}`, 2: `, ${t("limits.mean")}` } as const;
  const sides = [
    ...(low === null ? [] : [t("limits.below", { low: show(low) })]),
    ...(high === null ? [] : [t("limits.above", { high: show(high) })]),
  ];
  const word = t(level === 1 ? "limits.level.urgent" : "limits.level.warn");
  const inUnit = formats.unit(kind) === "" ? "" : ` (${formats.unitInText(kind)})`;
  return `${nameOf(kind)}${parts[part]}: ${word} ${sides.join(", ")}${inUnit}`;
}
