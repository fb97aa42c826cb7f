import type { Bytes } from "@siphms/relay";
import { errorFields, type Clock, type Logger } from "@siphms/server-kit";
import { MAILBOX_ALLOWANCE_PER_MINUTE, QUEUE_FULL_RETRY_SECONDS } from "./limits.ts";
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
  if (busySeconds > 0) return refuse("slow-down", busySeconds);
  const number = await ports.store.enqueue({
    ...session,
    body: envelope.body,
    at: ports.clock.now(),
  });
  if (number === "full") return refuse("queue-full", QUEUE_FULL_RETRY_SECONDS);
  const news = ports.envelopeWaits.next(number, envelope.wait);
  ports.uplinks.wake(session.hospital);
  return (await news) ?? { kind: "queued" };
}

/** What a mailbox holds: something, nothing, or a refusal. */
export type MailOutcome =
  ({ readonly kind: "mail" } & MailboxPart) | { readonly kind: "empty" } | Refusal;

/**
 * Reads a session's mailbox behind a place, and deletes what lies up to it.
 *
 * @param request - `after` is 0 for a first request, which acknowledges nothing.
 */
export async function readMail(
  request: {
    readonly pass: Pass;
    readonly after: number;
    readonly maxBytes: number;
    readonly wait: WaitOptions;
  },
  ports: SessionPorts,
): Promise<MailOutcome> {
  const { pass, after, maxBytes, wait } = request;
  const { session } = pass;
  const perMinute = pass.limit + MAILBOX_ALLOWANCE_PER_MINUTE;
  const busySeconds = ports.rates.take(`mailbox ${sessionText(session)}`, perMinute);
  if (busySeconds > 0) return refuse("slow-down", busySeconds);
  if (after > 0) await acknowledge(session, after, ports);
  const mail = ports.store.readMailbox(session, after, maxBytes);
  if (mail !== undefined) return { kind: "mail", ...mail };
  const told = await ports.mailboxWaits.next(sessionText(session), wait);
  if (told === undefined) return { kind: "empty" };
  if (ports.settling.isClosed(session)) return refuse("session-expired");
  const news = ports.store.readMailbox(session, after, maxBytes);
  return news === undefined ? { kind: "empty" } : { kind: "mail", ...news };
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
