import type { SessionRef } from "../domain/ports.ts";

const NUMBER_BYTES = 8;

/** In front of all keys of one hospital; a hospital-id holds no zero byte, so no prefix begins another. */
export function hospitalKey(hospital: string): Buffer {
  return Buffer.from(`${hospital}\0`, "ascii");
}

/** In front of all keys of one session. */
export function sessionKey(session: SessionRef): Buffer {
  return Buffer.concat([hospitalKey(session.hospital), session.sid]);
}

/** A key that sorts by number behind its prefix. */
export function numberedKey(prefix: Buffer, number: number): Buffer {
  const key = Buffer.alloc(prefix.length + NUMBER_BYTES);
  prefix.copy(key);
  key.writeBigUInt64BE(BigInt(number), prefix.length);
  return key;
}

/** The first key behind all numbered keys of a prefix. */
export function endOf(prefix: Buffer): Buffer {
  return numberedKey(prefix, Number.MAX_SAFE_INTEGER);
}

/** The number at the end of a key. */
export function numberOf(key: Buffer): number {
  return Number(key.readBigUInt64BE(key.length - NUMBER_BYTES));
}

/** The hospital at the beginning of a key. */
export function hospitalOf(key: Buffer): string {
  return key.toString("ascii", 0, key.indexOf(0));
}
