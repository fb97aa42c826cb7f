import { Stack, Text, Title } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useAnswers, useOffered } from "../parts/answers.ts";
import { Instant } from "../parts/time.tsx";

/** Who has seen the record and why; nothing at a hospital that does not answer such a question. */
export function Accesses(): ReactElement | null {
  const { t } = useTranslation("record");
  const { disclosures } = useAnswers();
  const value = useOffered(disclosures);
  if (value === undefined) return null;
  return (
    <Stack gap="xs" component="section" aria-label={t("accesses.title")}>
      <Title order={2} size="h4">
        {t("accesses.title")}
      </Title>
      {value.disclosures.length === 0 ? <Text size="sm">{t("accesses.none")}</Text> : null}
      <Stack component="ul" gap="xs" m={0} ps="md">
        {value.disclosures.toReversed().map(({ at, ...words }, index) => (
          <li key={index}>
            <Instant at={at} />
            <br />
            <bdi>{t("accesses.line", words)}</bdi>
          </li>
        ))}
      </Stack>
    </Stack>
  );
}
