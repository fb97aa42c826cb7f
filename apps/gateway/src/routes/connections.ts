import type { FastifyInstance } from "fastify";
import type { Socket } from "node:net";
import { createCrowd } from "../domain/crowd.ts";
import { CONNECTIONS_RETRY_SECONDS } from "../domain/limits.ts";
import { addressKey } from "../domain/rates.ts";
import { refuse } from "../domain/refusal.ts";
import { sendRefusal } from "./problem.ts";
import type { IsProxy } from "./proxies.ts";
import { SPARE_CONNECTIONS } from "./server.ts";

/** What {@link limitConnections} works with. */
export interface ConnectionLimit {
  /** Connections above which somebody has to go. */
  readonly maxConnections: number;
  /** Whose connections are those of many: they are not counted. */
  readonly isProxy: IsProxy;
  /** A connection was closed, or its request told to slow down, because there were too many. */
  readonly onCrowded: () => void;
}

/**
 * Shares the connections among the addresses.
 *
 * As long as there is room anybody may have any number. When there is none, a newcomer takes the oldest connection of the
 * address that has most; who has as many as that is told to slow down. So a flood of connections costs its sender, and
 * those who have few come through.
 *
 * @returns How many are open, those of proxies not counted.
 */
export function limitConnections(app: FastifyInstance, limit: ConnectionLimit): () => number {
  const { maxConnections, isProxy, onCrowded } = limit;
  const crowd = createCrowd<Socket>();
  const tooMany = new Map<string, Socket>();

  function makeRoom(holder: string): boolean {
    if (crowd.size() < maxConnections) return true;
    const largest = crowd.largest();
    if (largest === undefined || crowd.countOf(holder) + 1 >= largest.count) return false;
    onCrowded();
    largest.oldest.destroy();
    return true;
  }

  /** It still gets an answer, if it asks while it is one of the newest of these: who stays silent must not fill the room. */
  function refuseNext(socket: Socket): void {
    const [oldest] = tooMany.size >= SPARE_CONNECTIONS ? tooMany : [];
    if (oldest !== undefined) {
      const [name, silent] = oldest;
      tooMany.delete(name);
      onCrowded();
      silent.destroy();
    }
    const name = nameOf(socket);
    tooMany.set(name, socket);
    socket.once("close", () => {
      if (tooMany.get(name) === socket) tooMany.delete(name);
    });
  }

  app.server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress ?? "";
    if (isProxy(address)) return;
    const holder = addressKey(address);
    if (makeRoom(holder)) {
      crowd.add(holder, socket);
      socket.once("close", () => {
        crowd.remove(holder, socket);
      });
      return;
    }
    refuseNext(socket);
  });
  app.addHook("onRequest", async ({ raw }, reply) => {
    if (tooMany.size === 0 || !tooMany.has(nameOf(raw.socket))) return;
    reply.header("connection", "close");
    const retryAfterSeconds = CONNECTIONS_RETRY_SECONDS;
    await sendRefusal(
      reply,
      refuse("slow-down", { reason: "connection-places", retryAfterSeconds }),
    );
  });
  app.server.on("drop", onCrowded);
  return () => crowd.size();
}

// Not the object: under TLS the request has another one than the connection.
function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ""} ${String(remotePort)}`;
}
