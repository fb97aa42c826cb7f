import { DeviceError } from "./errors.ts";
import { readMailbox, type GatewayOutcome } from "./gateway.ts";
import type { Inbound } from "./inbound.ts";
import type { Patience } from "./patience.ts";
import type { DevicePorts } from "./ports.ts";
import type { Session } from "./session.ts";

/** A gateway that answers "nothing" at once, or the same again and again, is not asked more often than this. */
const MIN_POLL_MS = 1_000;

/** What {@link listen} needs. */
export interface MailboxContext {
  readonly ports: DevicePorts;
  readonly inbound: Inbound;
  readonly patience: Patience;
  readonly mailboxWaitSeconds: number;
}

/**
 * Listens to a session's mailbox until the signal aborts or the session ends.
 *
 * A cursor is named, and with it everything before acknowledged, only after the effects of all those messages are
 * durable.
 *
 * @throws {DeviceError} `STORE_FAILED`.
 */
export async function listen(
  context: MailboxContext,
  session: Session,
  signal: AbortSignal,
): Promise<void> {
  const { clock } = context.ports;
  for (;;) {
    await context.patience.passed(signal);
    if (signal.aborted) return;
    const began = clock.monotonic();
    const brought = await takeOutcome(context, session, await ask(context, session, signal));
    if (session.clockWasSet) session.end("renewal");
    const leftMs = MIN_POLL_MS - (clock.monotonic() - began);
    if (!brought && leftMs > 0) await clock.sleep(leftMs, signal);
  }
}

async function ask(
  { ports, mailboxWaitSeconds }: MailboxContext,
  session: Session,
  signal: AbortSignal,
): Promise<GatewayOutcome> {
  try {
    return await readMailbox(ports.http, session.access, {
      after: session.cursor,
      waitSeconds: mailboxWaitSeconds,
      signal,
    });
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    if (error.code === "ABORTED") return { kind: "none" };
    return { kind: "wait", code: error.code };
  }
}

/** True if it brought something new. */
async function takeOutcome(
  { inbound, patience }: MailboxContext,
  session: Session,
  outcome: GatewayOutcome,
): Promise<boolean> {
  switch (outcome.kind) {
    case "envelopes": {
      patience.answered();
      let isNew = false;
      for (const bytes of outcome.envelopes) isNew = (await inbound(session, bytes)) || isNew;
      session.cursor = outcome.cursor ?? session.cursor;
      return isNew;
    }
    case "none":
    case "no-answer":
      patience.answered();
      return false;
    case "end-session":
      session.end(outcome.reason);
      return false;
    case "undeliverable":
      patience.report({ code: "GATEWAY_FAILED" });
      return false;
    case "wait":
      patience.report(outcome);
      return false;
  }
}
