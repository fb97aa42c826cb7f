import { DeviceError } from "./errors.ts";
import { ANSWER_TIMEOUT_MS, postEnvelope, type GatewayOutcome } from "./gateway.ts";
import type { Inbound } from "./inbound.ts";
import type { LastItem } from "./inspection.ts";
import { linkSignals } from "./linked-signal.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Sealed } from "./outbox-record.ts";
import type { Patience } from "./patience.ts";
import type { DevicePorts } from "./ports.ts";
import type { Session } from "./session.ts";

/** What {@link deliver} needs. */
export interface DeliveryContext {
  readonly ports: DevicePorts;
  readonly inbound: Inbound;
  readonly patience: Patience;
  readonly preferWaitSeconds: number;
  /** Told of each message that was sealed. */
  readonly lastItem: Pick<LastItem, "sealed">;
}

/** What is to be sent, and in which session. */
interface Sending {
  readonly session: Session;
  readonly outgoing: Outgoing;
  /** Aborts with the session, or when the engine stops. */
  readonly signal: AbortSignal;
}

/** One post: what came of it, and when it began by the monotonic clock. */
interface Attempt {
  readonly outcome: GatewayOutcome | { readonly kind: "aborted" };
  readonly began: number;
}

/**
 * Brings one signed message to the hospital and waits for its answer.
 *
 * Sealed bytes are kept before they are sent, and as long as the session lives exactly those are sent again. Ends the
 * session where the protocol says so (no answer for 20 s, 204, 401, 404, 409); the message is then sealed anew under
 * the next one.
 *
 * @throws {DeviceError} `STORE_FAILED`, `STORE_CORRUPT`.
 * @see protocol sections 6 ("Device", "Nonces") and 7
 */
export async function deliver(context: DeliveryContext, sending: Sending): Promise<void> {
  const { session, outgoing, signal } = sending;
  try {
    const sealed = outgoing.sealedIn(session.keys.sid) ?? (await seal(context, sending));
    if (sealed === undefined) return;
    for (;;) {
      await context.patience.passed(signal);
      if (signal.aborted || outgoing.settled.aborted) return;
      const attempt = await post(context, sending, sealed);
      if (await isOver(context, sending, attempt)) return;
    }
  } finally {
    outgoing.release();
  }
}

async function seal(
  { ports, lastItem }: DeliveryContext,
  { session, outgoing }: Sending,
): Promise<Sealed | undefined> {
  const signed = await outgoing.signed();
  const sealed = await session.seal(signed, ports.crypto);
  if (sealed === undefined) return undefined;
  await outgoing.keepSealed(sealed);
  lastItem.sealed(signed, sealed.bytes);
  return sealed;
}

async function post(
  { ports, preferWaitSeconds }: DeliveryContext,
  { session, signal }: Sending,
  sealed: Sealed,
): Promise<Attempt> {
  const began = ports.clock.monotonic();
  try {
    const request = { body: sealed.bytes, waitSeconds: preferWaitSeconds, signal };
    return { outcome: await postEnvelope(ports.http, session.access, request), began };
  } catch (error) {
    if (!(error instanceof DeviceError)) throw error;
    if (error.code === "ABORTED") return { outcome: { kind: "aborted" }, began };
    if (error.code === "NETWORK_TIMEOUT") {
      return { outcome: { kind: "end-session", reason: "no-answer" }, began };
    }
    return { outcome: { kind: "wait", code: error.code }, began };
  }
}

/** Acts on an attempt; false if the same bytes are to be sent again. */
async function isOver(
  context: DeliveryContext,
  sending: Sending,
  { outcome, began }: Attempt,
): Promise<boolean> {
  const { session, outgoing } = sending;
  switch (outcome.kind) {
    case "envelopes":
      context.patience.answered();
      for (const bytes of outcome.envelopes) await context.inbound(session, bytes);
      await awaitAnswer(context, sending, began);
      return true;
    case "none":
      context.patience.answered();
      await outgoing.atGateway();
      await awaitAnswer(context, sending, began);
      return true;
    case "no-answer":
      if (await outgoing.noAnswer()) session.end("hospital-no-answer");
      return true;
    case "undeliverable":
      await outgoing.undeliverable(outcome.reason);
      if (outcome.reason === "gateway-refused") context.patience.note("GATEWAY_REFUSED");
      return true;
    case "end-session":
      session.end(outcome.reason);
      return true;
    case "wait":
      context.patience.report(outcome);
      return false;
    case "aborted":
      return true;
  }
}

/**
 * A 200 is believed only through what it brought, so it is waited for as after a 202: by the mailbox, 20 s in all.
 */
async function awaitAnswer(
  { ports }: DeliveryContext,
  { session, outgoing, signal }: Sending,
  began: number,
): Promise<void> {
  const { clock } = ports;
  const link = linkSignals(signal, outgoing.settled);
  await clock.sleep(ANSWER_TIMEOUT_MS - (clock.monotonic() - began), link.signal);
  link.unlink();
  if (!signal.aborted && !outgoing.settled.aborted) session.end("no-answer");
}
