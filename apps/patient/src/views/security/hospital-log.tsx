import { Text, Title } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { useDeviceStatus } from "../../app/device-store.ts";
import { useFormats } from "../parts/use-formats.ts";
import { Fact, Facts, Fingerprint } from "./facts.tsx";

/** What this phone knows of the hospital's log. */
export function HospitalLog(): ReactElement {
  const { t } = useTranslation("safety");
  const formats = useFormats();
  const { audit } = useDeviceStatus();
  return (
    <section aria-label={t("log.title")}>
      <Title order={2} size="h3">
        {t("log.title")}
      </Title>
      <Text mb="sm">{t("log.help")}</Text>
      {audit === undefined ? (
        <Text>{t("log.unknown")}</Text>
      ) : (
        <Facts>
          <Fact name={t("log.newest")}>
            <Text>{t("log.entries", { count: audit.size })}</Text>
            <Text size="sm" c="dimmed">
              {t("log.provedAt", { time: formats.instant(audit.at) })}
            </Text>
          </Fact>
          <Fact name={t("log.fingerprint")}>
            <Fingerprint bytes={audit.root} />
          </Fact>
        </Facts>
      )}
    </section>
  );
}
