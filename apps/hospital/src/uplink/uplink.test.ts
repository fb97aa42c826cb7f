import {
  decodeFrames,
  encodeFrames,
  UPLINK_CLOSE,
  UPLINK_PATH,
  type UplinkFrame,
} from "@siphms/relay";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { silentLogger, systemClock } from "@siphms/server-kit";
import { jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocketServer, type WebSocket } from "ws";
import type { InboundEnvelope, IngestOutcome } from "../ingest/index.ts";
import type { PassKey } from "../keys/index.ts";
import { createGatewayHub, type GatewayHub } from "./gateway-hub.ts";
import { createUplink, type Uplink } from "./uplink.ts";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const passKey: PassKey = {
  kid: new Uint8Array(8),
  privateKey: createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" })),
  publicJwk: { kty: "EC", crv: "P-256", x: "", y: "" },
};

/** A gateway that only records, on loopback. */
interface Gateway {
  readonly url: string;
  readonly requests: IncomingMessage[];
  next(): Promise<WebSocket>;
  refuse: boolean;
  close(): Promise<void>;
}

async function startGateway(): Promise<Gateway> {
  const server: Server = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  const requests: IncomingMessage[] = [];
  const gateway = { refuse: false };
  server.on("upgrade", (request, socket, head) => {
    requests.push(request);
    if (gateway.refuse) {
      socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit("connection", ws));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return Object.assign(gateway, {
    url: `http://127.0.0.1:${String(port)}`,
    requests,
    next: async () => ((await once(sockets, "connection")) as [WebSocket])[0],
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.close();
      await once(server, "close");
    },
  });
}

let gateway: Gateway;
let hub: GatewayHub;
let uplink: Uplink | undefined;
let connectedTo: string[];
let answer: ((outcome: IngestOutcome) => void) | undefined;
let taken: InboundEnvelope[];

beforeEach(async () => {
  gateway = await startGateway();
  hub = createGatewayHub();
  connectedTo = [];
  taken = [];
});
afterEach(async () => {
  await uplink?.stop();
  await gateway.close();
});

function start(): void {
  uplink = createUplink({
    hospitalId: "test-hospital",
    gateways: [gateway.url],
    passKey,
    hub,
    sessions: {
      handshakes: {
        begin: () => Promise.resolve({ outcome: "slow-down", body: new Uint8Array() }),
        finish: () => Promise.resolve({ outcome: "slow-down", body: new Uint8Array() }),
        refused: () => ({}),
      },
      onConnected: (url) => Promise.resolve(void connectedTo.push(url)),
    },
    ingest: {
      submit: (envelope, respond) => {
        taken.push(envelope);
        answer = respond;
      },
    },
    clock: systemClock,
    log: silentLogger,
  });
}

async function frames(socket: WebSocket): Promise<readonly UplinkFrame[]> {
  const [data] = (await once(socket, "message")) as [Buffer];
  return decodeFrames(data);
}

const ENVELOPE: UplinkFrame = {
  type: "envelope",
  sid: new Uint8Array(16),
  number: 1,
  body: new Uint8Array([1]),
};

describe("the uplink", () => {
  it("shows a token of a minute under the pass key, made for this gateway, once", async () => {
    const connection = gateway.next();
    start();
    await connection;
    const [request] = gateway.requests;
    expect(request?.url).toBe(UPLINK_PATH);
    const token = request?.headers.authorization?.replace("Bearer ", "") ?? "";
    const { payload, protectedHeader } = await jwtVerify(token, createPublicKey(privateKey), {
      audience: gateway.url,
      issuer: "test-hospital",
      typ: "siphms-uplink",
    });
    expect(protectedHeader.alg).toBe("ES256");
    expect(payload.exp! - Date.now() / 1000).toBeLessThanOrEqual(60);
    expect(payload.jti).toMatch(/^[\w-]{22}$/);
  });

  it("grants credit, is brought up to date, and answers what comes", async () => {
    const connection = gateway.next();
    start();
    const socket = await connection;
    expect(await frames(socket)).toEqual([{ type: "credit", count: 1024 }]);
    expect(connectedTo).toEqual([gateway.url]);
    expect(uplink?.connected()).toBe(1);
    socket.send(encodeFrames([ENVELOPE]));
    while (taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
    answer?.({ kind: "answer", envelope: new Uint8Array([2]) });
    expect(await frames(socket)).toEqual([
      { type: "answer", sid: new Uint8Array(16), number: 1, body: new Uint8Array([2]) },
      { type: "credit", count: 1 },
    ]);
  });

  it("says how each line stands, since when, and when something came", async () => {
    const connection = gateway.next();
    start();
    expect(uplink?.lines()).toMatchObject([{ gateway: gateway.url, isUp: false }]);
    expect(uplink?.lines()[0]?.lastContact).toBeUndefined();
    const began = uplink?.lines()[0]?.since ?? 0;
    const socket = await connection;
    await frames(socket);
    expect(uplink?.lines()).toMatchObject([{ isUp: true, lastContact: undefined }]);
    socket.send(encodeFrames([ENVELOPE]));
    while (taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(uplink?.lines()[0]?.lastContact).toBeGreaterThanOrEqual(began);
    socket.close();
    while (uplink?.connected() === 1) await new Promise((resolve) => setImmediate(resolve));
    expect(uplink?.lines()).toMatchObject([{ isUp: false }]);
  });

  it("carries what the hub has to say", async () => {
    const connection = gateway.next();
    start();
    const socket = await connection;
    await frames(socket);
    const sid = new Uint8Array(16);
    hub.link.closeSession(gateway.url, sid);
    expect(await frames(socket)).toEqual([{ type: "close", sid }]);
  });

  it("connects again with another token when the connection breaks, and drops what it had to say", async () => {
    const first = gateway.next();
    start();
    const socket = await first;
    await frames(socket);
    socket.send(encodeFrames([ENVELOPE]));
    while (taken.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = gateway.next();
    socket.terminate();
    const again = await second;
    answer?.({ kind: "no-answer" });
    expect(await frames(again)).toEqual([{ type: "credit", count: 1024 }]);
    const tokens = gateway.requests.map(({ headers }) => headers.authorization);
    expect(new Set(tokens).size).toBe(2);
  });

  it("ends the connection for a message that no gateway sends, and connects again", async () => {
    const first = gateway.next();
    start();
    const socket = await first;
    const second = gateway.next();
    socket.send(Buffer.from("hello"), { binary: true });
    const [code] = (await once(socket, "close")) as [number];
    expect(code).toBe(UPLINK_CLOSE.malformed);
    await second;
  });

  it("ends the connection for a text message", async () => {
    const first = gateway.next();
    start();
    const socket = await first;
    socket.send("hello");
    const [code] = (await once(socket, "close")) as [number];
    expect(code).toBe(UPLINK_CLOSE.malformed);
  });

  it("tries again where it is not admitted, until it is", async () => {
    gateway.refuse = true;
    start();
    while (gateway.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(uplink?.connected()).toBe(0);
    gateway.refuse = false;
    await gateway.next();
  });

  it("sends what waits before it stops, and does not come back", async () => {
    const connection = gateway.next();
    start();
    const socket = await connection;
    await frames(socket);
    const last = frames(socket);
    const closed = once(socket, "close");
    hub.link.closeSession(gateway.url, new Uint8Array(16));
    await uplink?.stop();
    expect(await last).toMatchObject([{ type: "close" }]);
    const [code] = (await closed) as [number];
    expect(code).toBe(1000);
    expect(
      hub.link.deliver({
        gateway: gateway.url,
        sid: new Uint8Array(16),
        envelope: new Uint8Array(1),
      }),
    ).toBe(false);
    expect(gateway.requests).toHaveLength(1);
  });
});
