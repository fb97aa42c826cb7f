import type { Bytes, CborMap, Crypto } from "@siphms/cose";
import {
  METHODS,
  parseNotice,
  readNoticeContent,
  TYP,
  type KeyRotation,
  type Notice,
  type Typ,
} from "@siphms/messages";
import type { AuditWatch } from "./audit-watch.ts";
import { DeviceError } from "./errors.ts";
import type { IdentityKeeper } from "./identity-keeper.ts";
import type { Notices } from "./notices.ts";
import type { Notifier } from "./notifier.ts";
import type { Outbox } from "./outbox.ts";
import { takeReceipt } from "./receipts.ts";
import type { Requests } from "./requests.ts";
import { rotateKey } from "./rotation.ts";
import type { SealedStore } from "./sealed-store.ts";
import type { Session } from "./session.ts";
import type { DeviceEvent } from "./status.ts";

/** Message-ids in one `seen`. */
const MAX_SEEN = 100;

/** What the handling of the hospital's messages needs. */
export interface HospitalMessagesContext {
  readonly crypto: Crypto;
  readonly keeper: IdentityKeeper;
  readonly outbox: Outbox;
  readonly requests: Requests;
  readonly notices: Notices;
  readonly audit: AuditWatch;
  readonly store: SealedStore;
  /** ms, this device's clock. */
  readonly now: () => number;
  readonly bell: Notifier;
  readonly emit: (event: DeviceEvent) => void;
  readonly request: (method: string, parameters: CborMap, signal: AbortSignal) => Promise<CborMap>;
}

/**
 * Acts on one verified message of the hospital; resolves when the effect is durable.
 *
 * @throws {MessageError} `PAYLOAD_MALFORMED`, `PAYLOAD_SCHEMA`.
 * @throws {DeviceError} `STORE_FAILED`.
 */
export async function handleMessage(
  context: HospitalMessagesContext,
  session: Session,
  { typ, payload }: { readonly typ: Typ; readonly payload: Bytes },
): Promise<void> {
  if (typ === TYP.receipt) await takeReceipt(payload, context);
  else if (typ === TYP.response) context.requests.takeResponse(payload);
  else if (typ === TYP.notice) await takeNotice(context, session, payload);
  context.bell.ring();
}

/**
 * Tells the hospital which notices were seen, whenever there are new ones, until the signal aborts. A refusal ends it
 * for this session: the hospital sends them again in the next one, where they are known.
 *
 * @throws {DeviceError} `STORE_FAILED`.
 */
export async function tellSeen(
  context: HospitalMessagesContext,
  session: Session,
  signal: AbortSignal,
): Promise<void> {
  const { notices, bell } = context;
  while (!signal.aborted) {
    const messageIds = session.bindingActive ? notices.untold().slice(0, MAX_SEEN) : [];
    if (messageIds.length === 0) {
      await bell.next();
      continue;
    }
    try {
      await context.request("seen", METHODS.seen.parameters.encode({ messageIds }), signal);
    } catch (error) {
      if (error instanceof DeviceError) return;
      throw error;
    }
    await notices.told(messageIds);
    context.emit({ type: "seen-told", messageIds });
  }
}

/** A notice counts once for ever by its message-id. What is not of its kind's form does not count at all. */
async function takeNotice(
  context: HospitalMessagesContext,
  session: Session,
  payload: Bytes,
): Promise<void> {
  const { notices, emit } = context;
  const notice = parseNotice(payload);
  if (notices.isKnown(notice.messageId)) return;
  const content = readNoticeContent(notice);
  if (content.kind === "binding-active") await bindingActive(context, session, notice);
  else if (content.kind === "key-rotation") {
    await keyRotation(context, session, { notice, rotation: content });
  } else {
    await notices.accept(notice, payload);
    emit({ type: "notice", notice });
  }
}

async function bindingActive(
  { keeper, notices }: HospitalMessagesContext,
  session: Session,
  notice: Notice,
): Promise<void> {
  session.bindingActive = true;
  await notices.acceptHandled(notice, (operation) => keeper.activate([operation]));
}

async function keyRotation(
  { keeper, notices, crypto, emit }: HospitalMessagesContext,
  session: Session,
  { notice, rotation }: { readonly notice: Notice; readonly rotation: KeyRotation },
): Promise<void> {
  const rotated = await rotateKey(rotation, { identity: keeper.identity, session, crypto });
  // Not marked as known: where it does not count now it comes again, in a session in which it may.
  if (rotated === undefined) return;
  await notices.acceptHandled(notice, (operation) => keeper.save(rotated, [operation]));
  const { validUntil: oldValidUntil } = rotation;
  emit({ type: "hospital-key-rotated", kid: rotated.pinned.credential.kid, oldValidUntil });
}
