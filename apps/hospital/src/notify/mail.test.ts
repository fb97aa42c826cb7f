import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { SMTPServerOptions } from "smtp-server";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { decodeMailText, startListener, startMailServer } from "../testing/mail-server.ts";
import { createMailWay, type MailOptions } from "./mail.ts";
import { MAIL_SUBJECT } from "./message.ts";
import type { OutgoingMessage } from "./outgoing.ts";

const OPENSSL = "openssl";
const hasOpenssl = spawnSync(OPENSSL, ["version"]).status === 0;
const TO = "nora@hospital.example";
const MESSAGE: OutgoingMessage = {
  id: "0b7e9a52-4f7e-4c55-9a43-0f3d5c0f9b11",
  alertId: 17,
  level: "urgent",
  raisedAt: Date.UTC(2026, 0, 5, 8, 30),
};

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

const serve = async (options: SMTPServerOptions = {}) => {
  const server = await startMailServer(options);
  open.push(server);
  return server;
};
const wayTo = (port: number, more: Partial<MailOptions> = {}) =>
  createMailWay({
    ...{ host: "127.0.0.1", port, user: undefined, password: undefined },
    ...{ isSecure: false, isLoopback: true, needsTls: false },
    from: "siphms@hospital.example",
    consoleOrigin: "https://console.hospital.example",
    limitMs: 2000,
    ...more,
  });

describe("an e-mail about an alert", () => {
  it("is taken by a real mail server, with the same id at every try", async () => {
    const server = await serve();
    const way = wayTo(server.port);
    expect(await way.send(MESSAGE, TO)).toBe("delivered");
    expect(await way.send(MESSAGE, TO)).toBe("delivered");
    expect(server.mails.map(({ from, to }) => [from, to])).toEqual([
      ["siphms@hospital.example", [TO]],
      ["siphms@hospital.example", [TO]],
    ]);
    for (const { text } of server.mails) {
      expect(text).toContain(`Message-ID: <${MESSAGE.id}@hospital.example>`);
      expect(text).toContain(`Subject: ${MAIL_SUBJECT}`);
      expect(text).toContain("Auto-Submitted: auto-generated");
    }
  });

  it("goes to nobody else where an address tries to be two", async () => {
    const server = await serve();
    const outcome = await wayTo(server.port).send(MESSAGE, "a@b.example, c@d.example");
    expect(outcome).not.toBe("delivered");
    expect(server.mails).toEqual([]);
  });

  it.each<[string, SMTPServerOptions]>([
    ["where the server does not know the address", { onRcptTo: refuseRecipient }],
    ["where the server wants a password", { authOptional: false, disabledCommands: [] }],
  ])("is refused %s", async (_name, options) => {
    const server = await serve({ ...options, hideSTARTTLS: true });
    expect(await wayTo(server.port).send(MESSAGE, TO)).toBe("refused");
    expect(server.mails).toEqual([]);
  });

  it("is refused after its text, for now or for good", async () => {
    const server = await serve();
    for (const code of [451, 554]) {
      server.refuse({ code, text: "Not now" });
      expect(await wayTo(server.port).send(MESSAGE, TO)).toBe("refused");
    }
  });

  it("says that the password was not taken", async () => {
    const server = await serve({
      disabledCommands: ["STARTTLS"],
      allowInsecureAuth: true,
      onAuth(auth, _session, callback) {
        if (auth.password === "right") callback(null, { user: auth.username ?? "" });
        else callback(new Error("No"));
      },
    });
    const withPassword = (password: string) => wayTo(server.port, { user: "siphms", password });
    expect(await withPassword("wrong").send(MESSAGE, TO)).toBe("log-in");
    expect(await withPassword("right").send(MESSAGE, TO)).toBe("delivered");
    expect(server.mails.map(({ user }) => user)).toEqual(["siphms"]);
  });

  it("says that nobody listens", async () => {
    const server = await startMailServer();
    await server.close();
    expect(await wayTo(server.port).send(MESSAGE, TO)).toBe("unreachable");
  });

  it.each([
    ["says nothing", () => undefined],
    ["says a line every now and then", dripGreeting],
  ])("is given up where the server %s", async (_name, talk) => {
    const listener = await startListener(talk);
    open.push(listener);
    expect(await wayTo(listener.port, { limitMs: 300 }).send(MESSAGE, TO)).toBe("too-slow");
  });

  it("is given up where the server takes its text and never answers", async () => {
    const server = await serve();
    server.hold(true);
    expect(await wayTo(server.port, { limitMs: 300 }).send(MESSAGE, TO)).toBe("too-slow");
    server.hold(false);
  });

  it("is not sent to a server that begins no TLS where it is demanded (SR-66) [HS-312e1]", async () => {
    const server = await serve();
    expect(await wayTo(server.port, { needsTls: true }).send(MESSAGE, TO)).toBe("no-tls");
    expect(server.mails).toEqual([]);
  });

  it("holds level, time and a link, and says nothing else of the alert", async () => {
    const server = await serve();
    await wayTo(server.port).send(MESSAGE, TO);
    const text = decodeMailText(server.mails[0]?.text ?? "");
    expect(text).toContain("Level: urgent");
    expect(text).toContain("Raised: 2026-01-05 08:30 UTC");
    expect(text).toContain("https://console.hospital.example/alerts");
    expect(text).toContain("تنبيه");
    expect(text).not.toContain("17");
  });
});

