import type { Clock, Logger } from "@siphms/server-kit";

/** Notes a refused handshake message: its step, and why. */
export type RefusalLog = (step: "1" | "3", code: string) => void;

const EVERY_MS = 10_000;

interface Noted {
  at: number;
  /** Refusals since then that have no line of their own. */
  more: number;
}

/**
 * Creates the log of refused handshakes. The first of a kind has a line at once; then there is one in ten seconds at most,
 * which says how many it stands for: anybody can be refused as often as they like, and must not fill the disk by it.
 */
export function createRefusalLog(log: Logger, clock: Clock): RefusalLog {
  // Codes are a closed set, so this stays small.
  const noted = new Map<string, Noted>();
  return (step, code) => {
    const now = clock.now();
    const key = `${step} ${code}`;
    const last = noted.get(key);
    if (last !== undefined && Math.abs(now - last.at) < EVERY_MS) {
      last.more += 1;
      return;
    }
    log.info("handshake refused", { step, code, count: 1 + (last?.more ?? 0) });
    noted.set(key, { at: now, more: 0 });
  };
}
