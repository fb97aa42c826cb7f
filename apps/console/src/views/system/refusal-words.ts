import type { TFunction } from "i18next";

const HANDSHAKE = "handshake-";

/** The words for a reason for which something got no answer; a reason without its own is named by its code. */
export function refusalWords(t: TFunction<"system">, reason: string): string {
  const code = reason.startsWith(HANDSHAKE) ? reason.slice(HANDSHAKE.length) : reason;
  const general = reason === code ? code : t("reason.handshake", { reason: code });
  return t(`reason.${reason}`, { defaultValue: general });
}
