import type { SweepResult } from "../domain/ports.ts";
import type { CommitQueue } from "./commit-queue.ts";
import type { Environment, Table } from "./environment.ts";
import { hospitalOf } from "./keys.ts";
import type { QueueDepth } from "./queue-depth.ts";
import { queuedBodyBytes, queuedSid, recordAt } from "./record.ts";

// Between two steps the event loop and other changes have their turn, and no reader pins old pages for long.
const STEP_ENTRIES = 500;

/** Deletes what is older than `before` everywhere, and tokens that expired before `now`, step by step. */
export async function sweepStore(
  environment: Environment,
  depth: QueueDepth,
  { before, now }: { readonly before: number; readonly now: number },
): Promise<SweepResult> {
  const { commits, queue, mailbox, closed, tokens } = environment;
  const old = (limit: number) => (entry: Entry) => recordAt(entry.value) < limit;
  const queued = await sweepTable(commits, { table: queue, isOld: old(before) }, (key, value) => {
    const session = { hospital: hospitalOf(key), sid: queuedSid(value) };
    const bytes = queuedBodyBytes(value);
    return () => depth.release(session, bytes);
  });
  const mail = await sweepTable(commits, { table: mailbox, isOld: old(before) });
  const closings = await sweepTable(commits, { table: closed, isOld: old(before) });
  const used = await sweepTable(commits, { table: tokens, isOld: old(now) });
  return { queued, mailbox: mail, marks: closings + used };
}

interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

interface Sweeping {
  readonly table: Table;
  readonly isOld: (entry: Entry) => boolean;
}

/** Prepares what is to be done once an entry is durably gone. */
type OnDeleting = (key: Buffer, value: Buffer) => () => void;

async function sweepTable(
  commits: CommitQueue,
  sweeping: Sweeping,
  onDeleting: OnDeleting = () => () => undefined,
): Promise<number> {
  let deleted = 0;
  let from: Buffer | undefined;
  do {
    const start = from;
    const step = await commits.run(() => sweepStep(sweeping, start, onDeleting));
    for (const done of step.deleted) done();
    deleted += step.deleted.length;
    from = step.next;
  } while (from !== undefined);
  return deleted;
}

function sweepStep(
  { table, isOld }: Sweeping,
  start: Buffer | undefined,
  onDeleting: OnDeleting,
): { deleted: readonly (() => void)[]; next: Buffer | undefined } {
  const place = start === undefined ? {} : { start, exclusiveStart: true };
  const entries: readonly Entry[] = [...table.getRange({ limit: STEP_ENTRIES, ...place })];
  const deleted = entries.filter(isOld).map(({ key, value }) => {
    void table.remove(key);
    return onDeleting(key, value);
  });
  return { deleted, next: entries.length < STEP_ENTRIES ? undefined : entries.at(-1)?.key };
}
