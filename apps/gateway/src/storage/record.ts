import { SID_BYTES, type Bytes } from "@siphms/relay";

// Every stored value begins with the time at which it came, so that one sweep serves all tables.
const AT_BYTES = 8;

/** Writes a value: its time, then its parts. */
export function encodeRecord(at: number, ...parts: readonly Uint8Array[]): Buffer {
  const time = Buffer.alloc(AT_BYTES);
  time.writeBigUInt64BE(BigInt(at));
  return Buffer.concat([time, ...parts]);
}

/** The time at which a value came, ms. */
export function recordAt(record: Buffer): number {
  return Number(record.readBigUInt64BE(0));
}

/** What follows the time. */
export function recordRest(record: Buffer): Bytes {
  return new Uint8Array(record.subarray(AT_BYTES));
}

/** The sid of a queued envelope's record. */
export function queuedSid(record: Buffer): Bytes {
  return new Uint8Array(record.subarray(AT_BYTES, AT_BYTES + SID_BYTES));
}

/** The envelope of a queued envelope's record. */
export function queuedBody(record: Buffer): Bytes {
  return new Uint8Array(record.subarray(AT_BYTES + SID_BYTES));
}

/** Bytes of the envelope in a queued envelope's record. */
export function queuedBodyBytes(record: Buffer): number {
  return record.length - AT_BYTES - SID_BYTES;
}
