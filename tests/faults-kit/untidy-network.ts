import { createHash } from "node:crypto";
import {
  createServer,
  request as ask,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { concatBytes, type Bytes } from "@siphms/cose";
import { parseEnvelope } from "@siphms/messages";
import { decodeFrames, encodeFrames, type UplinkFrame } from "@siphms/relay";
import { WebSocket, WebSocketServer } from "ws";
import type { Random } from "../crash/random.ts";

const LONGEST_DELAY_MS = 150;
/** An envelope comes once more so long after it was answered, at most. */
const LATE_MS = 3_000;
/** Frames of the uplink are held back so long, and leave in another order. */
const HOLD_MS = 25;
const ONE_IN = 3;

/** An envelope as it was seen on the wire. */
export interface SeenEnvelope {
  readonly sid: string;
  readonly seq: number;
  /** SHA-256 of its bytes, base64url. */
  readonly hash: string;
}

/** What was done to what went through. */
export interface Deeds {
  readonly delayed: number;
  readonly doubled: number;
  /** Once more when it had been answered. */
  readonly replayed: number;
  readonly framesDoubled: number;
  readonly framesMoved: number;
}

/**
 * A network in front of the gateway, for its devices and its hospital: it delays, doubles and reorders, but loses and
 * changes nothing. It notes every envelope that a device sends.
 */
export class UntidyNetwork {
  readonly seen: SeenEnvelope[] = [];
  readonly deeds: { -readonly [deed in keyof Deeds]: number } = {
    delayed: 0,
    doubled: 0,
    replayed: 0,
    framesDoubled: 0,
    framesMoved: 0,
  };
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #gateway: URL;
  readonly #random: Random | undefined;
  readonly #late = new Set<Promise<unknown>>();
  #isStopped = false;

  private constructor(server: Server, gateway: URL, random: Random | undefined) {
    this.#server = server;
    this.#gateway = gateway;
    this.#random = random;
    server.on("request", (incoming, response) => {
      this.#serve(incoming, response).catch(() => response.destroy());
    });
    server.on("upgrade", (incoming, socket, head) => this.#upgrade(incoming, socket, head));
  }

  /**
   * Listens at the gateway's public address and passes on to where the gateway listens.
   *
   * @param random - Decides what is done; without it everything goes through as it came.
   */
  static async start(publicUrl: string, gateway: URL, random?: Random): Promise<UntidyNetwork> {
    const server = createServer();
    const { hostname, port } = new URL(publicUrl);
    await new Promise<void>((resolve) => server.listen(Number(port), hostname, resolve));
    return new UntidyNetwork(server, gateway, random);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await Promise.allSettled(this.#late);
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const message = { method: incoming.method, path: incoming.url, headers: incoming.headers };
    const whole = { ...message, body: await readBody(incoming) };
    const [, sid] = /\/sessions\/([^/]+)\/envelopes$/.exec(whole.path ?? "") ?? [];
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const answer =
      sid === undefined
        ? await this.#pass(whole, gone.signal)
        : await this.#passEnvelope({ ...whole, sid }, gone.signal);
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  async #passEnvelope(message: Message & { sid: string }, gone: AbortSignal): Promise<Answer> {
    const { sid, body } = message;
    const hash = createHash("sha256").update(body).digest("base64url");
    this.seen.push({ sid, seq: parseEnvelope(body).seq, hash });
    const random = this.#random;
    if (random === undefined) return this.#pass(message, gone);
    if (random.below(ONE_IN) === 0) {
      this.deeds.doubled += 1;
      this.#passLater(message, random.below(LONGEST_DELAY_MS));
    }
    if (random.below(ONE_IN) === 0) {
      this.deeds.delayed += 1;
      await wait(random.below(LONGEST_DELAY_MS));
    }
    const answer = await this.#pass(message, gone);
    if (random.below(ONE_IN) === 0) {
      this.deeds.replayed += 1;
      this.#passLater(message, random.below(LATE_MS));
    }
    return answer;
  }

  /** Sends a copy, whose answer nobody gets. */
  #passLater(message: Message, ms: number): void {
    const sent = wait(ms).then(async () => {
      if (!this.#isStopped) await this.#pass(message, AbortSignal.timeout(LATE_MS));
    });
    const quiet = sent.catch(() => undefined).finally(() => this.#late.delete(quiet));
    this.#late.add(quiet);
  }

  #pass({ method, path, headers, body }: Message, signal: AbortSignal): Promise<Answer> {
    const target = new URL(path ?? "", this.#gateway);
    return new Promise((resolve, reject) => {
      const outgoing = ask(target, { method, headers, signal }, (answer) => {
        readBody(answer).then((got) => {
          resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: got });
        }, reject);
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = new URL(incoming.url ?? "", this.#gateway);
    target.protocol = "ws:";
    const { authorization } = incoming.headers;
    const gateway = new WebSocket(target, { headers: { authorization }, perMessageDeflate: false });
    gateway.once("error", () => socket.destroy());
    gateway.once("open", () => {
      this.#sockets.handleUpgrade(incoming, socket, head, (hospital) => {
        this.#join(gateway, hospital);
        this.#join(hospital, gateway);
      });
    });
  }

  /** Passes on the frames of one side. */
  #join(from: WebSocket, to: WebSocket): void {
    let held: UplinkFrame[] = [];
    from.on("message", (data: Buffer) => {
      if (held.length === 0) {
        setTimeout(() => {
          const frames = this.#mix(held);
          held = [];
          if (to.readyState === WebSocket.OPEN) to.send(encodeFrames(frames));
        }, HOLD_MS);
      }
      held.push(...decodeFrames(data));
    });
    from.on("ping", () => {
      if (to.readyState === WebSocket.OPEN) to.ping();
    });
    from.on("error", () => to.terminate());
    from.on("close", () => to.close());
  }

  #mix(frames: readonly UplinkFrame[]): readonly UplinkFrame[] {
    const random = this.#random;
    if (random === undefined) return frames;
    const some = frames.flatMap((frame) => {
      // Credit is a promise of memory: given twice, a gateway would break its contract without knowing.
      if (frame.type === "credit" || random.below(ONE_IN) > 0) return [frame];
      this.deeds.framesDoubled += 1;
      return [frame, frame];
    });
    const mixed = random.shuffle(some);
    this.deeds.framesMoved += mixed.filter((frame, index) => frame !== some[index]).length;
    return mixed;
  }
}

interface Message {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: Bytes;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Uint8Array;
}

async function readBody(message: IncomingMessage): Promise<Bytes> {
  const parts: Buffer[] = [];
  for await (const part of message as AsyncIterable<Buffer>) parts.push(part);
  return concatBytes(...parts);
}
