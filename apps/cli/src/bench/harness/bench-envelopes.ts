import { equalBytes } from "@siphms/cose";
import type { Bytes } from "@siphms/cose";
import {
  createMessageId,
  encodeReadings,
  encodeRequest,
  METHODS,
  openEnvelope,
  parseReceipt,
  sealEnvelope,
  signMessage,
  TYP,
  verifySigned,
} from "@siphms/messages";
import type { Receipt, Series, Typ } from "@siphms/messages";
import { createNodeCrypto } from "@siphms/node-crypto";

import { CliError } from "../../cli-error.ts";
import type { BenchSession } from "./bench-device.ts";

/** Samples in each envelope of a bench: a minute of heart rates, one a second. */
export const SAMPLES_PER_ENVELOPE = 60;
const STEP_MS = 1_000;

/** Between what heart rates lie: from, and how many values from there on. */
export type Beats = readonly [lowest: number, spread: number];

/** Invented hearts: any, and those that alert nobody and everybody by the plan for adults. */
export const BEATS = { any: [60, 40], calm: [62, 20], racing: [140, 20] } as const;

/** A sealed item and what its receipt has to name. */
export interface SealedItem {
  readonly envelope: Bytes;
  readonly messageId: Bytes;
  readonly name: Bytes;
}

const crypto = createNodeCrypto();

/**
 * Signs and seals a minute of invented heart rates under the session's next sequence number.
 *
 * @param created - ms, when it is said to be signed; the last sample is as old. Within the last minutes, or it counts as late.
 */
export async function sealReadings(
  session: BenchSession,
  created: number,
  beats: Beats = BEATS.any,
): Promise<SealedItem> {
  const start = created - (SAMPLES_PER_ENVELOPE - 1) * STEP_MS;
  return sealSeries(session, [heartRates(start, beats)], created);
}

/** Signs and seals readings of any time, as of a device that had to keep them. */
export async function sealSeries(
  session: BenchSession,
  series: readonly Series[],
  created: number,
): Promise<SealedItem> {
  const messageId = createMessageId(created, crypto);
  const payload = encodeReadings({ messageId, created, series });
  return seal(session, { typ: TYP.readings, payload, messageId });
}

/** Signs and seals the opening of an enrolment's commitment. */
export async function sealConfirm(session: BenchSession, nonceD: Bytes): Promise<Bytes> {
  const created = Date.now();
  const messageId = createMessageId(created, crypto);
  const parameters = METHODS.confirm.parameters.encode({ nonceD });
  const payload = encodeRequest({ messageId, created, method: "confirm", parameters });
  return (await seal(session, { typ: TYP.request, payload, messageId })).envelope;
}

/** Opens and verifies what the hospital answered. @throws {MessageError} for anything that is not the hospital's. */
export async function openBenchAnswer(
  { device, keys }: BenchSession,
  envelope: Bytes,
): Promise<{ readonly typ: string; readonly payload: Bytes }> {
  const { signed } = await openEnvelope({ bytes: envelope, keys, direction: 1 }, crypto);
  const { credential, verifyKey } = device.hospital;
  const sender = { ...credential, key: verifyKey };
  const recipientThumbprint = device.credential.thumbprint;
  return verifySigned({ signed, sender, recipientThumbprint }, crypto);
}

/** Checks that an answer is the hospital's receipt for this item, stored as a whole. @throws {CliError} for any other. */
export async function checkReceipt(
  session: BenchSession,
  item: Pick<SealedItem, "messageId" | "name">,
  answer: Bytes,
): Promise<Receipt> {
  const { typ, payload } = await openBenchAnswer(session, answer);
  if (typ !== TYP.receipt)
    throw new CliError("An envelope of readings was answered without a receipt.");
  const receipt = parseReceipt(payload);
  const { messageId, name, outcome } = receipt;
  const isForItem = equalBytes(messageId, item.messageId) && equalBytes(name, item.name);
  if (!isForItem || outcome !== 0) {
    throw new CliError(`A receipt is not for what was sent, or says outcome ${outcome}.`);
  }
  return receipt;
}

/** A minute of invented heart rates. @param start - Time of the first, ms. */
export function heartRates(start: number, [lowest, spread]: Beats = BEATS.any): Series {
  const random = crypto.randomBytes(SAMPLES_PER_ENVELOPE);
  const values = Array.from(random, (byte) => lowest + (byte % spread));
  return { kind: 1, start, step: STEP_MS, values, origin: 0 };
}

async function seal(
  session: BenchSession,
  item: { readonly typ: Typ; readonly payload: Bytes; readonly messageId: Bytes },
): Promise<SealedItem> {
  const { device, keys } = session;
  const { typ, payload, messageId } = item;
  const { signed, name } = await signMessage(
    {
      typ,
      payload,
      sender: device.credential,
      recipientThumbprint: device.hospital.credential.thumbprint,
      key: device.key,
    },
    crypto,
  );
  const seq = session.nextSeq++;
  const envelope = await sealEnvelope({ keys, direction: 0, seq, signed }, crypto);
  return { envelope, messageId, name };
}
