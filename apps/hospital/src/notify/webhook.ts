import { createHmac } from "node:crypto";
import { webhookBody } from "./message.ts";
import type { TryOutcome, WebhookWay } from "./outgoing.ts";

/** How a webhook is posted. */
export interface WebhookOptions {
  readonly url: URL;
  /** Each signs; the receiver believes a message that one of its own signed. */
  readonly secrets: readonly Uint8Array[];
  readonly consoleOrigin: string;
  /** How long one message may take in all, ms. */
  readonly limitMs?: number;
}

const LIMIT_MS = 10_000;
const SECRET_BYTES = { least: 24, most: 64 };
const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/** A way that posts each message to one address, signed as Standard Webhooks say. */
export function createWebhookWay(options: WebhookOptions): WebhookWay {
  const { url, secrets, consoleOrigin, limitMs = LIMIT_MS } = options;
  return {
    host: url.hostname,
    async send(message, now) {
      const body = webhookBody(message, consoleOrigin);
      const timestamp = Math.floor(now / 1000);
      try {
        const answer = await fetch(url, {
          method: "POST",
          headers: {
            "content-type": "application/json",
            "user-agent": "siphms",
            "webhook-id": message.id,
            "webhook-timestamp": String(timestamp),
            "webhook-signature": signWebhook({ id: message.id, timestamp, body }, secrets),
          },
          body,
          // An address that the operator did not name is told nothing.
          redirect: "manual",
          signal: AbortSignal.timeout(limitMs),
        });
        await answer.body?.cancel();
        if (answer.ok) return "delivered";
        return answer.status >= 300 && answer.status < 400 ? "redirected" : "refused";
      } catch (error) {
        return reasonOf(error);
      }
    },
  };
}

/**
 * The value of `webhook-signature`: HMAC-SHA256 over `id.timestamp.body`, one for each secret.
 *
 * @param signed.timestamp - Seconds.
 * @see Standard Webhooks, "Signature scheme"
 */
export function signWebhook(
  signed: { readonly id: string; readonly timestamp: number; readonly body: string },
  secrets: readonly Uint8Array[],
): string {
  const text = `${signed.id}.${String(signed.timestamp)}.${signed.body}`;
  return secrets
    .map((secret) => `v1,${createHmac("sha256", secret).update(text).digest("base64")}`)
    .join(" ");
}

/** Takes a secret as Standard Webhooks write it; `undefined` for anything else. */
export function parseWebhookSecret(text: string): Uint8Array | undefined {
  const base64 = SECRET.exec(text)?.[1];
  if (base64 === undefined) return undefined;
  const secret = new Uint8Array(Buffer.from(base64, "base64"));
  const { least, most } = SECRET_BYTES;
  return secret.length >= least && secret.length <= most ? secret : undefined;
}

function reasonOf(error: unknown): TryOutcome {
  if (!(error instanceof Error)) return "unreachable";
  if (error.name === "TimeoutError") return "too-slow";
  const { cause } = error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return /CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code) ? "certificate" : "unreachable";
}
