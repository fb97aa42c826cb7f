import { useTranslation } from "react-i18next";
import type { readings } from "../../i18n/en/readings.ts";

type Known = keyof typeof readings.heldReason;

/** Puts a reason of quarantine into words; one that a newer hospital has and this app does not know stays as it is. */
export function useReason(): (reason: string) => string {
  const { t, i18n } = useTranslation("readings");
  return (reason) =>
    isKnown(reason, (key) => i18n.exists(key, { ns: "readings" }))
      ? t(`heldReason.${reason}`)
      : reason;
}

function isKnown(reason: string, exists: (key: string) => boolean): reason is Known {
  return exists(`heldReason.${reason}`);
}
