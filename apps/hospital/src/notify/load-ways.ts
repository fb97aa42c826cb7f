import { readFile } from "node:fs/promises";
import { ServerKitError } from "@siphms/server-kit";
import { isPrivateFile } from "../keys/index.ts";
import { createMailWay } from "./mail.ts";
import type { MailWay, NotifyWays, WebhookWay } from "./outgoing.ts";
import type { NotifySettings } from "./settings.ts";
import { createWebhookWay, parseWebhookSecret } from "./webhook.ts";

/**
 * Makes the ways that the settings name, with the secrets that stand in files.
 *
 * @param consoleOrigin - Where the link in a message leads.
 * @throws {ServerKitError} `SETTING_INVALID`
 */
export async function loadWays(
  settings: NotifySettings,
  consoleOrigin: string,
): Promise<NotifyWays> {
  const email = await loadMailWay(settings, consoleOrigin);
  const webhook = await loadWebhookWay(settings, consoleOrigin);
  return {
    ...(email === undefined ? {} : { email }),
    ...(webhook === undefined ? {} : { webhook }),
  };
}

async function loadMailWay(
  settings: NotifySettings,
  consoleOrigin: string,
): Promise<MailWay | undefined> {
  const { smtpServer: server, smtpFrom: from, smtpPasswordFile, unsafeSmtpWithoutTls } = settings;
  if (server === undefined) return undefined;
  if (from === undefined) {
    throw mendable(
      "SIPHMS_HOSPITAL_SMTP_URL is set and SIPHMS_HOSPITAL_SMTP_FROM is not: e-mail needs a sender.",
    );
  }
  if ((server.user === undefined) !== (smtpPasswordFile === undefined)) {
    throw mendable(
      "SIPHMS_HOSPITAL_SMTP_PASSWORD_FILE goes with a USER in SIPHMS_HOSPITAL_SMTP_URL: set both or none.",
    );
  }
  const password =
    smtpPasswordFile === undefined
      ? undefined
      : await readSecret("SIPHMS_HOSPITAL_SMTP_PASSWORD_FILE", smtpPasswordFile);
  const needsTls = !server.isLoopback && !unsafeSmtpWithoutTls;
  return createMailWay({ ...server, password, needsTls, from, consoleOrigin });
}

async function loadWebhookWay(
  { webhookUrl: url, webhookSecretFile }: NotifySettings,
  consoleOrigin: string,
): Promise<WebhookWay | undefined> {
  if (url === undefined) return undefined;
  const variable = "SIPHMS_HOSPITAL_WEBHOOK_SECRET_FILE";
  if (webhookSecretFile === undefined) {
    throw mendable(
      `SIPHMS_HOSPITAL_WEBHOOK_URL is set and ${variable} is not: its receiver could not tell our messages from others.`,
    );
  }
  const lines = (await readSecret(variable, webhookSecretFile)).split("\n");
  const secrets = lines.map((line) => parseWebhookSecret(line.trim()));
  if (!secrets.every((secret) => secret !== undefined) || secrets.length > 2) {
    throw mendable(
      `${variable} must hold one or two lines of whsec_ and 24 to 64 bytes in base64.`,
    );
  }
  return createWebhookWay({ url, secrets, consoleOrigin });
}

async function readSecret(variable: string, file: string): Promise<string> {
  let text: string;
  try {
    if (!(await isPrivateFile(file))) {
      throw mendable(`${variable}: other users can read ${file}. Run: chmod 600 ${file}`);
    }
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof ServerKitError) throw error;
    throw mendable(`${variable}: ${file} cannot be read.`, error);
  }
  const secret = text.trim();
  if (secret === "") throw mendable(`${variable}: ${file} is empty.`);
  return secret;
}

function mendable(message: string, cause?: unknown): ServerKitError {
  return new ServerKitError("SETTING_INVALID", message, cause === undefined ? {} : { cause });
}
