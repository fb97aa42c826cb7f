import { randomFillSync } from "node:crypto";
import type { AddressInfo } from "node:net";
import { once } from "node:events";

import { toHex } from "@siphms/cose";
import type { Bytes } from "@siphms/cose";
import {
  decodeFrames,
  encodeFrames,
  HANDSHAKE_ID_BYTES,
  MAX_UPLINK_MESSAGE_BYTES,
  UPLINK_PATH,
} from "@siphms/relay";
import type { GatewayFrame, UplinkFrame } from "@siphms/relay";
import { createDeferred } from "@siphms/server-kit";
import type { Deferred } from "@siphms/server-kit";
import { WebSocketServer } from "ws";
import type { WebSocket } from "ws";

import { CliError } from "../../cli-error.ts";
import type { BenchGateway } from "../harness/bench-device.ts";
import { createFeed } from "./feed.ts";
import type { FeedResult, PreparedFrames } from "./feed.ts";

/** A gateway's end of one uplink, in the place of the gateway, that costs next to nothing for each envelope. */
export interface StubGateway extends BenchGateway {
  readonly port: number;
  /** Settles once the hospital has connected. */
  readonly connected: Promise<unknown>;
  /** The number that an envelope gets now; each is given once. */
  readonly nextNumber: () => number;
  /** Sends prepared envelopes as fast as the hospital gives credit, until the last is answered. */
  readonly feed: (frames: PreparedFrames) => Promise<FeedResult>;
}

/**
 * Listens on a free port of this machine for the one hospital of a bench.
 *
 * Unsafe, because it believes whoever connects: the hospital's token is not looked at. Nothing is stored, nothing sent twice.
 */
export async function listenAsUnsafeStubGateway(): Promise<StubGateway> {
  const server = new WebSocketServer({
    host: "127.0.0.1",
    port: 0,
    path: UPLINK_PATH,
    maxPayload: MAX_UPLINK_MESSAGE_BYTES,
    perMessageDeflate: false,
  });
  await once(server, "listening");
  const uplink = createUplink();
  server.on("connection", (socket) => {
    uplink.attach(socket);
  });
  return {
    // Of a server that listens on a port.
    port: (server.address() as AddressInfo).port,
    connected: uplink.connected,
    nextNumber: uplink.nextNumber,
    begin: async ({ kid, body }) => {
      const id = randomFillSync(new Uint8Array(HANDSHAKE_ID_BYTES));
      const first: GatewayFrame = { type: "handshake-in", step: 1, id, kid, body };
      return {
        message2: await uplink.ask(toHex(id), first),
        finish: (third) =>
          uplink.ask(toHex(id), { type: "handshake-in", step: 3, id, body: third }),
      };
    },
    post: ({ sid }, envelope) => {
      const number = uplink.nextNumber();
      return uplink.ask(String(number), { type: "envelope", sid, number, body: envelope });
    },
    feed: (frames) => uplink.feed(frames),
  };
}

function createUplink() {
  const waiting = new Map<string, Deferred<Bytes>>();
  const connected = createDeferred<undefined>();
  let socket: WebSocket | undefined;
  const credit = { left: 0 };
  let last = 0;
  let receive: (message: Buffer) => void = takeMessage;

  function takeMessage(message: Buffer): void {
    for (const frame of decodeFrames(message)) takeFrame(frame);
  }

  function takeFrame(frame: UplinkFrame): void {
    if (frame.type === "credit") credit.left += frame.count;
    else if (frame.type === "answer") settle(String(frame.number), frame.body);
    else if (frame.type === "handshake-out") {
      settle(toHex(frame.id), frame.outcome === "answer" ? frame.body : failed(frame.outcome));
    } else if (frame.type === "no-answer") settle(String(frame.number), failed(frame.type));
  }

  function settle(key: string, outcome: Bytes | CliError): void {
    const one = waiting.get(key);
    waiting.delete(key);
    if (outcome instanceof CliError) one?.reject(outcome);
    else one?.resolve(outcome);
  }

  return {
    connected: connected.promise,
    nextNumber: () => (last += 1),
    attach(made: WebSocket): void {
      socket = made;
      credit.left = 0;
      made.on("message", (message: Buffer) => receive(message));
      // Always followed by "close".
      made.on("error", () => undefined);
      made.on("close", () => {
        for (const key of waiting.keys()) settle(key, failed("uplink closed"));
      });
      connected.resolve(undefined);
    },
    ask(key: string, frame: GatewayFrame): Promise<Bytes> {
      const answer = createDeferred<Bytes>();
      waiting.set(key, answer);
      // The few that are asked for one by one never come near the credit.
      if (frame.type === "envelope") credit.left -= 1;
      socket?.send(encodeFrames([frame]));
      return answer.promise;
    },
    async feed(frames: PreparedFrames): Promise<FeedResult> {
      if (socket === undefined) throw failed("no uplink");
      const feed = createFeed(socket, frames, credit);
      receive = feed.receive;
      try {
        return await feed.finished;
      } finally {
        receive = takeMessage;
      }
    },
  };
}

function failed(what: string): CliError {
  return new CliError(`The hospital did not answer the bench's gateway: ${what}.`);
}
