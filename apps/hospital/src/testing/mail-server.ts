import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** One message as a mail server took it. */
export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Header and text as they came. */
  readonly text: string;
  readonly isSecure: boolean;
  readonly user: string | undefined;
}

/** A real mail server on loopback, and what it has taken. */
export interface TestMailServer {
  readonly port: number;
  readonly mails: readonly TakenMail[];
  /** From now on each message is refused after its text. `undefined`: taken again. */
  refuse(reply: { readonly code: number; readonly text: string } | undefined): void;
  /** From now on every message waits for its answer until this is called with `false`. */
  hold(isHeld: boolean): void;
  close(): Promise<void>;
}

/** Starts a mail server. By default it offers no TLS and asks for no password. */
export async function startMailServer(
  options: SMTPServerOptions = {},
  port = 0,
): Promise<TestMailServer> {
  const mails: TakenMail[] = [];
  let refusal: { readonly code: number; readonly text: string } | undefined;
  let isHeld = false;
  const held = new Set<() => void>();
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    closeTimeout: 50,
    ...options,
    onData(stream, session, callback) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        const answer = (): void => {
          if (refusal !== undefined) {
            callback(Object.assign(new Error(refusal.text), { responseCode: refusal.code }));
            return;
          }
          const { mailFrom, rcptTo } = session.envelope;
          mails.push({
            from: mailFrom === false ? "" : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            text: Buffer.concat(parts).toString("utf8"),
            isSecure: session.secure,
            user: textOf(session.user),
          });
          callback();
        };
        if (isHeld) held.add(answer);
        else answer();
      });
    },
  });
  // Clients that break off are what some tests are about.
  server.on("error", () => undefined);
  const listener = server.listen(port, "127.0.0.1");
  await once(listener, "listening");
  return {
    port: portOf(listener.address()),
    mails,
    refuse(reply) {
      refusal = reply;
    },
    hold(hold) {
      isHeld = hold;
      if (hold) return;
      for (const answer of held) answer();
      held.clear();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** A listener that takes connections and does with each what it is told; for servers that are none. */
export async function startListener(
  talk: (socket: Socket) => void = () => undefined,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    talk(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: portOf(server.address()),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** The text of a message, its transfer encoding taken off. */
export function decodeMailText(mail: string): string {
  const at = mail.indexOf("\r\n\r\n");
  const [head, body] = [mail.slice(0, at), mail.slice(at + 4)];
  if (/^Content-Transfer-Encoding: base64/im.test(head)) {
    return Buffer.from(body, "base64").toString("utf8");
  }
  // Quoted-printable leaves text without it as it is, but for an equals sign, which ours has none of.
  const bytes = body
    .replace(/=\r\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_code, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return address.port;
}
