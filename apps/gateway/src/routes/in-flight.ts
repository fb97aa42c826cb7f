import type { FastifyInstance } from "fastify";
import { onceGone } from "./once-gone.ts";

/** Knows whether requests are being answered. */
export interface InFlight {
  /** Waits until every request is answered, at most so long. */
  drained(timeoutMs: number): Promise<void>;
}

const LOOK_EVERY_MS = 5;

/** Counts the requests of an application from their headers to the last byte of their answer. */
export function trackInFlight(app: FastifyInstance): InFlight {
  let count = 0;
  // One function for all: an idle device's request is kept for long.
  const ended = (): void => {
    count -= 1;
  };
  app.addHook("onRequest", (request, reply, done) => {
    // An uplink is never answered; it ends by a close of its own.
    if (request.headers.upgrade === undefined) {
      count += 1;
      onceGone(reply, ended);
    }
    done();
  });
  return {
    async drained(timeoutMs) {
      for (let waited = 0; count > 0 && waited < timeoutMs; waited += LOOK_EVERY_MS) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    },
  };
}
