import { isLoopbackName } from "@siphms/relay";
import { optional, setting, textSetting, yesNoSetting, type SettingsOf } from "@siphms/server-kit";

/** A mail server as its address names it. */
export interface MailAddressee {
  readonly host: string;
  readonly port: number;
  readonly user: string | undefined;
  /** TLS from the first byte; else begun with STARTTLS. */
  readonly isSecure: boolean;
  readonly isLoopback: boolean;
}

const SUBMISSION_PORT = 587;
const SECURE_PORT = 465;
/** As HTML takes an address: nothing that a mail header would read as more than one. */
const MAIL_ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,188}$/;

/** Settings of the ways by which alerts leave the console. */
export const NOTIFY_SETTINGS = {
  smtpServer: optional(
    setting(
      {
        variable: "SIPHMS_HOSPITAL_SMTP_URL",
        explanation:
          "Mail server that takes e-mail about alerts: smtps://USER@HOST:465 for TLS from the start, smtp://USER@HOST:587 for STARTTLS, which is then demanded but on loopback. Without it no e-mail is sent.",
      },
      parseMailServer,
    ),
  ),
  smtpPasswordFile: optional(
    textSetting({
      variable: "SIPHMS_HOSPITAL_SMTP_PASSWORD_FILE",
      explanation: "File of mode 0600 with the password of the mail server's USER.",
    }),
  ),
  smtpFrom: optional(
    setting(
      {
        variable: "SIPHMS_HOSPITAL_SMTP_FROM",
        explanation: "Sender of e-mail about alerts, such as siphms@hospital.example.",
      },
      parseMailAddress,
    ),
  ),
  unsafeSmtpWithoutTls: yesNoSetting(
    {
      variable: "SIPHMS_HOSPITAL_UNSAFE_SMTP_WITHOUT_TLS",
      explanation:
        "Sends to an smtp:// server beyond loopback without TLS: whoever is on the line reads who is told of an alert, and the password.",
    },
    "no",
  ),
  webhookUrl: optional(
    setting(
      {
        variable: "SIPHMS_HOSPITAL_WEBHOOK_URL",
        explanation:
          "Address to which each alert is posted as JSON, signed as Standard Webhooks say. https, or http on loopback. Without it nothing is posted.",
        secret: true,
      },
      parseWebhookUrl,
    ),
  ),
  webhookSecretFile: optional(
    textSetting({
      variable: "SIPHMS_HOSPITAL_WEBHOOK_SECRET_FILE",
      explanation:
        "File of mode 0600 with the webhook's secret, whsec_ and 24 to 64 bytes in base64; while it is changed, the new one and the old one on two lines.",
    }),
  ),
} as const;

/** The settings as {@link NOTIFY_SETTINGS} yields them. */
export type NotifySettings = SettingsOf<typeof NOTIFY_SETTINGS>;

/** @throws {Error} completing "NAME …", and never repeating a password. */
function parseMailServer(text: string): MailAddressee {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["smtp:", "smtps:"].includes(url.protocol) || url.hostname === "") {
    throw new Error("must be smtps://USER@HOST:PORT or smtp://USER@HOST:PORT");
  }
  if (url.password !== "") {
    throw new Error(
      "must not hold the password: put it into the file that SIPHMS_HOSPITAL_SMTP_PASSWORD_FILE names",
    );
  }
  if (!["", "/"].includes(url.pathname) || url.search !== "" || url.hash !== "") {
    throw new Error("must end after the port");
  }
  const isSecure = url.protocol === "smtps:";
  // A scheme that the browser's standard does not know keeps the brackets of an IPv6 address.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return {
    host,
    port: url.port === "" ? (isSecure ? SECURE_PORT : SUBMISSION_PORT) : Number(url.port),
    user: url.username === "" ? undefined : decodeURIComponent(url.username),
    isSecure,
    isLoopback: isLoopbackName(url.hostname),
  };
}

function parseMailAddress(text: string): string {
  if (MAIL_ADDRESS.test(text)) return text;
  throw new Error("must be a mail address such as siphms@hospital.example");
}

function parseWebhookUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe =
    url?.protocol === "https:" || (url?.protocol === "http:" && isLoopbackName(url.hostname));
  if (url === undefined || !isSafe)
    throw new Error("must begin with https://; http on loopback only");
  if (url.username !== "" || url.password !== "" || url.hash !== "") {
    throw new Error("must hold no user, no password and no #");
  }
  return url;
}
