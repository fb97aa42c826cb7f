import { setMaxListeners } from "node:events";

import { formatPreferWait, HEADERS, mailboxPath, MAX_WAIT_SECONDS } from "@siphms/relay";
import type { Clock } from "@siphms/device";

import type { BenchSession } from "../harness/bench-device.ts";
import { createHttpLane } from "./http-lane.ts";
import type { HttpLane } from "./http-lane.ts";
import type { HeldWaits } from "./load-calls.ts";

/** A session as far as its mailbox needs it. */
export type WaitingSession = Pick<BenchSession, "keys" | "pass">;

/** Mailbox waits of devices that have nothing to send. */
export interface IdleWaits {
  /** Adds a wait for each session, a thousand a second: devices do not come all at once, nor ask again all at once. */
  add(sessions: readonly WaitingSession[]): Promise<void>;
  state(): HeldWaits;
  /** Ends all connections. */
  close(): void;
}

/** Beyond the wait itself. */
const MARGIN_MS = 10_000;
const BETWEEN_MS = 1;
const AFTER_REFUSAL_MS = 1_000;

/** Keeps one mailbox wait open for each session, on a connection of its own, as an idle device does. */
export function createIdleWaits(port: number, clock: Clock): IdleWaits {
  const lanes: HttpLane[] = [];
  const counts = { open: 0, failed: 0 };
  const closing = new AbortController();
  // Thousands may pause at once, by intent.
  setMaxListeners(0, closing.signal);
  const isClosed = (): boolean => closing.signal.aborted;

  async function keepWaiting(session: WaitingSession): Promise<void> {
    const lane = createHttpLane(port);
    lanes.push(lane);
    let cursor: string | undefined;
    while (!isClosed()) {
      counts.open += 1;
      const timeoutMs = MAX_WAIT_SECONDS * 1_000 + MARGIN_MS;
      const { status, head } = await lane.send(askMailbox(session, { port, cursor }), timeoutMs);
      counts.open -= 1;
      if (isClosed()) return;
      if (status === 200) cursor = cursorOf(head);
      else if (status !== 204) {
        counts.failed += 1;
        await clock.sleep(AFTER_REFUSAL_MS, closing.signal);
      }
    }
  }

  return {
    async add(sessions) {
      for (const session of sessions) {
        void keepWaiting(session);
        await clock.sleep(BETWEEN_MS);
      }
    },
    state: () => ({ ...counts }),
    close() {
      closing.abort();
      for (const lane of lanes) lane.close();
    },
  };
}

/** Asks a mailbox to wait for as long as it may. @param cursor - Of what is acknowledged by it. */
export function askMailbox(
  { keys, pass }: WaitingSession,
  { port, cursor }: { readonly port: number; readonly cursor: string | undefined },
): Uint8Array {
  const lines = [
    `GET ${mailboxPath(keys.sid, cursor)} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    `${HEADERS.authorization}: Bearer ${pass}`,
    `${HEADERS.prefer}: ${formatPreferWait(MAX_WAIT_SECONDS)}`,
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}

/** Where a mailbox's answer ends. */
export function cursorOf(head: string): string | undefined {
  return new RegExp(`\r\n${HEADERS.cursor}: *([\\w-]+)`, "i").exec(head)?.[1];
}
