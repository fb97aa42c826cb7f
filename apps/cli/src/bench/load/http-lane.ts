import { connect } from "node:net";
import type { Socket } from "node:net";

/** Said in place of a status: the connection ended before the whole answer was there, or the answer did not come in time. */
export const NO_STATUS = { lost: 0, timeout: -1 } as const;

/** An answer, or why there is none. */
export interface LaneAnswer {
  /** Of HTTP, or one of {@link NO_STATUS}. */
  readonly status: number;
  /** Status line and headers as they came; empty where there is no answer. */
  readonly head: string;
  readonly body: Buffer;
}

/** One connection of a load generator: sends one request at a time and keeps the connection for the next. */
export interface HttpLane {
  /** @param request - The whole request as bytes. @param timeoutMs - After which the answer is given up, and the connection with it. */
  send(request: Uint8Array, timeoutMs: number): Promise<LaneAnswer>;
  close(): void;
}

/** Below the time after which servers close an idle connection: else a request would meet a closing one. */
const IDLE_MS = 4_000;
const HEAD_END = Buffer.from("\r\n\r\n");
const EMPTY: Buffer = Buffer.alloc(0);
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

interface Waiting {
  readonly settle: (answer: LaneAnswer) => void;
  readonly timer: NodeJS.Timeout;
}

/**
 * Makes a lane to a port of this machine; it connects when it is first used, and again when its connection has ended.
 *
 * Requests are bytes made beforehand and of an answer only status and body are read: a generator that shares the machine with what it
 * measures must cost little, and `node:http` costs several times as much.
 *
 * @param from - The address of this machine to connect from, on Linux any of 127.0.0.0/8; by default the system's choice, which is
 *   much quicker where thousands of ports are taken: a port that is bound to an address first is looked for among all.
 */
export function createHttpLane(port: number, from?: string): HttpLane {
  let socket: Socket | undefined;
  let waiting: Waiting | undefined;
  let received = EMPTY;
  let usedAt = 0;

  function settle(answer: LaneAnswer): void {
    const current = waiting;
    waiting = undefined;
    received = EMPTY;
    usedAt = performance.now();
    clearTimeout(current?.timer);
    current?.settle(answer);
  }

  function drop(): void {
    const old = socket;
    socket = undefined;
    old?.destroy();
  }

  function open(): Socket {
    const local = from === undefined ? {} : { localAddress: from };
    const fresh = connect({ host: "127.0.0.1", port, noDelay: true, ...local });
    fresh.on("data", (part) => {
      if (waiting === undefined) return;
      received = received.length === 0 ? part : Buffer.concat([received, part]);
      const answer = readAnswer(received);
      if (answer === undefined) return;
      if (answer.closes) drop();
      settle(answer);
    });
    // Always followed by "close".
    fresh.on("error", () => undefined);
    fresh.on("close", () => {
      if (socket !== fresh) return;
      socket = undefined;
      settle({ status: NO_STATUS.lost, head: "", body: EMPTY });
    });
    return fresh;
  }

  return {
    send(request, timeoutMs) {
      if (waiting !== undefined) throw new TypeError("lane: one request at a time");
      if (performance.now() - usedAt > IDLE_MS) drop();
      return new Promise((resolve) => {
        const timer = setTimeout(() => {
          drop();
          settle({ status: NO_STATUS.timeout, head: "", body: EMPTY });
        }, timeoutMs);
        waiting = { settle: resolve, timer };
        socket ??= open();
        socket.write(request);
      });
    },
    close() {
      drop();
      if (waiting !== undefined) settle({ status: NO_STATUS.lost, head: "", body: EMPTY });
    },
  };
}

/** undefined while it is not whole. One whose length is not said has no end that could be known: it is given up. */
function readAnswer(bytes: Buffer): (LaneAnswer & { readonly closes: boolean }) | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const head = bytes.toString("latin1", 0, headEnd);
  const status = Number(head.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length));
  const length = BODILESS.has(status) ? 0 : Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1]);
  if (!Number.isInteger(length)) {
    return { status: NO_STATUS.lost, head: "", body: EMPTY, closes: true };
  }
  const start = headEnd + HEAD_END.length;
  if (bytes.length < start + length) return undefined;
  const closes = /\r\nconnection: *close/i.test(head);
  return { status, head, body: bytes.subarray(start, start + length), closes };
}
