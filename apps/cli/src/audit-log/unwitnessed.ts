import type { LogReport } from "@siphms/audit";

import type { WitnessSaying } from "./ask-witnesses.ts";

/** Entries that rest on the hospital's own signature, though witnesses had the time to cosign them. */
export interface Unwitnessed {
  /** The first of them. */
  readonly from: number;
  /** How many there are; with none, it is whether there were more that nobody has confirmed. */
  readonly entries: number;
  /** From the newest cosignature, or else the first entry, to the newest entry. */
  readonly sinceMs: number;
}

/** After this long without a witness the hospital alarms its administrators too. */
const AWAY_MS = 15 * 60_000;

/**
 * Tells how much of a log no witness stands for: whoever has the log's key could have written that anew, or cut it off.
 *
 * @param sayings - What witnesses said there and then; none for an export.
 * @returns `undefined` where a witness stands for all of it, or has not had the time yet.
 */
export function findUnwitnessed(
  report: LogReport,
  sayings: readonly WitnessSaying[],
): Unwitnessed | undefined {
  const asked = sayings.filter(({ log }) => log === undefined);
  const agreeing = asked.filter(({ state }) => state === "agrees").length;
  if (asked.length > 0 && agreeing === asked.length) return undefined;
  const rest = measureRest(report);
  if (rest === undefined) return undefined;
  const isUnheard = asked.length > 0 && agreeing === 0;
  const isLate = report.witnessed !== undefined && rest.entries > 0 && rest.sinceMs > AWAY_MS;
  return isUnheard || isLate ? rest : undefined;
}

function measureRest({ head, times, witnessed }: LogReport): Unwitnessed | undefined {
  if (head === undefined || times === undefined) return undefined;
  const { size } = head.checkpoint;
  const from = Math.min(witnessed?.size ?? 0, size);
  const sinceMs = Math.max(0, times.last - (witnessed?.at ?? times.first));
  return { from, entries: size - from, sinceMs };
}

/** Says in words what no witness stands for. */
export function describeUnwitnessed({ from, entries, sinceMs }: Unwitnessed): string {
  if (entries === 0) {
    return "No witness has confirmed now that this is the whole log: whether entries at its end were taken back is not known.";
  }
  const span = `${Math.round(sinceMs / 60_000)} minutes`;
  const which = entries === 1 ? `Entry ${from}` : `The ${entries} entries from ${from} on`;
  return `${which}, from ${span}, rest on the hospital's own signature alone: no witness has cosigned them. Whoever has the log's key could have written them anew.`;
}
