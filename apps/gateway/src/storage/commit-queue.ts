import { createDeferred, type Deferred } from "@siphms/server-kit";
import { StoreError } from "../domain/store-error.ts";

/** Runs changes in order, many in one durable transaction. */
export interface CommitQueue {
  /**
   * Runs a change in the next transaction; its result comes when the transaction is on disk.
   *
   * @throws {StoreError} `STORE_FAILED` if it could not be written; other changes of the same transaction fail with it.
   */
  run<T>(change: () => T): Promise<T>;
  /** Whether the last transaction worked. */
  works(): boolean;
  /** Waits until nothing is under way. */
  drained(): Promise<void>;
}

// One sync call serves all changes that came while the last one was under way. The bound keeps a transaction, which
// holds the event loop while it runs, under some ten milliseconds.
const MAX_CHANGES = 1000;

interface Change {
  readonly work: () => () => void;
  readonly failed: (error: StoreError) => void;
}

/**
 * Creates a group commit: one transaction at a time, and the next takes everything that came in the meantime.
 *
 * @param transaction - Runs the work in one transaction that is undone as a whole if the work throws, and is fulfilled once it is durable.
 */
export function createCommitQueue(transaction: (work: () => void) => Promise<void>): CommitQueue {
  let waiting: Change[] = [];
  let running: Deferred<undefined> | undefined;
  let works = true;

  async function runAll(): Promise<void> {
    while (waiting.length > 0) {
      const changes = waiting.slice(0, MAX_CHANGES);
      waiting = waiting.slice(MAX_CHANGES);
      let tell: readonly (() => void)[] = [];
      try {
        await transaction(() => {
          tell = changes.map((change) => change.work());
        });
        works = true;
        for (const done of tell) done();
      } catch (cause) {
        works = false;
        const error = new StoreError({ cause });
        for (const change of changes) change.failed(error);
      }
    }
  }

  function start(): void {
    if (running !== undefined) return;
    const now = createDeferred<undefined>();
    running = now;
    // The changes of one turn of the event loop share the first transaction.
    setImmediate(() => {
      void runAll().finally(() => {
        running = undefined;
        if (waiting.length > 0) start();
        now.resolve(undefined);
      });
    });
  }

  return {
    run<T>(change: () => T): Promise<T> {
      const result = createDeferred<T>();
      waiting.push({
        work: () => {
          const value = change();
          return () => {
            result.resolve(value);
          };
        },
        failed: result.reject,
      });
      start();
      return result.promise;
    },
    works: () => works,
    async drained() {
      while (running !== undefined) await running.promise;
    },
  };
}
