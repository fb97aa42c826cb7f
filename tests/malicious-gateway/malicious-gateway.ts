import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { concatBytes, toHex, type Bytes } from "@siphms/cose";
import {
  decodeBase64Url,
  decodeFrames,
  encodeFrames,
  handshakePath,
  HEADERS,
  parsePreferWait,
  UPLINK_PATH,
  UPLINK_PING_MS,
  type AnswerFrame,
  type GatewayFrame,
  type HandshakeOutFrame,
  type HospitalFrame,
} from "@siphms/relay";
import { WebSocketServer, type WebSocket } from "ws";
import {
  answered,
  edhocRefusal,
  handshakeAnswer,
  mailboxAnswer,
  NO_CONTENT,
  problem,
  QUEUED,
  type Answer,
} from "./answers.ts";

/** message_1 with its prefix, on its way to the hospital key `kid`. */
export interface Message1 {
  readonly kid: Bytes;
  readonly body: Bytes;
}

/** C_R and message_3 of the handshake that the gateway calls `id`. */
export interface Message3 {
  readonly id: Bytes;
  readonly body: Bytes;
}

/** An envelope that a device posts. */
export interface Posted {
  readonly sid: Bytes;
  readonly body: Bytes;
  readonly waitSeconds: number;
}

/** A device's question for its mailbox. */
export interface Question {
  readonly sid: Bytes;
  readonly after: string | undefined;
  readonly waitSeconds: number;
}

/** Instead of relaying: look, change, keep, answer by itself. `relay` does what an honest gateway does. */
type Step<Message> = (
  message: Message,
  relay: (message: Message) => Promise<Answer>,
) => Promise<Answer>;

/** What the gateway does wrong, step by step; a step that is not named is relayed honestly. */
export interface Attack {
  readonly message1?: Step<Message1>;
  readonly message3?: Step<Message3>;
  readonly envelope?: Step<Posted>;
  readonly mailbox?: Step<Question>;
  /** Sees each frame of the hospital before it counts. */
  readonly fromHospital?: (frame: HospitalFrame, relay: (frame: HospitalFrame) => void) => void;
}

/** What a gateway sees go by: everything, and it keeps all of it. */
export interface Tape {
  readonly message1: Message1[];
  readonly message2: Bytes[];
  readonly message3: Message3[];
  readonly message4: Bytes[];
  readonly envelopes: Posted[];
  readonly answers: AnswerFrame[];
  readonly questions: Question[];
}

/** What the hospital made of an envelope: the bytes of its answer, or that it gives none. */
export type Verdict = Bytes | "no-answer";

interface Unanswered {
  readonly frame: GatewayFrame;
  readonly settle: (verdict: Verdict) => void;
  /** The hospital has spoken, though an attack may have kept its words: nothing to send again. */
  isOver: boolean;
}

/**
 * A gateway that belongs to the attacker, written from the contract in `relay` alone.
 *
 * Left alone it relays as an honest one does, but it verifies nothing, no pass and no uplink token, and forgets nothing.
 * An {@link Attack} changes any step; {@link inject} and {@link askHospital} put anything on the uplink.
 */
