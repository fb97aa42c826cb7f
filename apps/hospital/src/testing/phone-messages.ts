import type { Bytes, CborMap, SigningKey } from "@siphms/cose";
import {
  createMessageId,
  encodeReadings,
  encodeRequest,
  METHODS,
  openEnvelope,
  parseReceipt,
  parseResponse,
  sealEnvelope,
  signMessage,
  TYP,
  verifySigned,
  type Receipt,
  type Response,
  type Series,
  type Typ,
} from "@siphms/messages";
import type { IngestOutcome } from "../ingest/index.ts";
import type { PhoneSession } from "./phone.ts";
import type { Handed } from "./protocol-world.ts";

/** A sealed envelope and what is in it. */
export interface SealedItem extends Handed {
  readonly messageId: Bytes;
  readonly name: Bytes;
  readonly signed: Bytes;
}

/** What a test can have otherwise in a message. */
export interface ItemChanges {
  readonly created?: number;
  readonly messageId?: Bytes;
  readonly seq?: number;
  readonly typ?: string;
  readonly payload?: Bytes;
  readonly signWith?: SigningKey;
  readonly recipient?: Uint8Array;
}

/** Signs and seals one payload under the session's next seq. */
export async function sealItem(
  session: PhoneSession,
  item: ItemChanges & { readonly messageId: Bytes; readonly typ: string; readonly payload: Bytes },
): Promise<SealedItem> {
  const { phone, hospital, world } = session;
  const { signed, name } = await signMessage(
    {
      // A device can write any text there.
      typ: item.typ as Typ,
      payload: item.payload,
      sender: phone.credential,
      recipientThumbprint: item.recipient ?? hospital.credential.thumbprint,
      key: item.signWith ?? phone.key,
    },
    world.crypto,
  );
  const { messageId } = item;
  return { ...(await reseal(session, signed, item.seq)), messageId, name, signed };
}

/** Seals what is signed already, under the session's next seq unless another one is given. */
export async function reseal(session: PhoneSession, signed: Bytes, seq?: number): Promise<Handed> {
  const { keys, world } = session;
  const input = { keys, direction: 0, seq: seq ?? session.seq++, signed } as const;
  return { sid: keys.sid, body: await sealEnvelope(input, world.crypto) };
}

/** A series of heart rates, one a second. */
export function heartRates(start: number, ...values: readonly number[]): Series {
  const deltas = values.map((_, index) => (index === 0 ? 0 : 1000));
  return { kind: 1, start, deltas, values, origin: 0 };
}

/** Signs and seals readings. */
export async function sealReadings(
  session: PhoneSession,
  series: readonly Series[],
  changes: ItemChanges = {},
): Promise<SealedItem> {
  const { clock, crypto } = session.world;
  const created = changes.created ?? clock.now();
  const messageId = changes.messageId ?? createMessageId(created, crypto);
  const payload = changes.payload ?? encodeReadings({ messageId, created, series });
  return sealItem(session, { typ: TYP.readings, ...changes, messageId, payload });
}

/** Signs and seals a request. */
export async function sealRequest(
  session: PhoneSession,
  request: { readonly method: string; readonly parameters?: CborMap },
  changes: ItemChanges = {},
): Promise<SealedItem> {
  const { clock, crypto } = session.world;
  const created = changes.created ?? clock.now();
  const messageId = changes.messageId ?? createMessageId(created, crypto);
  const { method, parameters = new Map() } = request;
  const payload = changes.payload ?? encodeRequest({ messageId, created, method, parameters });
  return sealItem(session, { typ: TYP.request, ...changes, messageId, payload });
}

/** Signs and seals the opening of the session's commitment, or another one. */
export async function sealConfirm(
  session: PhoneSession,
  nonceD = session.nonceD,
): Promise<SealedItem> {
  const parameters = METHODS.confirm.parameters.encode({ nonceD });
  return sealRequest(session, { method: "confirm", parameters });
}

/** Opens and verifies what the hospital sent, as a device does. */
export async function openAnswer(
  session: Pick<PhoneSession, "world" | "keys" | "hospital" | "phone">,
  envelope: Bytes,
) {
  const { crypto } = session.world;
  const { keys } = session;
  const { seq, signed } = await openEnvelope({ bytes: envelope, keys, direction: 1 }, crypto);
  const { credential, verifyKey } = session.hospital;
  const verified = await verifySigned(
    {
      signed,
      sender: { ...credential, key: verifyKey },
      recipientThumbprint: session.phone.credential.thumbprint,
    },
    crypto,
  );
  return { seq, signed, ...verified };
}

/** The receipt in an outcome; fails for anything else. */
export async function receiptOf(session: PhoneSession, outcome: IngestOutcome): Promise<Receipt> {
  return parseReceipt(await payloadOf(session, outcome, TYP.receipt));
}

/** The response in an outcome; fails for anything else. */
export async function responseOf(session: PhoneSession, outcome: IngestOutcome): Promise<Response> {
  return parseResponse(await payloadOf(session, outcome, TYP.response));
}

async function payloadOf(
  session: PhoneSession,
  outcome: IngestOutcome,
  wanted: Typ,
): Promise<Bytes> {
  if (outcome.kind !== "answer") throw new Error("no answer");
  const { typ, payload } = await openAnswer(session, outcome.envelope);
  if (typ !== wanted) throw new Error(`not ${wanted}: ${typ}`);
  return payload;
}
