import type { Bytes, CborMap } from "@siphms/cose";
import { readMessageId } from "./message-id.ts";
import { decodePadded, encodePayload } from "./padding.ts";
import {
  cborMap,
  type Read,
  readArray,
  readArrayOf,
  readBytesOf,
  readOneOf,
  readOptional,
  readText,
  readUint,
  refuseUnknownKeys,
  schemaError,
} from "./schema.ts";

/** 0 stored; 1 stored, some samples in quarantine; 2 all in quarantine; 3 refused. */
export type Outcome = 0 | 1 | 2 | 3;

/** One sample in quarantine: index of its series, its index there, why. */
export type QuarantinedSample = readonly [series: number, sample: number, reason: string];

/** The hospital's signed word on one item: what the device's outbox waits for. */
export interface Receipt {
  /** The item's message-id. */
  readonly messageId: Bytes;
  /** The item's name: SHA-256 of its signed text, 32 bytes. */
  readonly name: Bytes;
  readonly outcome: Outcome;
  /** ms. */
  readonly received: number;
  /** ms. */
  readonly stored: number;
  /** At least one where present. */
  readonly quarantined?: readonly QuarantinedSample[];
  /** Why the whole item was refused or went into quarantine. */
  readonly reason?: string;
  /** On whose list it now is, as the patient knows them; at least one where present. */
  readonly informed?: readonly string[];
  /** The newest signed state of the audit log when the receipt was made: not yet with the entry of this item. */
  readonly audit?: { readonly size: number; readonly root: Bytes };
}

const readHash = readBytesOf(32);
const readOutcome = readOneOf<Outcome>(0, 1, 2, 3);

/**
 * Encodes a `receipt` payload with its pad.
 *
 * @throws {RangeError} for a receipt that a device would refuse.
 */
export function encodeReceipt(receipt: Receipt): Bytes {
  const map = cborMap(
    [1, receipt.messageId],
    [2, receipt.name],
    [3, receipt.outcome],
    [4, receipt.received],
    [5, receipt.stored],
    [6, receipt.quarantined],
    [7, receipt.reason],
    [8, receipt.informed],
    [9, receipt.audit && [receipt.audit.size, receipt.audit.root]],
  );
  return encodePayload("receipt", map, readReceipt);
}

/**
 * Parses the payload of a message whose `typ` is receipt.
 *
 * Whether it names the item that is waiting, by message-id *and* name, is the caller's comparison.
 *
 * @throws {MessageError} `PAYLOAD_MALFORMED`, `PAYLOAD_SCHEMA`.
 * @see protocol section 6
 */
export function parseReceipt(payload: Uint8Array): Receipt {
  return readReceipt(decodePadded(payload));
}

function readReceipt(map: CborMap): Receipt {
  refuseUnknownKeys(map, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], "receipt");
  const quarantined = readOptional(map.get(6), "receipt.quarantined", readQuarantined);
  const reason = readOptional(map.get(7), "receipt.reason", readText);
  const informed = readOptional(map.get(8), "receipt.informed", readInformed);
  const audit = readOptional(map.get(9), "receipt.audit", readAudit);
  return {
    messageId: readMessageId(map.get(1), "message-id"),
    name: readHash(map.get(2), "receipt.name"),
    outcome: readOutcome(map.get(3), "receipt.outcome"),
    received: readUint(map.get(4), "receipt.received"),
    stored: readUint(map.get(5), "receipt.stored"),
    ...(quarantined === undefined ? {} : { quarantined }),
    ...(reason === undefined ? {} : { reason }),
    ...(informed === undefined ? {} : { informed }),
    ...(audit === undefined ? {} : { audit }),
  };
}

const readQuarantinedSample: Read<QuarantinedSample> = (value, member) => {
  const triple = readArray(value, member);
  if (triple.length !== 3) throw schemaError(member);
  return [readUint(triple[0], member), readUint(triple[1], member), readText(triple[2], member)];
};

const readQuarantined = readArrayOf(readQuarantinedSample, 1);
const readInformed = readArrayOf(readText, 1);

const readAudit: Read<{ readonly size: number; readonly root: Bytes }> = (value, member) => {
  const pair = readArray(value, member);
  if (pair.length !== 2) throw schemaError(member);
  return { size: readUint(pair[0], member), root: readHash(pair[1], member) };
};
