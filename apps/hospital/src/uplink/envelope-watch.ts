import type { Ingest } from "../ingest/index.ts";

/** Knows whether ingest has something to do. */
export interface EnvelopeWatch {
  /** Whether an envelope is being dealt with, or was a moment ago. */
  isBusy(): boolean;
  /** The same ingest, watched. */
  over(ingest: Pick<Ingest, "submit">): Pick<Ingest, "submit">;
}

/** So long after an envelope it still counts as busy: between two of a steady stream there is no rest for others to take. */
const CALM_MS = 100;

/** Creates a watch that has seen nothing yet. */
export function createEnvelopeWatch(): EnvelopeWatch {
  let underWay = 0;
  let lastAt = -Infinity;
  return {
    isBusy: () => underWay > 0 || performance.now() - lastAt < CALM_MS,
    over: (ingest) => ({
      submit(envelope, respond) {
        underWay += 1;
        ingest.submit(envelope, (outcome) => {
          underWay -= 1;
          lastAt = performance.now();
          respond(outcome);
        });
      },
    }),
  };
}
