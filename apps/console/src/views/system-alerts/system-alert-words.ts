import type { SystemAlert } from "@siphms/api";
import type { TFunction } from "i18next";

/** Which fault it is, as a heading. */
export function faultWords(t: TFunction<"notify">, { what, way }: SystemAlert): string {
  const general = t(`system.what.${what}`);
  if (what !== "delivery-failed" || way === undefined) return general;
  return t(`system.what.${what}-${way}`);
}

/** Why, what it means and what to do; for a word that this release does not know the word itself. */
export function reasonWords(t: TFunction<"notify">, { reason }: SystemAlert): string {
  return t(`system.reason.${reason}`, {
    defaultValue: t("system.reason.other", { reason }),
  });
}
