import type { Clock } from "@siphms/server-kit";
import { appendAudit, type AuditEntry } from "../audit/index.ts";
import type { Database } from "../database/index.ts";

/** What somebody asked for who has proved nothing. Of few kinds: each has a count of its own. */
export interface UnknownCall {
  readonly event: string;
  /** A route, or an account that was named. */
  readonly object?: string;
  /** Words of ours; nothing that somebody typed. */
  readonly detail: Readonly<Record<string, string>>;
}

/** Notes requests of nobody who is signed in. */
export interface UnknownCallers {
  /** Notes one. @param source - Names where it came from; of calls that are only counted, the last one's stays. */
  note(call: UnknownCall, source?: string): Promise<void>;
  /** Writes what was only counted. To be called now and then, and at the end. */
  flush(): Promise<void>;
}

/**
 * A kind of call has one entry in so long at most. Whoever calls is nobody yet, so a thousand entries would say no more than
 * one with its count, and anybody who reaches the console could fill the log with them.
 */
export const UNKNOWN_CALLERS_EVERY_MS = 60_000;

interface Counted {
  readonly call: UnknownCall;
  readonly at: number;
  source: string | undefined;
  /** Since then, without an entry of their own. */
  more: number;
}

/** Creates the count. Routes, reasons and accounts are closed sets, so it stays small. */
export function createUnknownCallers({
  database,
  clock,
}: {
  readonly database: Database;
  readonly clock: Clock;
}): UnknownCallers {
  const counted = new Map<string, Counted>();
  const write = (entries: readonly AuditEntry[]) =>
    database.withTransaction((tx) => appendAudit(tx, entries));
  return {
    async note(call, source) {
      const now = clock.now();
      const key = JSON.stringify(call);
      const last = counted.get(key);
      if (last !== undefined && Math.abs(now - last.at) < UNKNOWN_CALLERS_EVERY_MS) {
        last.more += 1;
        last.source = source;
        return;
      }
      counted.set(key, { call, at: now, source, more: 0 });
      await write([entryOf({ call, source, count: 1 + (last?.more ?? 0) }, now)]);
    },
    async flush() {
      const waiting = [...counted.values()].filter(({ more }) => more > 0);
      counted.clear();
      const now = clock.now();
      await write(waiting.map(({ more, ...of }) => entryOf({ ...of, count: more }, now)));
    },
  };
}

function entryOf(
  {
    call,
    source,
    count,
  }: { readonly call: UnknownCall; readonly source: string | undefined; readonly count: number },
  at: number,
): AuditEntry {
  return {
    ...{ ...call, at, actor: "anybody", action: "execute", outcome: "refused" },
    detail: { ...call.detail, ...(source === undefined ? {} : { source }), count },
  };
}
