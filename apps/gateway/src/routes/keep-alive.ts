import { UPLINK_PING_MS, UPLINK_SILENCE_MS } from "@siphms/relay";
import type { Clock, Logger } from "@siphms/server-kit";

/** The part of a WebSocket that shows whether its peer lives. */
export interface PingableSocket {
  on(event: "message" | "ping" | "pong", listener: () => void): unknown;
  ping(): void;
  terminate(): void;
}

/** What {@link keepAlive} works with. */
export interface KeepAlivePorts {
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Pings an uplink and ends it when nothing has been heard for too long.
 *
 * A connection whose peer lost its power stays open for hours otherwise, and the hospital's envelopes would go there.
 *
 * @returns What stops it.
 */
export function keepAlive(socket: PingableSocket, { clock, log }: KeepAlivePorts): () => void {
  let heardAt = clock.now();
  const heard = (): void => {
    heardAt = clock.now();
  };
  socket.on("message", heard);
  socket.on("pong", heard);
  socket.on("ping", heard);
  const timer = setInterval(() => {
    if (clock.now() - heardAt < UPLINK_SILENCE_MS) {
      socket.ping();
      return;
    }
    log.warn("uplink silent");
    // A peer that is gone does not take part in a closing handshake.
    socket.terminate();
  }, UPLINK_PING_MS);
  return () => {
    clearInterval(timer);
  };
}
