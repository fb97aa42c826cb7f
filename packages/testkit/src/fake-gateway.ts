import { fromBase64Url, toBase64Url, toHex, type Bytes, type Crypto } from "@siphms/cose";
import { DeviceError, type Clock, type HttpRequest, type HttpResponse } from "@siphms/device";
import {
  encodeMailbox,
  HEADERS,
  MEDIA_TYPES,
  parsePreferWait,
  problemType,
  PROBLEMS,
  type ProblemName,
} from "@siphms/relay";
import type { FakeHospital } from "./fake-hospital.ts";
import type { FakeHandshakeAnswer } from "./fake-hospital-types.ts";

/** What a test can make of a request: an answer of its own, or a fault of the network. */
export type FakeFault =
  | HttpResponse
  | { readonly fault: "unreachable" }
  /** The request never arrives, and no answer comes. */
  | { readonly fault: "timeout" }
  /** The request arrives and is dealt with; its answer is lost on the way back. */
  | { readonly fault: "answer-lost" }
  /** The answer takes this long. */
  | { readonly fault: "delay"; readonly ms: number };

/** A request as the gateway saw it. */
export interface FakeRequestLine {
  readonly step: "message-1" | "message-3" | "envelope" | "mailbox" | "other";
  readonly request: HttpRequest;
  /** By the monotonic clock, ms. */
  readonly at: number;
}

interface Mailbox {
  readonly envelopes: Bytes[];
  /** How many were acknowledged. */
  acknowledged: number;
}

/**
 * A gateway in memory in front of one {@link FakeHospital}: the `Http` port of a device under test.
 *
 * Keeps protocol section 7, and does whatever a test tells it to instead.
 */
export class FakeGateway {
  readonly lines: FakeRequestLine[] = [];
  /** Looked at before each request; `undefined` lets it through. */
  intercept: (line: FakeRequestLine) => FakeFault | undefined = () => undefined;
  /** Whether the hospital's uplink is down: handshakes 503, envelopes 202. */
  isHospitalAway = false;
  /** Whether a post is answered with its receipt (200) or always with 202, the receipt by the mailbox. */
  answersPosts = true;
  /** Whether answers go into the mailbox too. */
  fillsMailbox = true;
  readonly #clock: Clock;
  readonly #crypto: Crypto;
  readonly #hospital: FakeHospital;
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #waiting = new Set<() => void>();
  readonly #backlog: { sid: Bytes; body: Bytes }[] = [];

  constructor(ports: { readonly clock: Clock; readonly crypto: Crypto }, hospital: FakeHospital) {
    this.#clock = ports.clock;
    this.#crypto = ports.crypto;
    this.#hospital = hospital;
    hospital.deliver = (sid, envelope) => {
      this.put(sid, envelope);
    };
  }

  /** Puts bytes into a session's mailbox, whoever they are from. */
  put(sid: Bytes, envelope: Bytes): void {
    this.#mailbox(toHex(sid)).envelopes.push(envelope);
    for (const wake of [...this.#waiting]) wake();
  }

  /** How many of a session's envelopes the device has acknowledged. */
  acknowledged(sid: Bytes): number {
    return this.#mailbox(toHex(sid)).acknowledged;
  }

  /** The hospital's uplink is back: what was queued meanwhile is handed over. */
  async hospitalReturns(): Promise<void> {
    this.isHospitalAway = false;
    for (const { sid, body } of this.#backlog.splice(0)) await this.#toHospital(sid, body);
  }

  /** How many requests of a step there were. */
  count(step: FakeRequestLine["step"]): number {
    return this.lines.filter((line) => line.step === step).length;
  }

  /** The port. */
  readonly http = async (request: HttpRequest): Promise<HttpResponse> => {
    refuseAborted(request);
    const line = { step: stepOf(request), request, at: this.#clock.monotonic() };
    this.lines.push(line);
    const fault = this.intercept(line);
    if (fault === undefined) return this.#serve(line);
    if ("status" in fault) return fault;
    return this.#fail(line, fault);
  };

  async #fail(
    line: FakeRequestLine,
    fault: Exclude<FakeFault, HttpResponse>,
  ): Promise<HttpResponse> {
    const { request } = line;
    switch (fault.fault) {
      case "unreachable":
        throw new DeviceError("NETWORK_UNREACHABLE", "The fake network is down.");
      case "answer-lost":
        await this.#serve(line);
        throw new DeviceError("NETWORK_UNREACHABLE", "The fake network lost the answer.");
      case "timeout":
        await this.#clock.sleep(request.timeoutMs, request.signal);
        refuseAborted(request);
        throw new DeviceError("NETWORK_TIMEOUT", "The fake network is silent.");
      case "delay": {
        const answer = await this.#serve(line);
        await this.#clock.sleep(fault.ms, request.signal);
        refuseAborted(request);
        return answer;
      }
    }
  }

  async #serve({ step, request }: FakeRequestLine): Promise<HttpResponse> {
    switch (step) {
      case "message-1":
        return this.#message1(request);
      case "message-3":
        return this.#message3(request);
      case "envelope":
        return this.#envelope(request);
      case "mailbox":
        return this.#poll(request);
      case "other":
        return problem("malformed");
    }
  }

  async #message1(request: HttpRequest): Promise<HttpResponse> {
    const url = new URL(request.url);
    if (this.isHospitalAway) return problem("hospital-away", 5);
    if (!url.pathname.startsWith(`/v1/hospitals/${this.#hospital.id}/`)) {
      return problem("hospital-unknown");
    }
    const kid = fromBase64Url(url.searchParams.get("key") ?? "");
    const id = toBase64Url(this.#crypto.randomBytes(16));
    const answer = await this.#hospital.takeMessage1(kid, id, request.body!);
    return handshakeResponse(answer, { [HEADERS.location]: `/v1/handshakes/${id}` });
  }

  async #message3(request: HttpRequest): Promise<HttpResponse> {
    if (this.isHospitalAway) return problem("hospital-away", 5);
    const id = new URL(request.url).pathname.split("/").at(-1)!;
    return handshakeResponse(await this.#hospital.takeMessage3(id, request.body!), {});
  }

  async #envelope(request: HttpRequest): Promise<HttpResponse> {
    const sid = sidOf(request);
    if (request.headers[HEADERS.authorization] !== `Bearer pass-${toBase64Url(sid)}`) {
      return problem("pass-invalid");
    }
    if (this.isHospitalAway) {
      this.#backlog.push({ sid, body: request.body! });
      return respond(202);
    }
    const answer = await this.#toHospital(sid, request.body!);
    if (answer === undefined) return respond(204);
    const waits = parsePreferWait(request.headers[HEADERS.prefer]) > 0;
    if (!waits || !this.answersPosts) return respond(202);
    return respond(200, answer, { [HEADERS.contentType]: MEDIA_TYPES.envelope });
  }

  async #toHospital(sid: Bytes, body: Bytes): Promise<Bytes | undefined> {
    const answer = await this.#hospital.takeEnvelope(sid, body);
    if (answer !== undefined && this.fillsMailbox) this.put(sid, answer);
    return answer;
  }

