import { createTransport } from "nodemailer";
import { MAIL_SUBJECT, mailText } from "./message.ts";
import type { MailAddressee } from "./settings.ts";
import type { MailWay, TryOutcome } from "./outgoing.ts";

/** How e-mail is sent. */
export interface MailOptions extends MailAddressee {
  readonly password: string | undefined;
  /** Whether a server that begins no TLS is refused. */
  readonly needsTls: boolean;
  readonly from: string;
  readonly consoleOrigin: string;
  /** Authorities that are believed beside the system's, in PEM. */
  readonly authorities?: readonly string[];
  /** How long one message may take in all, ms. */
  readonly limitMs?: number;
}

/** One message takes at most so long, whatever the server does. */
export const MAIL_LIMIT_MS = 20_000;

/** What the library names a failure, and what we do. Whatever else it says: the server could not be reached. */
const REASONS: Readonly<Record<string, TryOutcome>> = {
  EABORT: "too-slow",
  EAUTH: "log-in",
  EENVELOPE: "refused",
  EMESSAGE: "refused",
  ENOAUTH: "log-in",
  EPROTOCOL: "refused",
  ETIMEDOUT: "too-slow",
  ETLS: "no-tls",
};

/** A way that hands each message to one mail server. */
export function createMailWay(options: MailOptions): MailWay {
  const { from, consoleOrigin, limitMs = MAIL_LIMIT_MS } = options;
  const transport = createTransport({
    ...connectionOf(options),
    connectionTimeout: limitMs,
    greetingTimeout: limitMs,
    socketTimeout: limitMs,
    dnsTimeout: limitMs,
    // Nothing in a message names a file or an address; if something ever did, it must not be read.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.slice(from.indexOf("@") + 1);
  return {
    async send(message, to) {
      try {
        await transport.sendMail({
          from,
          to: { name: "", address: to },
          subject: MAIL_SUBJECT,
          text: mailText(message, consoleOrigin),
          messageId: `<${message.id}@${domain}>`,
          headers: { "Auto-Submitted": "auto-generated" },
          // A server that says a word every second keeps a connection from ever being idle.
          signal: AbortSignal.timeout(limitMs),
        });
        return "delivered";
      } catch (error) {
        return reasonOf(error);
      }
    },
  };
}

function connectionOf({ host, port, user, password, isSecure, needsTls, ...rest }: MailOptions) {
  return {
    ...{ host, port, secure: isSecure },
    ...(needsTls ? { requireTLS: true } : { ignoreTLS: true }),
    ...(user === undefined ? {} : { auth: { user, pass: password ?? "" } }),
    tls: {
      minVersion: "TLSv1.2" as const,
      ...(rest.authorities === undefined ? {} : { ca: [...rest.authorities] }),
    },
  };
}

/** Texts of servers are passed on to nobody: they may quote the address. */
function reasonOf(error: unknown): TryOutcome {
  if (!(error instanceof Error)) return "unreachable";
  if (isOfCertificate(error)) return "certificate";
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return REASONS[code] ?? "unreachable";
}

function isOfCertificate(error: Error): boolean {
  return (
    /certificate/i.test(error.message) || /^(ERR_TLS_CERT|CERT_|UNABLE_TO_)/.test(codeOf(error))
  );
}

function codeOf(error: Error): string {
  const { cause } = error;
  const of = cause instanceof Error ? cause : error;
  return "code" in of && typeof of.code === "string" ? of.code : "";
}
