import type { Clock } from "@siphms/server-kit";
import { appendAudit } from "../audit/index.ts";
import type { Database } from "../database/index.ts";

/** Notes requests of nobody who is signed in. */
export interface UnknownCallers {
  /** Notes one, by the route's method and pattern. */
  note(route: string): Promise<void>;
  /** Writes what was only counted. To be called now and then, and at the end. */
  flush(): Promise<void>;
}

/**
 * A route has one entry in so long at most. Whoever calls is nobody yet, so a thousand entries would say no more than one
 * with its count, and anybody who reaches the console could fill the log with them.
 */
export const UNKNOWN_CALLERS_EVERY_MS = 60_000;

interface Counted {
  at: number;
  /** Since then, without an entry of their own. */
  more: number;
}

/** Creates the count. Routes are a closed set, so it stays small. */
export function createUnknownCallers({
  database,
  clock,
}: {
  readonly database: Database;
  readonly clock: Clock;
}): UnknownCallers {
  const counted = new Map<string, Counted>();
  const write = (entries: readonly { readonly route: string; readonly count: number }[]) =>
    database.withTransaction((tx) =>
      appendAudit(
        tx,
        entries.map(({ route, count }) => ({
          at: clock.now(),
          event: "access.refused",
          actor: "anybody",
          object: route,
          action: "execute",
          outcome: "refused",
          detail: { why: "not-signed-in", count },
        })),
      ),
    );
  return {
    async note(route) {
      const now = clock.now();
      const last = counted.get(route);
      if (last !== undefined && Math.abs(now - last.at) < UNKNOWN_CALLERS_EVERY_MS) {
        last.more += 1;
        return;
      }
      counted.set(route, { at: now, more: 0 });
      await write([{ route, count: 1 + (last?.more ?? 0) }]);
    },
    async flush() {
      const entries = [...counted].map(([route, { more }]) => ({ route, count: more }));
      counted.clear();
      await write(entries.filter(({ count }) => count > 0));
    },
  };
}