  async #poll(request: HttpRequest): Promise<HttpResponse> {
    const mailbox = this.#mailbox(toHex(sidOf(request)));
    const after = new URL(request.url).searchParams.get("after");
    const from = after === null ? 0 : Number(after.slice(1));
    mailbox.acknowledged = Math.max(mailbox.acknowledged, from);
    const until = this.#clock.monotonic() + 1000 * parsePreferWait(request.headers[HEADERS.prefer]);
    while (mailbox.envelopes.length <= from && this.#clock.monotonic() < until) {
      await this.#nextPut(until - this.#clock.monotonic(), request.signal);
      refuseAborted(request);
    }
    const envelopes = mailbox.envelopes.slice(from);
    if (envelopes.length === 0) return respond(204);
    return respond(200, encodeMailbox(envelopes), {
      [HEADERS.contentType]: MEDIA_TYPES.mailbox,
      [HEADERS.cursor]: `c${String(from + envelopes.length)}`,
    });
  }

  async #nextPut(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const wake = new AbortController();
    const ring = (): void => {
      wake.abort();
    };
    this.#waiting.add(ring);
    signal?.addEventListener("abort", ring, { once: true });
    await this.#clock.sleep(ms, wake.signal);
    signal?.removeEventListener("abort", ring);
    this.#waiting.delete(ring);
  }

  #mailbox(sid: string): Mailbox {
    const known = this.#mailboxes.get(sid);
    if (known !== undefined) return known;
    const mailbox = { envelopes: [], acknowledged: 0 };
    this.#mailboxes.set(sid, mailbox);
    return mailbox;
  }
}

/** A problem document as the gateway writes it. */
export function problem(name: ProblemName, retryAfterSeconds?: number): HttpResponse {
  const body = new TextEncoder().encode(JSON.stringify({ type: problemType(name) }));
  return respond(PROBLEMS[name].status, body, {
    [HEADERS.contentType]: MEDIA_TYPES.problem,
    ...(retryAfterSeconds !== undefined && { [HEADERS.retryAfter]: String(retryAfterSeconds) }),
  });
}

/** Any answer. */
export function respond(
  status: number,
  body: Bytes = new Uint8Array(0),
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return { status, body, headers };
}

function handshakeResponse(
  answer: FakeHandshakeAnswer,
  headers: Readonly<Record<string, string>>,
): HttpResponse {
  if (answer.kind === "hospital-key-unknown") return problem("hospital-key-unknown");
  const contentType = { [HEADERS.contentType]: MEDIA_TYPES.handshakeAnswer };
  if (answer.kind === "edhoc-error") return respond(400, answer.body, contentType);
  return respond(200, answer.body, { ...contentType, ...headers });
}

function stepOf({ method, url }: HttpRequest): FakeRequestLine["step"] {
  const { pathname } = new URL(url);
  if (method === "GET")
    return /^\/v1\/sessions\/[^/]+\/mailbox$/.test(pathname) ? "mailbox" : "other";
  if (/^\/v1\/hospitals\/[^/]+\/handshakes$/.test(pathname)) return "message-1";
  if (/^\/v1\/handshakes\/[^/]+$/.test(pathname)) return "message-3";
  return /^\/v1\/sessions\/[^/]+\/envelopes$/.test(pathname) ? "envelope" : "other";
}

function sidOf({ url }: HttpRequest): Bytes {
  return fromBase64Url(new URL(url).pathname.split("/")[3] ?? "");
}

function refuseAborted({ signal }: HttpRequest): void {
  if (signal?.aborted === true) throw new DeviceError("ABORTED", "The request was ended.");
}
