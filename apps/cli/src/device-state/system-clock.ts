import { setTimeout as wait } from "node:timers/promises";

import type { Clock } from "@siphms/device";

/** The machine's clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    wait(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      // The port asks for a quiet end: the caller looks at its signal.
      if (signal?.aborted !== true) throw error;
    }),
};