export class MaliciousGateway {
  attack: Attack = {};
  tape: Tape = emptyTape();
  readonly url: string;
  readonly #server: Server;
  readonly #uplinks: WebSocketServer;
  #uplink: WebSocket | undefined;
  #number = 0;
  readonly #handshakes = new Map<string, (frame: HandshakeOutFrame) => void>();
  readonly #unanswered = new Map<number, Unanswered>();
  readonly #mailboxes = new Map<string, Bytes[]>();
  readonly #listeners = new Set<() => void>();

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    this.#uplinks = new WebSocketServer({ server, path: UPLINK_PATH });
    this.#uplinks.on("connection", (socket) => this.#connect(socket));
    server.on("request", (request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<MaliciousGateway> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new MaliciousGateway(server);
  }

  async stop(): Promise<void> {
    for (const socket of this.#uplinks.clients) socket.terminate();
    this.#uplinks.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Becomes an honest gateway again, with an empty tape. Mailboxes stay. */
  behave(): void {
    this.attack = {};
    this.tape = emptyTape();
  }

  get isConnected(): boolean {
    return this.#uplink !== undefined;
  }

  /** Gives the hospital an envelope under a number that was never used, and waits for what it makes of it. */
  inject(sid: Bytes, body: Bytes): Promise<Verdict> {
    const frame: GatewayFrame = { type: "envelope", sid, number: ++this.#number, body };
    return new Promise((settle) => {
      this.#unanswered.set(frame.number, { frame, settle, isOver: false });
      this.#send(frame);
    });
  }

  /** Gives the hospital a handshake message and waits for what it says. */
  askHospital(
    message: { readonly id: Bytes; readonly body: Bytes } & (
      { readonly step: 1; readonly kid: Bytes } | { readonly step: 3 }
    ),
  ): Promise<HandshakeOutFrame> {
    return new Promise((resolve) => {
      this.#handshakes.set(toHex(message.id), resolve);
      this.#send({ type: "handshake-in", ...message });
    });
  }

  /** Sends the hospital a message of any bytes; resolves with the code with which it ends the uplink. */
  provoke(message: Uint8Array): Promise<number> {
    return new Promise((resolve) => {
      this.#uplink?.once("close", resolve);
      this.#uplink?.send(message);
    });
  }

  /** Cuts every connection of a device. */
  cutConnections(): void {
    this.#server.closeAllConnections();
  }

  /** How many envelopes were ever put into a session's mailbox. */
  mailboxSize(sid: Bytes): number {
    return this.#mailbox(sid).length;
  }

  /** Puts envelopes into a session's mailbox, as if the hospital had sent them. */
  deliver(sid: Bytes, ...envelopes: readonly Bytes[]): void {
    this.#mailbox(sid).push(...envelopes);
    for (const wake of this.#listeners) wake();
  }

  #connect(socket: WebSocket): void {
    this.#uplink = socket;
    socket.on("message", (data: Buffer) => {
      for (const frame of decodeFrames(data)) this.#fromHospital(frame);
    });
    const pings = setInterval(() => socket.ping(), UPLINK_PING_MS);
    socket.on("close", () => {
      clearInterval(pings);
      if (this.#uplink === socket) this.#uplink = undefined;
    });
    for (const { frame, isOver } of this.#unanswered.values()) if (!isOver) this.#send(frame);
  }

  #send(frame: GatewayFrame): void {
    this.#uplink?.send(encodeFrames([frame]));
  }

  #fromHospital(frame: HospitalFrame | GatewayFrame): void {
    if (frame.type === "handshake-in" || frame.type === "envelope") return;
    if (frame.type === "answer") this.tape.answers.push(frame);
    const asked = "number" in frame ? this.#unanswered.get(frame.number) : undefined;
    if (asked !== undefined) asked.isOver = true;
    const relay = (relayed: HospitalFrame): void => this.#take(relayed);
    if (this.attack.fromHospital === undefined) relay(frame);
    else this.attack.fromHospital(frame, relay);
  }

  #take(frame: HospitalFrame): void {
    if (frame.type === "handshake-out") {
      const resolve = this.#handshakes.get(toHex(frame.id));
      this.#handshakes.delete(toHex(frame.id));
      resolve?.(frame);
    } else if (frame.type === "answer") {
      this.deliver(frame.sid, frame.body);
      this.#settle(frame.number, frame.body);
    } else if (frame.type === "no-answer") this.#settle(frame.number, "no-answer");
  }

  #settle(number: number, verdict: Verdict): void {
    this.#unanswered.get(number)?.settle(verdict);
    this.#unanswered.delete(number);
  }

  #mailbox(sid: Bytes): Bytes[] {
    const known = this.#mailboxes.get(toHex(sid));
    if (known !== undefined) return known;
    const mailbox: Bytes[] = [];
    this.#mailboxes.set(toHex(sid), mailbox);
    return mailbox;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const answer = await this.#answer(request, gone.signal);
    if (answer === "hang-up") response.destroy();
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  async #answer(request: IncomingMessage, gone: AbortSignal): Promise<Answer> {
    const url = new URL(request.url ?? "", this.url);
    const [, , kind = "", id = "", leaf] = url.pathname.split("/");
    const body = await readBody(request);
    const waitSeconds = parsePreferWait(request.headers[HEADERS.prefer]?.toString());
    if (kind === "hospitals") {
      const kid = decodeBase64Url(url.searchParams.get("key") ?? "");
      const first = { kid, body };
      this.tape.message1.push(first);
      return run(this.attack.message1, first, (message) => this.#relayMessage1(message));
    }
    const name = decodeBase64Url(id);
    if (kind === "handshakes") {
      const third = { id: name, body };
      this.tape.message3.push(third);
      return run(this.attack.message3, third, (message) => this.#relayMessage3(message));
    }
    if (leaf === "envelopes") {
      const posted = { sid: name, body, waitSeconds };
      this.tape.envelopes.push(posted);
      return run(this.attack.envelope, posted, (envelope) => this.#relayEnvelope(envelope));
    }
    const asked = { sid: name, after: url.searchParams.get("after") ?? undefined, waitSeconds };
    this.tape.questions.push(asked);
    return run(this.attack.mailbox, asked, (question) => this.#relayMailbox(question, gone));
  }

  async #relayMessage1(message: Message1): Promise<Answer> {
    const id = Uint8Array.from(randomBytes(16));
    const reply = await this.askHospital({ step: 1, id, ...message });
    if (reply.outcome === "answer") this.tape.message2.push(reply.body);
    return handshakeReply(reply, handshakePath(id));
  }

  async #relayMessage3(message: Message3): Promise<Answer> {
    const reply = await this.askHospital({ step: 3, ...message });
    if (reply.outcome === "answer") this.tape.message4.push(reply.body);
    return handshakeReply(reply);
  }

  async #relayEnvelope({ sid, body, waitSeconds }: Posted): Promise<Answer> {
    const verdict = this.inject(sid, body);
    const answer = verdict.then((v) => (v === "no-answer" ? NO_CONTENT : answered(v)));
    return within(answer, waitSeconds, QUEUED);
  }

  /** The cursor is the count of envelopes that were handed out. */
  async #relayMailbox({ sid, after, waitSeconds }: Question, gone: AbortSignal): Promise<Answer> {
    const from = Number(after ?? 0);
    const mailbox = this.#mailbox(sid);
    if (mailbox.length <= from) await this.#change(() => mailbox.length > from, waitSeconds, gone);
    if (mailbox.length <= from) return NO_CONTENT;
    return mailboxAnswer(mailbox.slice(from), String(mailbox.length));
  }

  #change(isDue: () => boolean, seconds: number, gone: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#listeners.delete(wake);
        resolve();
      };
      const wake = (): void => {
        if (isDue()) end();
      };
      const timer = setTimeout(end, seconds * 1000);
      gone.addEventListener("abort", end, { once: true });
      this.#listeners.add(wake);
    });
  }
}

function emptyTape(): Tape {
  return {
    message1: [],
    message2: [],
    message3: [],
    message4: [],
    envelopes: [],
    answers: [],
    questions: [],
  };
}

async function run<Message>(
  step: Step<Message> | undefined,
  message: Message,
  relay: (message: Message) => Promise<Answer>,
): Promise<Answer> {
  return step === undefined ? relay(message) : step(message, relay);
}

function handshakeReply(reply: HandshakeOutFrame, location?: string): Answer {
  if (reply.outcome === "answer") return handshakeAnswer(reply.body, location);
  if (reply.outcome === "edhoc-error") return edhocRefusal(reply.body);
  return problem(reply.outcome);
}

async function within(
  answer: Promise<Answer>,
  seconds: number,
  otherwise: Answer,
): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Answer>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), seconds * 1000);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function readBody(request: IncomingMessage): Promise<Bytes> {
  const parts: Buffer[] = [];
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
  return concatBytes(...parts);
}
