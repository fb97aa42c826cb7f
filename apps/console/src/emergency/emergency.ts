import { EMERGENCY_HEADER } from "@siphms/api";
import { useSyncExternalStore } from "react";

/** What emergency mode says of itself. */
export interface Emergency {
  /** When it began, ms. */
  readonly since: number;
  /** Up to when the copy of the records goes, ms; absent where that is not known. */
  readonly copyAsOf?: number;
}

const FORM = /^([0-9]{1,15}) ([0-9]{1,15})$/;

let current: Emergency | undefined;
const listeners = new Set<() => void>();

/**
 * Takes what an answer of the API says. One without the header is the hospital's own, and emergency mode is over; an error of
 * something in between says nothing.
 */
export function noteEmergency({ headers, ok }: Pick<Response, "headers" | "ok">): void {
  const header = headers.get(EMERGENCY_HEADER);
  if (header === null && !ok) return;
  const next = header === null ? undefined : parseEmergency(header);
  // The same object as long as it says the same, so that nothing is drawn anew.
  if (next?.since === current?.since && next?.copyAsOf === current?.copyAsOf) return;
  current = next;
  for (const listener of listeners) listener();
}

/** What emergency mode says of itself; `undefined` where the hospital itself is there. */
export function useEmergency(): Emergency | undefined {
  return useSyncExternalStore(subscribe, currentEmergency);
}

/** As {@link useEmergency}, as it stands now. */
export function currentEmergency(): Emergency | undefined {
  return current;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function parseEmergency(header: string): Emergency | undefined {
  const [, since, copyAsOf] = FORM.exec(header) ?? [];
  if (since === undefined) return undefined;
  return { since: Number(since), ...(Number(copyAsOf) > 0 ? { copyAsOf: Number(copyAsOf) } : {}) };
}
