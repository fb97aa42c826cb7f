import {
  createFrameBatcher,
  MAX_UPLINK_MESSAGE_BYTES,
  UPLINK_CLOSE,
  UPLINK_PATH,
  UPLINK_SILENCE_MS,
  type HospitalFrame,
} from "@siphms/relay";
import { WebSocket, type RawData } from "ws";

/** What a connection tells its owner. */
export interface ConnectionEvents {
  /** It is up; frames can be pushed from now on. */
  readonly onOpen: () => void;
  /** @returns false to end the connection as malformed. */
  readonly onMessage: (message: Uint8Array) => boolean;
  /** It is down, or never came up. Called once. `status` is the HTTP status of a refusal, or the close code. */
  readonly onEnd: (status: number) => void;
}

/** One connection to a gateway, from the attempt to its end. */
export interface Connection {
  /** Sends a frame with all others of this turn; nothing once the connection is down. */
  push(frame: HospitalFrame): void;
  /** Sends what waits and closes; resolves when it is down. */
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2000;
const NORMAL_CLOSURE = 1000;

/** Opens a WebSocket to a gateway's uplink. */
export function openConnection(
  target: { readonly gateway: string; readonly token: string },
  events: ConnectionEvents,
): Connection {
  const socket = new WebSocket(uplinkAddress(target.gateway), {
    headers: { authorization: `Bearer ${target.token}` },
    handshakeTimeout: CONNECT_TIMEOUT_MS,
    maxPayload: MAX_UPLINK_MESSAGE_BYTES,
    perMessageDeflate: false,
    followRedirects: false,
  });
  const batcher = createFrameBatcher({
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(message, { binary: true });
    },
    schedule: setImmediate,
  });
  const ended = new Promise<void>((resolve) => {
    socket.once("close", () => {
      resolve();
    });
  });
  let status = 0;
  socket.on("open", events.onOpen);
  socket.on("unexpected-response", (_request, response) => {
    status = response.statusCode ?? 0;
    response.resume();
    socket.terminate();
  });
  socket.on("error", () => {
    // Always followed by "close".
  });
  socket.on("message", (data: RawData, isBinary: boolean) => {
    if (isBinary && Buffer.isBuffer(data) && events.onMessage(data)) return;
    socket.close(UPLINK_CLOSE.malformed);
  });
  socket.on("close", (code: number) => {
    events.onEnd(status === 0 ? code : status);
  });
  endWhenSilent(socket);

  return {
    push: (frame) => {
      if (socket.readyState === WebSocket.OPEN) batcher.push(frame);
    },
    async close() {
      batcher.flush();
      socket.close(NORMAL_CLOSURE);
      const timer = setTimeout(() => {
        socket.terminate();
      }, CLOSE_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** The gateway pings an idle connection: whatever is silent for longer is gone, though TCP may not know it yet. */
function endWhenSilent(socket: WebSocket): void {
  const timer = setTimeout(() => {
    socket.terminate();
  }, UPLINK_SILENCE_MS);
  const heard = (): void => {
    timer.refresh();
  };
  socket.on("open", heard);
  socket.on("message", heard);
  socket.on("ping", heard);
  socket.on("close", () => {
    clearTimeout(timer);
  });
}

function uplinkAddress(gateway: string): URL {
  const address = new URL(UPLINK_PATH, gateway);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return address;
}
