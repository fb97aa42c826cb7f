import type { Bytes, Crypto } from "@siphms/cose";
import {
  MessageError,
  openEnvelope,
  parseTyp,
  verifySigned,
  type Typ,
  type VerifiedSigned,
} from "@siphms/messages";
import { createMutex } from "./mutex.ts";
import type { Session } from "./session.ts";
import type { DeviceEvent } from "./status.ts";

/** A message of the hospital whose signature verified. */
export interface InboundMessage {
  readonly typ: Typ;
  readonly payload: Bytes;
  /** The signed bytes as they came. */
  readonly signed: Bytes;
}

/** What {@link createInbound} needs. */
export interface InboundContext {
  readonly crypto: Crypto;
  /** Thumbprint of this device's key: what comes must be signed for it. */
  readonly deviceThumbprint: () => Bytes;
  readonly emit: (event: DeviceEvent) => void;
  /** Counts an envelope that did not open. */
  readonly onUnreadable: () => void;
  /** Acts on a verified payload; resolves when its effect is durable. */
  readonly handle: (session: Session, message: InboundMessage) => Promise<void>;
}

/** Takes one envelope that came for a session. True if it was a new one of the hospital's. */
export type Inbound = (session: Session, bytes: Bytes) => Promise<boolean>;

/**
 * The one door for everything that comes from the gateway inside a session, whether as the answer to a post or by the
 * mailbox.
 *
 * In this order: an envelope that was accepted before is passed over; it must open under the session's key; its
 * sequence number must be new, or the session ends with an alarm; it must be signed by the session's hospital key for
 * this device; its type must be one of the hospital's. Accepted counts only after its effect is durable. What does
 * not open is the gateway's noise: it is counted and changes nothing.
 */
export function createInbound(context: InboundContext): Inbound {
  // One at a time: the same answer often comes by both ways at once.
  const oneAtATime = createMutex();
  return (session, bytes) => oneAtATime(() => take(context, session, bytes));
}

async function take(context: InboundContext, session: Session, bytes: Bytes): Promise<boolean> {
  if (session.endReason !== undefined) return false;
  const digest = await context.crypto.sha256(bytes);
  if (session.hasAccepted(digest)) return false;
  const opened = await open(context, session, bytes);
  if (opened === undefined) {
    context.onUnreadable();
    return false;
  }
  if (session.hasOtherUnder(opened.seq, digest)) {
    context.emit({ type: "alarm", alarm: "sequence-conflict" });
    session.end("sequence-conflict");
    return false;
  }
  const message = await verify(context, session, opened.signed);
  if (message === undefined) context.emit({ type: "alarm", alarm: "unverifiable-message" });
  else await handle(context, session, { ...message, signed: opened.signed });
  session.accept(opened.seq, digest);
  if (message !== undefined) session.fruitful = true;
  return message !== undefined;
}

async function open(
  { crypto }: InboundContext,
  session: Session,
  bytes: Bytes,
): Promise<{ readonly seq: number; readonly signed: Bytes } | undefined> {
  try {
    return await openEnvelope({ bytes, keys: session.keys, direction: 1 }, crypto);
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}

async function verify(
  { crypto, deviceThumbprint }: InboundContext,
  session: Session,
  signed: Bytes,
): Promise<VerifiedSigned | undefined> {
  const { credential, verifyKey } = session.hospital;
  const sender = { kid: credential.kid, thumbprint: credential.thumbprint, key: verifyKey };
  try {
    return await verifySigned({ signed, sender, recipientThumbprint: deviceThumbprint() }, crypto);
  } catch (error) {
    if (error instanceof MessageError) return undefined;
    throw error;
  }
}

async function handle(
  context: InboundContext,
  session: Session,
  { typ, payload, signed }: VerifiedSigned & Pick<InboundMessage, "signed">,
): Promise<void> {
  try {
    await context.handle(session, { typ: parseTyp(typ, 1), payload, signed });
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    context.emit({ type: "alarm", alarm: "malformed-message" });
  }
}
