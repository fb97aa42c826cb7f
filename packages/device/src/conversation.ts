import { deliver, type DeliveryContext } from "./delivery.ts";
import { linkSignals, type LinkedSignal } from "./linked-signal.ts";
import { listen, type MailboxContext } from "./mailbox.ts";
import type { Notifier } from "./notifier.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Session } from "./session.ts";

/** What {@link converse} needs. */
export interface ConversationContext extends DeliveryContext, MailboxContext {
  readonly bell: Notifier;
  /** The next message to send in this session, if there is one that may be sent. */
  readonly next: (session: Session) => Outgoing | undefined;
  /** Run beside, each until the signal aborts or it has nothing more to do. */
  readonly beside: (session: Session, signal: AbortSignal) => readonly Promise<void>[];
  readonly inFlight: number;
}

/**
 * Sends and listens in one session until it ends, the signal aborts, or `isDone` says so.
 *
 * When it returns, nothing of it is under way any more. A session that did not end can be taken up again.
 *
 * @throws {DeviceError} `STORE_FAILED`, `STORE_CORRUPT`.
 */
export async function converse(
  context: ConversationContext,
  session: Session,
  options: { readonly signal?: AbortSignal | undefined; readonly isDone: () => boolean },
): Promise<void> {
  const scope = linkSignals(options.signal, session.signal);
  scope.signal.addEventListener("abort", context.bell.ring, { once: true });
  // Whatever ends or fails stops the others; the first failure is thrown after all have ended.
  const parts = [
    sendAll(context, session, { scope, isDone: options.isDone }),
    listen(context, session, scope.signal).finally(scope.abort),
    renewInTime(context, session, scope.signal),
    ...context.beside(session, scope.signal).map((part) =>
      part.catch((error: unknown) => {
        scope.abort();
        throw error;
      }),
    ),
  ];
  try {
    await settleAll(parts);
  } finally {
    scope.unlink();
  }
}

async function sendAll(
  context: ConversationContext,
  session: Session,
  { scope, isDone }: { readonly scope: LinkedSignal; readonly isDone: () => boolean },
): Promise<void> {
  const tasks = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const { signal } = scope;
  while (!signal.aborted && failures.length === 0 && !isDone()) {
    const outgoing = tasks.size < context.inFlight ? context.next(session) : undefined;
    if (outgoing === undefined) {
      await context.bell.next();
      continue;
    }
    const task = deliver(context, { session, outgoing, signal })
      .catch((error: unknown) => {
        failures.push(error);
      })
      .finally(() => {
        tasks.delete(task);
        context.bell.ring();
      });
    tasks.add(task);
  }
  scope.abort();
  await Promise.all(tasks);
  if (failures.length > 0) throw failures[0];
}

async function renewInTime(
  { ports }: ConversationContext,
  session: Session,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && session.untilRenewalMs > 0) {
    await ports.clock.sleep(session.untilRenewalMs, signal);
  }
  if (!signal.aborted) session.end("renewal");
}

async function settleAll(parts: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(parts);
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
