import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startListener } from "../testing/mail-server.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../testing/webhook-receiver.ts";
import type { OutgoingMessage } from "./outgoing.ts";
import { createWebhookWay, parseWebhookSecret, signWebhook } from "./webhook.ts";

const SECRETS = [new Uint8Array(32).fill(7), new Uint8Array(24).fill(9)] as const;
const NOW = Date.UTC(2026, 0, 5, 8, 31);
const MESSAGE: OutgoingMessage = {
  id: "0b7e9a52-4f7e-4c55-9a43-0f3d5c0f9b11",
  alertId: 17,
  level: "warn",
  raisedAt: Date.UTC(2026, 0, 5, 8, 30),
};

let receiver: WebhookReceiver;
beforeEach(async () => {
  receiver = await startWebhookReceiver();
});
afterEach(() => receiver.close());

const way = (more: { readonly url?: URL; readonly limitMs?: number } = {}) =>
  createWebhookWay({
    ...{ url: receiver.url, secrets: SECRETS, limitMs: 2000 },
    consoleOrigin: "https://console.hospital.example",
    ...more,
  });

describe("a webhook", () => {
  it("is posted as JSON that says level, time and a link, and nothing else", async () => {
    expect(await way().send(MESSAGE, NOW)).toBe("delivered");
    const [post] = receiver.posts;
    expect(post).toMatchObject({ method: "POST", path: "/alerts?key=hidden" });
    expect(post?.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(post?.body ?? "")).toEqual({
      id: "17",
      level: "warn",
      at: "2026-01-05T08:30:00.000Z",
      link: "https://console.hospital.example/alerts",
    });
  });

  it("is signed with each secret as Standard Webhooks say, and a receiver can tell", async () => {
    await way().send(MESSAGE, NOW);
    const [post] = receiver.posts;
    if (post === undefined) throw new Error("nothing came");
    const { headers, body } = post;
    expect(headers["webhook-id"]).toBe(MESSAGE.id);
    expect(headers["webhook-timestamp"]).toBe(String(NOW / 1000));
    const signed = `${MESSAGE.id}.${String(NOW / 1000)}.${body}`;
    const expected = SECRETS.map(
      (secret) => `v1,${createHmac("sha256", secret).update(signed).digest("base64")}`,
    );
    expect(headers["webhook-signature"]).toBe(expected.join(" "));
  });

  it("has the signature of the published example", () => {
    // https://github.com/standard-webhooks/standard-webhooks, the libraries' own test.
    const secret = parseWebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    expect(secret).toBeDefined();
    const example = {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestamp: 1_614_265_330,
      body: '{"test": 2432232314}',
    };
    expect(signWebhook(example, secret === undefined ? [] : [secret])).toBe(
      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    );
  });

  it("keeps its id at every try, and signs each with its own time", async () => {
    await way().send(MESSAGE, NOW);
    await way().send(MESSAGE, NOW + 60_000);
    const [one, two] = receiver.posts;
    expect(two?.headers["webhook-id"]).toBe(one?.headers["webhook-id"]);
    expect(two?.headers["webhook-signature"]).not.toBe(one?.headers["webhook-signature"]);
  });

  it.each([400, 401, 404, 410, 429, 500, 503])(
    "counts the answer %d as refused",
    async (status) => {
      receiver.answer((response) => response.writeHead(status).end("Nora Invented is unwell"));
      expect(await way().send(MESSAGE, NOW)).toBe("refused");
    },
  );

  it("follows no redirection, so that nobody else gets it", async () => {
    const other = await startWebhookReceiver();
    for (const status of [301, 302, 303, 307, 308]) {
      receiver.answer((response) => response.writeHead(status, { location: other.url.href }).end());
      expect(await way().send(MESSAGE, NOW)).toBe("redirected");
    }
    expect(other.posts).toEqual([]);
    await other.close();
  });

  it("is given up where the receiver never answers", async () => {
    receiver.answer(() => undefined);
    expect(await way({ limitMs: 200 }).send(MESSAGE, NOW)).toBe("too-slow");
  });

  it("is taken once the receiver says so, whatever its text does", async () => {
    receiver.answer((response) => {
      response.writeHead(200);
      response.write("and so on");
    });
    expect(await way().send(MESSAGE, NOW)).toBe("delivered");
  });

  it("says that nobody listens, and that what listens is no web server", async () => {
    const listener = await startListener((socket) => socket.end("220 mail\r\n"));
    const url = (port: number) => new URL(`http://127.0.0.1:${String(port)}/`);
    expect(await way({ url: url(listener.port) }).send(MESSAGE, NOW)).toBe("unreachable");
    await listener.close();
    expect(await way({ url: url(listener.port) }).send(MESSAGE, NOW)).toBe("unreachable");
  });

  it("names its receiver by the host, as an address may hold a secret", () => {
    expect(way().host).toBe("127.0.0.1");
  });
});

describe("a webhook's secret", () => {
  it.each([
    ["nothing", ""],
    ["no mark in front", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ["another mark", "whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ["fewer than 24 bytes", `whsec_${Buffer.alloc(23).toString("base64")}`],
    ["more than 64 bytes", `whsec_${Buffer.alloc(65).toString("base64")}`],
    ["what is no base64", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_"],
    [
      "two on a line",
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    ],
  ])("is not: %s", (_name, text) => {
    expect(parseWebhookSecret(text)).toBeUndefined();
  });
});
