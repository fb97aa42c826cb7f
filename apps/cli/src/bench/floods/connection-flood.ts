import { connect } from "node:net";
import type { Socket } from "node:net";

import { NO_STATUS } from "../load/http-lane.ts";
import { loopbackAddresses } from "./addresses.ts";
import { atRate, createFloodCount } from "./flood-count.ts";
import type { Flood, FloodPace } from "./flood-count.ts";

/** What an attacker does with a connection. */
export interface ConnectionHabit {
  /** Sent at once; empty for nothing. */
  readonly first: Uint8Array;
  /** Sent a second, as if there were more to come. */
  readonly drip?: Uint8Array;
  /** Sent as fast as it is taken, on and on. */
  readonly pour?: Uint8Array;
  /** It is left so soon after it was opened, answer or not. */
  readonly leaveAfterMs?: number;
}

const DRIP_EVERY_MS = 1_000;

/** Opens connections at a fixed rate, up to so many, and holds them for as long as it is let. */
export function startConnectionFlood(
  plan: FloodPace,
  { port, habit }: { readonly port: number; readonly habit: ConnectionHabit },
): Flood {
  const addresses = loopbackAddresses(plan.network, plan.addresses);
  const held = new Set<Socket>();
  const count = createFloodCount();
  let opened = 0;
  let isOver = false;

  function open(): boolean {
    if (held.size >= plan.connections) return false;
    const localAddress = addresses[opened++ % addresses.length];
    const socket = connect({ host: "127.0.0.1", port, localAddress });
    held.add(socket);
    let status: number = NO_STATUS.lost;
    socket.once("connect", () => {
      socket.write(habit.first);
      if (habit.pour !== undefined) pour(socket, habit.pour);
      if (habit.leaveAfterMs !== undefined) setTimeout(() => socket.destroy(), habit.leaveAfterMs);
    });
    socket.on("data", (part) => {
      if (status === NO_STATUS.lost) status = statusOf(part);
    });
    // Always followed by "close".
    socket.on("error", () => undefined);
    socket.once("close", () => {
      held.delete(socket);
      if (!isOver) count.add(status);
    });
    return true;
  }

  const stop = atRate(plan.perSecond, open);
  const { drip } = habit;
  const timer = setInterval(() => {
    if (drip === undefined) return;
    for (const socket of held) if (!socket.connecting) socket.write(drip);
  }, DRIP_EVERY_MS);
  return {
    end() {
      isOver = true;
      stop();
      clearInterval(timer);
      const report = count.report(held.size);
      for (const socket of held) socket.destroy();
      return report;
    },
  };
}

function pour(socket: Socket, part: Uint8Array): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(part));
  };
  socket.on("drain", more);
  more();
}

function statusOf(part: Buffer): number {
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(part.toString("latin1", 0, 16))?.[1];
  return status === undefined ? NO_STATUS.lost : Number(status);
}
