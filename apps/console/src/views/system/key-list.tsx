import { Text } from "@mantine/core";
import type { KeyStatus } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatInstant } from "../../format.ts";
import { Fact, Facts } from "../parts/fact.tsx";

/** The hospital's identity keys, and whether every phone knows the present one. */
export function KeyList({ keys }: { readonly keys: KeyStatus }): ReactElement {
  const { t } = useTranslation("system");
  return (
    <>
      {[...keys.identities].reverse().map((key) => (
        <Facts key={key.kid}>
          <Fact term={t(`health.keyState.${key.state}`)}>
            <span className="siphms-hex">{key.kid}</span>
          </Fact>
          <Fact term={t("health.keyCreated")}>{formatInstant(key.created)}</Fact>
          {key.validUntil === undefined ? null : (
            <Fact term={t("health.keyValid")}>{formatInstant(key.validUntil)}</Fact>
          )}
        </Facts>
      ))}
      <Text size="sm">{t("health.waiting", { count: keys.waitingDevices })}</Text>
    </>
  );
}
