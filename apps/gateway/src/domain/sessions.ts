import type { Bytes } from "@siphms/relay";
import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import {
  BACKLOG_RETRY_SECONDS,
  MAILBOX_ALLOWANCE_PER_MINUTE,
  QUEUE_FULL_RETRY_SECONDS,
} from "./limits.ts";
import type { Pass } from "./passes.ts";
import type { MailboxPart, QueueStore, SessionRef } from "./ports.ts";
import type { Rates } from "./rates.ts";
import { refuse, type Refusal } from "./refusal.ts";
import { sessionText } from "./session-text.ts";
import type { EnvelopeNews, EnvelopeWaits, MailboxWaits, Settling } from "./settling.ts";
import { StoreError } from "./store-error.ts";
import type { Uplinks } from "./uplinks.ts";
import type { WaitOptions } from "./waits.ts";

/** What {@link acceptEnvelope} and {@link readMail} work with. */
export interface SessionPorts {
  readonly store: QueueStore;
  readonly uplinks: Uplinks;
  readonly settling: Settling;
  readonly envelopeWaits: EnvelopeWaits;
  readonly mailboxWaits: MailboxWaits;
  readonly rates: Rates;
  /** Unanswered envelopes from which on a connected hospital's devices are told to wait. */
  readonly maxUnanswered: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What became of an envelope: answered, marked as getting no answer, or durably queued. */
export type EnvelopeOutcome = EnvelopeNews | { readonly kind: "queued" } | Refusal;

/**
 * Takes an envelope of a session.
 *
 * It is on disk before the hospital sees it and before the device hears anything but a refusal.
 */
export async function acceptEnvelope(
  envelope: { readonly pass: Pass; readonly body: Bytes; readonly wait: WaitOptions },
  ports: SessionPorts,
): Promise<EnvelopeOutcome> {
  const { session, limit } = envelope.pass;
  const busySeconds = ports.rates.take(`envelopes ${sessionText(session)}`, limit);
  if (busySeconds > 0) return tooOften(busySeconds);
  if (isBehind(session.hospital, ports)) return BACKLOG;
  const number = await ports.store.enqueue({
    ...session,
    body: envelope.body,
    at: ports.clock.now(),
  });
  if (number === "full") {
    return refuse("queue-full", { retryAfterSeconds: QUEUE_FULL_RETRY_SECONDS });
  }
  const news = new Promise<EnvelopeNews | undefined>((resolve) => {
    ports.envelopeWaits.begin(number, envelope.wait, resolve);
  });
  ports.uplinks.wake(session.hospital);
  return (await news) ?? { kind: "queued" };
}

// A queue that grows while its hospital works only makes everybody wait longer: better the device keeps it, and is heard
// at once when there is room. While the hospital is away nothing else would take it, and the queue is for that.
function isBehind(hospital: string, { store, uplinks, maxUnanswered }: SessionPorts): boolean {
  return store.queuedFor(hospital) >= maxUnanswered && uplinks.isOpen(hospital);
}

const BACKLOG = refuse("slow-down", {
  reason: "hospital-backlog",
  retryAfterSeconds: BACKLOG_RETRY_SECONDS,
});

/** What a mailbox holds: something, nothing, or a refusal. */
export type MailOutcome =
  ({ readonly kind: "mail" } & MailboxPart) | { readonly kind: "empty" } | Refusal;

/** A question to a mailbox. */
export interface MailRequest {
  readonly pass: Pass;
  /** A place in the mailbox: what lies up to it is deleted. 0 for a first request, which acknowledges nothing. */
  readonly after: number;
  readonly maxBytes: number;
  readonly wait: WaitOptions;
}

/**
 * Reads a session's mailbox behind a place, and deletes what lies up to it.
 *
 * @param answer - Called once, when there is mail or the wait is over, with what looks it up. Not a promise: ten thousand
 *   idle devices wait here, and functions that are suspended meanwhile would cost more than the waits themselves.
 */
export async function readMail(
  request: MailRequest,
  ports: SessionPorts,
  answer: (look: () => MailOutcome) => void,
): Promise<void> {
  const { pass, after, maxBytes, wait } = request;
  const { session } = pass;
  const perMinute = pass.limit + MAILBOX_ALLOWANCE_PER_MINUTE;
  const key = sessionText(session);
  const busySeconds = ports.rates.take(`mailbox ${key}`, perMinute);
  if (busySeconds > 0) {
    answer(() => tooOften(busySeconds));
    return;
  }
  if (after > 0) await acknowledge(session, after, ports);
  const mail = ports.store.readMailbox(session, after, maxBytes);
  if (mail !== undefined) {
    answer(() => ({ kind: "mail", ...mail }));
    return;
  }
  // In the same turn as the look: what comes from now on is told.
  ports.mailboxWaits.begin(key, wait, (told) => {
    answer(() => (told === undefined ? { kind: "empty" } : readNews(request, ports)));
  });
}

function readNews({ pass, after, maxBytes }: MailRequest, ports: SessionPorts): MailOutcome {
  if (ports.settling.isClosed(pass.session)) return refuse("session-expired");
  const news = ports.store.readMailbox(pass.session, after, maxBytes);
  return news === undefined ? { kind: "empty" } : { kind: "mail", ...news };
}

function tooOften(retryAfterSeconds: number): Refusal {
  return refuse("slow-down", { reason: "session-rate", retryAfterSeconds });
}

// What cannot be deleted now is deleted at the next cursor; the device must get its mail all the same.
async function acknowledge(session: SessionRef, upTo: number, ports: SessionPorts): Promise<void> {
  try {
    await ports.store.acknowledge(session, upTo);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    ports.log.error("an acknowledgement could not be stored", errorFields(error));
  }
}
