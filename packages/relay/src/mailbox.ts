import { copyBytes, type Bytes } from "./bytes.ts";
import { RelayError } from "./error.ts";
import { MAX_ENVELOPE_BYTES } from "./limits.ts";

/** Bytes that {@link encodeMailbox} puts in front of an envelope of that size. */
export function mailboxHeadBytes(envelopeBytes: number): number {
  if (envelopeBytes < 24) return 1;
  if (envelopeBytes < 0x100) return 2;
  return envelopeBytes < 0x1_0000 ? 3 : 5;
}

/**
 * Writes a mailbox answer: each envelope as a CBOR byte string, one after the other.
 *
 * @see RFC 8742 (CBOR sequences), RFC 8949 §3.1 (byte strings)
 */
export function encodeMailbox(envelopes: readonly Uint8Array[]): Bytes {
  const size = envelopes.reduce((sum, one) => sum + mailboxHeadBytes(one.length) + one.length, 0);
  const out = new Uint8Array(size);
  let at = 0;
  for (const envelope of envelopes) {
    at = writeHead(out, at, envelope.length);
    out.set(envelope, at);
    at += envelope.length;
  }
  return out;
}

/**
 * Reads a mailbox answer into the envelopes it holds, in their order.
 *
 * @returns Copies, so that the whole answer need not stay in memory.
 * @throws {RelayError} `MAILBOX_MALFORMED` for anything but byte strings in shortest form, each 1 to 65,536 bytes, to the very end.
 */
export function decodeMailbox(bytes: Uint8Array): readonly Bytes[] {
  const envelopes: Bytes[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at < bytes.length) {
    const { length, next } = readHead(view, at);
    if (length < 1 || length > MAX_ENVELOPE_BYTES) throw malformed("an envelope's size");
    if (next + length > bytes.length) throw malformed("an envelope that is cut off");
    envelopes.push(copyBytes(bytes, next, next + length));
    at = next + length;
  }
  return envelopes;
}

const BYTE_STRING = 0x40;

function writeHead(out: Bytes, at: number, length: number): number {
  const view = new DataView(out.buffer);
  const head = mailboxHeadBytes(length);
  if (head === 1) view.setUint8(at, BYTE_STRING | length);
  if (head === 2) view.setUint16(at, ((BYTE_STRING | 24) << 8) | length);
  if (head === 3) {
    view.setUint8(at, BYTE_STRING | 25);
    view.setUint16(at + 1, length);
  }
  if (head === 5) {
    view.setUint8(at, BYTE_STRING | 26);
    view.setUint32(at + 1, length);
  }
  return at + head;
}

function readHead(view: DataView, at: number): { length: number; next: number } {
  const first = view.getUint8(at);
  const size = first & 0x1f;
  if ((first & 0xe0) !== BYTE_STRING || size > 26)
    throw malformed("something else than a byte string");
  const head = size < 24 ? 1 : 1 + 2 ** (size - 24);
  if (at + head > view.byteLength) throw malformed("a head that is cut off");
  const length = size < 24 ? size : readLength(view, at + 1, head - 1);
  if (mailboxHeadBytes(length) !== head) throw malformed("a head that is not the shortest");
  return { length, next: at + head };
}

function readLength(view: DataView, at: number, bytes: number): number {
  if (bytes === 1) return view.getUint8(at);
  return bytes === 2 ? view.getUint16(at) : view.getUint32(at);
}

function malformed(what: string): RelayError {
  return new RelayError("MAILBOX_MALFORMED", `the mailbox answer holds ${what}`);
}
