import { NO_STATUS } from "../load/http-lane.ts";
import type { FloodPlan, FloodReport } from "./flood-calls.ts";

/** How fast a flood comes, and from where. */
export type FloodPace = Omit<FloodPlan, "kind">;

/** A flood that goes on until it is ended. */
export interface Flood {
  /** Stops sending, closes all connections, and says what became of it. */
  end(): FloodReport;
}

/** Counts what becomes of a flood. */
export interface FloodCount {
  /** Counts an answer by its status, or by why there is none. */
  add(status: number): void;
  report(held: number): FloodReport;
}

/** Begins to count. */
export function createFloodCount(): FloodCount {
  const began = performance.now();
  const statuses: Record<string, number> = {};
  let refused = 0;
  return {
    add(status) {
      const name = nameOf(status);
      statuses[name] = (statuses[name] ?? 0) + 1;
      refused += 1;
    },
    report: (held) => ({
      seconds: (performance.now() - began) / 1_000,
      refused,
      statuses: { ...statuses },
      held,
    }),
  };
}

function nameOf(status: number): string {
  if (status === NO_STATUS.lost) return "lost";
  return status === NO_STATUS.timeout ? "timeout" : String(status);
}

/** Calls back at a fixed rate, many at a time where the rate is high. @returns what ends it. */
export function atRate(perSecond: number, send: () => boolean): () => void {
  let done = 0;
  const began = performance.now();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - began) * perSecond) / 1_000);
    // What cannot be sent now is not saved up: a flood that is held back must not come all at once later.
    for (; done < due; done += 1) if (!send()) done = due;
  }, STEP_MS);
  return () => {
    clearInterval(timer);
  };
}

const STEP_MS = 5;
