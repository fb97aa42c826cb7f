import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Bytes } from "@siphms/cose";
import { createMessage1, createSuiteMinus21, prefixMessage1 } from "@siphms/edhoc";
import { createNodeCrypto } from "@siphms/node-crypto";
import {
  decodeFrames,
  encodeFrames,
  UPLINK_PATH,
  type HandshakeFinishFrame,
  type HandshakeOutcome,
  type HandshakeStartFrame,
} from "@siphms/relay";
import { WebSocketServer, type WebSocket } from "ws";
import { until } from "../faults-kit/watched-devices.ts";

const FRAMES_A_MESSAGE = 500;

/** A gateway that brings its hospital nothing but handshakes, as many as it likes. */
export class HostileGateway {
  readonly url: string;
  readonly #server: WebSocketServer;
  readonly #body: Bytes;
  readonly #kid: Bytes;
  #uplink: WebSocket | undefined;
  /** Close codes of its uplinks. */
  readonly closed: number[] = [];
  readonly outcomes = new Map<HandshakeOutcome, number>();
  sent = 0;
  #floods = false;

  private constructor(server: WebSocketServer, body: Bytes, kid: Bytes) {
    this.#server = server;
    this.#body = body;
    this.#kid = kid;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on("connection", (socket) => {
      this.#uplink = socket;
      socket.on("message", (data: Buffer) => this.#hear(data));
      socket.on("close", (code) => this.closed.push(code));
      socket.on("error", () => undefined);
    });
  }

  /** Listens on a port of its own. @param kid - Of the hospital's key; given later by {@link aimAt}. */
  static async start(): Promise<HostileGateway> {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0, path: UPLINK_PATH });
    await once(server, "listening");
    const { message1 } = await createMessage1(createSuiteMinus21(createNodeCrypto()));
    return new HostileGateway(server, prefixMessage1(message1), new Uint8Array(8));
  }

  /** Names the hospital key for which it begins handshakes. */
  aimAt(kid: Bytes): void {
    this.#kid.set(kid);
  }

  get isConnected(): boolean {
    return this.#uplink?.readyState === this.#uplink?.OPEN && this.#uplink !== undefined;
  }

  /** Forgets what it has sent and heard. */
  forget(): void {
    this.outcomes.clear();
    this.closed.length = 0;
    this.sent = 0;
  }

  /** Answers that have come. */
  get answered(): number {
    return [...this.outcomes.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Begins so many handshakes at once. */
  begin(count: number): void {
    this.#send(Array.from({ length: count }, () => this.#message1()));
  }

  /** Sends so many message_3 of handshakes that there are none of. */
  finish(count: number): void {
    this.#send(Array.from({ length: count }, () => this.#message3()));
  }

  /** Begins so many handshakes, and another one for each that is answered, until it is stopped. */
  flood(count: number): void {
    this.#floods = true;
    this.begin(count);
  }

  stopFlooding(): void {
    this.#floods = false;
  }

  async connected(): Promise<void> {
    await until(() => this.isConnected, "the hospital to come to the hostile gateway");
  }

  async stop(): Promise<void> {
    this.#floods = false;
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #message1(): HandshakeStartFrame {
    const id = new Uint8Array(randomBytes(16));
    return { type: "handshake-in", step: 1, id, kid: this.#kid, body: this.#body };
  }

  #message3(): HandshakeFinishFrame {
    const id = new Uint8Array(randomBytes(16));
    return { type: "handshake-in", step: 3, id, body: new Uint8Array(randomBytes(392)) };
  }

  #send(frames: readonly (HandshakeStartFrame | HandshakeFinishFrame)[]): void {
    this.sent += frames.length;
    for (let at = 0; at < frames.length; at += FRAMES_A_MESSAGE) {
      this.#uplink?.send(encodeFrames(frames.slice(at, at + FRAMES_A_MESSAGE)));
    }
  }

  #hear(data: Buffer): void {
    let heard = 0;
    for (const frame of decodeFrames(data)) {
      if (frame.type !== "handshake-out") continue;
      this.outcomes.set(frame.outcome, (this.outcomes.get(frame.outcome) ?? 0) + 1);
      heard += 1;
    }
    if (this.#floods && heard > 0 && this.isConnected) this.begin(heard);
  }
}
