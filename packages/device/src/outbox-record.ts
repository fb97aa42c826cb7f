import { fromHex, type Bytes } from "@siphms/cose";
import {
  arrayOf,
  bytesOf,
  decodeRecord,
  encodeRecord,
  numberOf,
  oneOf,
  textOf,
} from "./record-codec.ts";
import type { PlainOperation } from "./sealed-store.ts";
import type { ItemState, KeptReason } from "./status.ts";

/** Where the signed items lie; written once, never changed. */
export const ITEM_PREFIX = "item/";
/** Where an item's way to the hospital is kept; absent for one that never left. */
export const DELIVERY_PREFIX = "delivery/";

const STATES: readonly ItemState[] = ["queued", "sealed", "at-gateway", "kept"];
const KEPT_REASONS: readonly KeptReason[] = [
  "refused",
  "no-answer",
  "too-large",
  "gateway-refused",
  "hospital-key-retired",
];

/** A message sealed under one session. */
export interface Sealed {
  readonly sid: Bytes;
  readonly seq: number;
  readonly bytes: Bytes;
}

/** What is kept of an item for ever unchanged. */
export interface StoredItem {
  readonly signed: Bytes;
  /** SHA-256 of the signed text. */
  readonly name: Bytes;
  /** Thumbprint of the hospital key that it is signed for. */
  readonly recipient: Bytes;
  readonly samples: number;
  /** ms. */
  readonly created: number;
}

/** What is kept of an item's way to the hospital. */
export interface Delivery {
  readonly state: ItemState;
  /** How often the hospital marked it "no answer" (204). */
  readonly noAnswers: number;
  readonly keptReason?: KeptReason;
  readonly receiptReason?: string;
  /** The bytes that were or will be sent: the same again as long as their session lives. */
  readonly sealed?: Sealed;
}

/** The way of an item that never left. */
export const NEVER_SENT: Delivery = { state: "queued", noAnswers: 0 };

/** The change that stores a new item under its message-id in hex. */
export function itemOperation(id: string, item: StoredItem): PlainOperation {
  const plain = encodeRecord(
    [1, item.signed],
    [2, item.name],
    [3, item.recipient],
    [4, item.samples],
    [5, item.created],
  );
  return { kind: "put", name: ITEM_PREFIX + id, plain };
}

/** The change that stores where an item stands. */
export function deliveryOperation(id: string, delivery: Delivery): PlainOperation {
  const { sealed } = delivery;
  const plain = encodeRecord(
    [1, delivery.state],
    [2, delivery.noAnswers],
    [3, delivery.keptReason],
    [4, delivery.receiptReason],
    [5, sealed && [sealed.sid, sealed.seq, sealed.bytes]],
  );
  return { kind: "put", name: DELIVERY_PREFIX + id, plain };
}

/** The changes that remove an item. */
export function removalOperations(id: string): readonly PlainOperation[] {
  return [
    { kind: "delete", name: ITEM_PREFIX + id },
    { kind: "delete", name: DELIVERY_PREFIX + id },
  ];
}

/** The name of an item's delivery entry. */
export function deliveryName(id: string): string {
  return DELIVERY_PREFIX + id;
}

/** The item that an entry under {@link ITEM_PREFIX} is of. */
export function idOf(name: string): string {
  return name.slice(ITEM_PREFIX.length);
}

/** The message-id in an item's entry name. @throws {CoseError} `HEX_MALFORMED`. */
export function messageIdOf(id: string): Bytes {
  return fromHex(id);
}

/** Reads a stored item. @throws {DeviceError} `STORE_CORRUPT`. */
export function parseItem(plain: Uint8Array): StoredItem {
  const record = decodeRecord(plain);
  return {
    signed: bytesOf(record.get(1)),
    name: bytesOf(record.get(2)),
    recipient: bytesOf(record.get(3)),
    samples: numberOf(record.get(4)),
    created: numberOf(record.get(5)),
  };
}

/**
 * Reads where an item stands. The sealed bytes are left out: the keys of their session died with the process that
 * sealed them, so nobody could open the answer.
 *
 * @throws {DeviceError} `STORE_CORRUPT`.
 */
export function parseDelivery(plain: Uint8Array): Delivery {
  const record = decodeRecord(plain);
  const keptReason = record.get(3);
  const receiptReason = record.get(4);
  if (record.has(5)) arrayOf(record.get(5));
  return {
    state: oneOf(record.get(1), STATES),
    noAnswers: numberOf(record.get(2)),
    ...(keptReason === undefined ? {} : { keptReason: oneOf(keptReason, KEPT_REASONS) }),
    ...(receiptReason === undefined ? {} : { receiptReason: textOf(receiptReason) }),
  };
}
