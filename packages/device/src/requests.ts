import { toHex, type Bytes, type CborMap } from "@siphms/cose";
import { parseResponse } from "@siphms/messages";
import { DeviceError } from "./errors.ts";
import type { Outgoing } from "./outgoing.ts";
import { sealedIn } from "./outbox.ts";
import type { Sealed } from "./outbox-record.ts";
import type { Clock } from "./ports.ts";
import type { Session } from "./session.ts";

/** A signed request, and how long and where its answer is waited for. */
export interface NewRequest {
  readonly messageId: Bytes;
  readonly signed: Bytes;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Only in this session, never sealed in another: `confirm`. */
  readonly boundTo?: Session;
}

interface Waiting {
  readonly request: NewRequest;
  readonly settled: AbortController;
  readonly resolve: (result: CborMap) => void;
  readonly reject: (error: DeviceError) => void;
  sealed?: Sealed;
  noAnswers: number;
  isTaken: boolean;
}

/**
 * Requests that wait for their responses. They live in memory: who asks waits, and asks again after a restart.
 */
export class Requests {
  readonly #clock: Clock;
  readonly #ring: () => void;
  readonly #waiting = new Map<string, Waiting>();

  /** @param ring - Called when there is something new to send, or something was settled. */
  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Whether anything waits. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Whether this one waits. */
  has(messageId: Bytes): boolean {
    return this.#waiting.has(toHex(messageId));
  }

  /**
   * Hands a request to whoever sends, and waits for its response.
   *
   * @throws {DeviceError} `REQUEST_REFUSED`, `REQUEST_UNANSWERED`, `ABORTED`.
   */
  async add(request: NewRequest): Promise<CborMap> {
    const id = toHex(request.messageId);
    const settled = new AbortController();
    const abort = (): void => {
      this.#fail(id, new DeviceError("ABORTED", "The request was ended."));
    };
    if (request.signal?.aborted === true)
      throw new DeviceError("ABORTED", "The request was ended.");
    request.signal?.addEventListener("abort", abort, { once: true });
    const result = new Promise<CborMap>((resolve, reject) => {
      const progress = { noAnswers: 0, isTaken: false };
      this.#waiting.set(id, { request, settled, resolve, reject, ...progress });
    });
    void this.#clock.sleep(request.timeoutMs, settled.signal).then(() => {
      this.#fail(id, unanswered());
    });
    this.#ring();
    try {
      return await result;
    } finally {
      request.signal?.removeEventListener("abort", abort);
    }
  }

  /** The next request to send in this session, if there is one. */
  take(session: Session): Outgoing | undefined {
    for (const [id, waiting] of this.#waiting) {
      const { boundTo } = waiting.request;
      if (waiting.isTaken || (boundTo !== undefined && boundTo !== session)) continue;
      waiting.isTaken = true;
      return this.#outgoing(id, waiting);
    }
    return undefined;
  }

  /**
   * Takes a response that was verified under the hospital key of its session. One that nobody waits for is dropped.
   *
   * @throws {MessageError} `PAYLOAD_MALFORMED`, `PAYLOAD_SCHEMA`.
   */
  takeResponse(payload: Bytes): void {
    const { requestId, error, result } = parseResponse(payload);
    const id = toHex(requestId);
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    if (error !== 0) {
      this.#fail(
        id,
        new DeviceError("REQUEST_REFUSED", `The hospital answered the request with "${error}".`, {
          hospitalError: error,
        }),
      );
      return;
    }
    this.#settle(id, waiting);
    waiting.resolve(result);
  }

  /** Gives up what may not be sent in another session. */
  sessionEnded(session: Session): void {
    for (const [id, { request }] of [...this.#waiting]) {
      if (request.boundTo === session) this.#fail(id, unanswered());
    }
  }

  #outgoing(id: string, waiting: Waiting): Outgoing {
    return {
      signed: () => Promise.resolve(waiting.request.signed),
      sealedIn: (sid) => sealedIn(waiting.sealed, sid),
      keepSealed: (sealed) => {
        // In memory is enough: the session's keys do not outlive the process either.
        waiting.sealed = sealed;
        return Promise.resolve();
      },
      atGateway: () => Promise.resolve(),
      noAnswer: () => {
        if (waiting.noAnswers++ === 0) return Promise.resolve(true);
        this.#fail(id, unanswered());
        return Promise.resolve(false);
      },
      undeliverable: () => {
        this.#fail(
          id,
          new DeviceError("GATEWAY_REFUSED", "The gateway does not take the request."),
        );
        return Promise.resolve();
      },
      settled: waiting.settled.signal,
      release: () => {
        waiting.isTaken = false;
        this.#ring();
      },
    };
  }

  #fail(id: string, error: DeviceError): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#settle(id, waiting);
    waiting.reject(error);
  }

  #settle(id: string, waiting: Waiting): void {
    this.#waiting.delete(id);
    waiting.settled.abort();
    this.#ring();
  }
}

function unanswered(): DeviceError {
  return new DeviceError("REQUEST_UNANSWERED", "The hospital has not answered. Try again.");
}
