import type { OutgoingMessage } from "./outgoing.ts";

/** The same for every alert: subjects show on locked screens. */
export const MAIL_SUBJECT = "SIPHMS: an alert waits for you";

const LEVELS = {
  urgent: { english: "urgent", arabic: "عاجل" },
  warn: { english: "warning", arabic: "تحذير" },
} as const;

/** Where a message leads: the page of alerts, which shows nothing to whoever is not signed in. */
export function alertsLink(consoleOrigin: string): string {
  return `${consoleOrigin}/alerts`;
}

/** An e-mail's text, in both languages: who reads it is known, in what language is not. */
export function mailText({ level, raisedAt }: OutgoingMessage, consoleOrigin: string): string {
  const at = `${new Date(raisedAt).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const { english, arabic } = LEVELS[level];
  const link = alertsLink(consoleOrigin);
  return [
    "An alert in the SIPHMS console waits for you.",
    "",
    `Level: ${english}`,
    `Raised: ${at}`,
    `Open it: ${link}`,
    "",
    "Whom it is about and what was found stands in the console alone. You get this because you have e-mail",
    "turned on there, under your name, Where alerts reach me.",
    "",
    "تنبيه في لوحة SIPHMS بانتظارك.",
    "",
    `المستوى: ${arabic}`,
    `وقت الصدور: ${at}`,
    `افتحه: ${link}`,
    "",
    "صاحب التنبيه وما رُصد لا يظهران إلا في اللوحة.",
    "",
  ].join("\n");
}

/** The body of a webhook. */
export function webhookBody(
  { alertId, level, raisedAt }: OutgoingMessage,
  consoleOrigin: string,
): string {
  const at = new Date(raisedAt).toISOString();
  return JSON.stringify({ id: String(alertId), level, at, link: alertsLink(consoleOrigin) });
}
