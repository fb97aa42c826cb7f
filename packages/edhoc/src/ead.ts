import type { Bytes, CborSequenceItem } from "@siphms/cose";
import { concatBytes, encodeCbor } from "@siphms/cose";
import { EdhocError } from "./edhoc-error.ts";

/** One item of external authorization data. Padding (label 0) is made and removed here and never handed out. */
export interface EadItem {
  /** 1 or more; the sign on the wire is {@link critical}. */
  readonly label: number;
  /** Whether a receiver that does not know the label has to give up. */
  readonly critical: boolean;
  readonly value?: Bytes;
}

/** EAD_x of a received message: what it says, and the bytes that were authenticated. */
export interface ReceivedEad {
  readonly items: readonly EadItem[];
  /** Values of the label 0 items, an absent value as h''. */
  readonly padding: readonly Bytes[];
  /** Whether all padding stands behind all items. */
  readonly paddingIsLast: boolean;
  /** EAD_x as received; goes into MAC_x and the signature, padding and all. */
  readonly raw: Bytes;
}

const PADDING_LABEL = 0;
const NO_BYTES: Bytes = new Uint8Array();

/**
 * Encodes EAD_x: each item a label, negative if critical, and its value if it has one.
 *
 * @throws RangeError for a label that is not a positive integer.
 * @see RFC 9528 §3.8
 */
export function encodeEad(items: readonly EadItem[]): Bytes {
  return concatBytes(...items.map(encodeItem));
}

function encodeItem({ label, critical, value }: EadItem): Bytes {
  if (!Number.isSafeInteger(label) || label < 1)
    throw new RangeError("label is not a positive integer");
  const wireLabel = encodeCbor(critical ? -label : label);
  return value === undefined ? wireLabel : concatBytes(wireLabel, encodeCbor(value));
}

/**
 * Reads EAD_x, the items at the end of a message or plaintext. Judges no label: see `profile.ts`.
 *
 * @throws {EdhocError} `EDHOC_MALFORMED` unless it is labels, each with at most one byte string behind it.
 */
export function parseEad(sequence: readonly CborSequenceItem[]): ReceivedEad {
  const items: EadItem[] = [];
  const padding: Bytes[] = [];
  let paddingIsLast = true;
  for (let at = 0; at < sequence.length;) {
    const label = sequence[at]?.value;
    if (typeof label !== "number") throw new EdhocError("EDHOC_MALFORMED", "EAD_x");
    const next = sequence[at + 1]?.value;
    const value = next instanceof Uint8Array ? next : undefined;
    at += value === undefined ? 1 : 2;
    if (label === PADDING_LABEL) {
      padding.push(value ?? NO_BYTES);
      continue;
    }
    if (padding.length > 0) paddingIsLast = false;
    const item = { label: Math.abs(label), critical: label < 0 };
    items.push(value === undefined ? item : { ...item, value });
  }
  return { items, padding, paddingIsLast, raw: concatBytes(...sequence.map((item) => item.raw)) };
}

/**
 * EAD items of label 0 and zero bytes that take exactly `length` bytes.
 *
 * A value's length goes into its head, so one item cannot make every length (26, 259): then one more
 * label without a value goes first.
 */
export function encodePadding(length: number): Bytes {
  if (length === 0) return NO_BYTES;
  const label = encodeCbor(PADDING_LABEL);
  if (length === 1) return label;
  const valueLength = lengthInsideByteString(length - 1);
  return valueLength === undefined
    ? concatBytes(label, encodePadding(length - 1))
    : concatBytes(label, encodeCbor(new Uint8Array(valueLength)));
}

/**
 * The padding that brings a sealed message, its byte string head included, to an exact length.
 *
 * @param sizes - `message` the length wanted, `plaintext` the length without padding, `tag` that of the AEAD tag.
 * @throws RangeError if no byte string has that length.
 * @throws {EdhocError} `EDHOC_LENGTH` if the plaintext is too long for it already.
 */
export function paddingToReach(sizes: {
  readonly message: number;
  readonly plaintext: number;
  readonly tag: number;
}): Bytes {
  const ciphertext = lengthInsideByteString(sizes.message);
  if (ciphertext === undefined) throw new RangeError("length is not that of any byte string");
  const missing = ciphertext - sizes.tag - sizes.plaintext;
  if (missing < 0)
    throw new EdhocError(
      "EDHOC_LENGTH",
      "the content does not fit into the message's fixed length",
    );
  return encodePadding(missing);
}

/** How long a byte string is whose encoding takes `encoded` bytes; `undefined` at the gaps (25, 258). */
function lengthInsideByteString(encoded: number): number | undefined {
  for (const head of [1, 2, 3]) {
    const length = encoded - head;
    const neededHead = length < 24 ? 1 : length < 256 ? 2 : 3;
    if (length >= 0 && head === neededHead) return length;
  }
  return undefined;
}
