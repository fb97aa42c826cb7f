import { readFileSync } from "node:fs";
import { SPARE_CONNECTIONS } from "./routes/server.ts";

/** For the store, the listeners, the logs and the operator. */
const OWN_FILES = 128;
/** The least that the setting takes. */
const LEAST_CONNECTIONS = 10;

/**
 * How many connections a process with these limits has room for, at most `wanted`.
 *
 * Each is an open file. Where the system's limit came first, new connections would be ended unseen, whoever opens them: one
 * address with enough of them would shut out all others.
 *
 * @param limits - Linux's `/proc/self/limits`; `undefined` where there is none.
 */
export function roomForConnections(wanted: number, limits: string | undefined): number {
  const files = /^Max open files +(\d+) /m.exec(limits ?? "")?.[1];
  if (files === undefined) return wanted;
  const room = Number(files) - OWN_FILES - SPARE_CONNECTIONS;
  return Math.max(LEAST_CONNECTIONS, Math.min(wanted, room));
}

/** The limits of this process, where the system tells them. */
export function readLimits(): string | undefined {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    // Not Linux.
    return undefined;
  }
}
