import type { Latest } from "./latest.ts";

/** Patients' latest values in memory, each brought up to date step by step and in order. */
export interface LatestCache {
  /** What is known, or is just being found out. */
  get(patientId: string): Promise<Latest> | undefined;
  /** Takes the next step; `before` is absent where nothing is known. */
  extend(patientId: string, step: (before: Latest | undefined) => Promise<Latest>): Promise<Latest>;
  /** The next one to ask finds nothing. */
  forget(patientId: string): void;
}

/** Patients whose latest values are kept; the first to come is the first to go. About 2 kB each. */
const MAX_CACHED = 50_000;

/** Creates an empty cache. */
export function createLatestCache(): LatestCache {
  // One chain for each patient: what is loaded and what comes meanwhile are taken in order.
  const chains = new Map<string, Promise<Latest>>();
  return {
    get: (patientId) => chains.get(patientId),
    extend(patientId, step) {
      const before = chains.get(patientId);
      const after = before === undefined ? step(undefined) : before.then(step);
      chains.set(patientId, after);
      const oldest = chains.size > MAX_CACHED ? chains.keys().next().value : undefined;
      if (oldest !== undefined) chains.delete(oldest);
      // A load that failed must not stay as the answer for ever.
      after.catch(() => {
        if (chains.get(patientId) === after) chains.delete(patientId);
      });
      return after;
    },
    forget(patientId) {
      chains.delete(patientId);
    },
  };
}