describe.skipIf(!hasOpenssl)("with a certificate (openssl makes it)", () => {
  let folder: string;
  let key: string;
  let cert: string;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "siphms-mail-"));
    const files = [path.join(folder, "key"), path.join(folder, "cert")] as const;
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const names = ["-subj", "/CN=mail.example", "-addext", "subjectAltName=IP:127.0.0.1"];
    const out = ["-keyout", files[0], "-out", files[1]];
    execFileSync(OPENSSL, ["req", "-x509", ...curve, ...out, ...names], { stdio: "ignore" });
    [key, cert] = [readFileSync(files[0], "utf8"), readFileSync(files[1], "utf8")];
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each([
    ["begun with STARTTLS", false],
    ["from the start", true],
  ])("an e-mail goes by TLS %s, and its password too [HS-312e2ii]", async (_name, isSecure) => {
    const server = await serve({
      ...{ key, cert, secure: isSecure, disabledCommands: [] },
      onAuth(auth, _session, callback) {
        callback(null, { user: `${auth.username ?? ""}:${auth.password ?? ""}` });
      },
    });
    const more = { isSecure, needsTls: true, authorities: [cert], user: "siphms", password: "pw" };
    expect(await wayTo(server.port, more).send(MESSAGE, TO)).toBe("delivered");
    expect(server.mails).toMatchObject([{ isSecure: true, user: "siphms:pw" }]);
  });

  it("an e-mail does not go to a server whose certificate nobody vouches for [HS-312e1]", async () => {
    const server = await serve({ key, cert, disabledCommands: ["AUTH"] });
    expect(await wayTo(server.port, { needsTls: true }).send(MESSAGE, TO)).toBe("certificate");
    expect(server.mails).toEqual([]);
  });

  it("an e-mail is not put as plain text on a line on which the server speaks TLS", async () => {
    const server = await serve({ key, cert, secure: true });
    expect(await wayTo(server.port, { limitMs: 300 }).send(MESSAGE, TO)).not.toBe("delivered");
    expect(server.mails).toEqual([]);
  });

  it("an e-mail does not go to a server that shows another name [HS-312e1]", async () => {
    const server = await serve({ key, cert, disabledCommands: ["AUTH"] });
    const more = { host: "localhost", needsTls: true, authorities: [cert] };
    expect(await wayTo(server.port, more).send(MESSAGE, TO)).toBe("certificate");
    expect(server.mails).toEqual([]);
  });
});

function refuseRecipient(_address: unknown, _session: unknown, callback: (error: Error) => void) {
  callback(Object.assign(new Error("No such mailbox"), { responseCode: 550 }));
}

/** Never idle, and never done. */
function dripGreeting(socket: Socket): void {
  const timer = setInterval(() => socket.write("220-still here\r\n"), 20);
  socket.on("close", () => {
    clearInterval(timer);
  });
}
