import { concatBytes, type Bytes } from "@siphms/cose";
import type { Keyring } from "../keys/index.ts";

/** Byte length of the MAC of an entry. */
export const ENTRY_MAC_BYTES = 16;

/**
 * What only the hospital's own programs can write beside an entry: whoever adds rows to the database without the
 * installation's key adds nothing to the log, and nothing a second time.
 *
 * @param entry.hash - `hashRecord` of the entry.
 */
export function entryMac(
  keyring: Pick<Keyring, "blindIndex">,
  entry: { readonly instance: Uint8Array; readonly sequence: number; readonly hash: Uint8Array },
): Bytes {
  const sequence = new Uint8Array(8);
  new DataView(sequence.buffer).setBigUint64(0, BigInt(entry.sequence));
  return macOf(keyring, concatBytes(entry.instance, sequence, entry.hash));
}

/** As {@link entryMac}, of an entry's instance, sequence (8 bytes, big-endian) and hash, one after the other. */
export function macOf(keyring: Pick<Keyring, "blindIndex">, covered: Uint8Array): Bytes {
  return keyring.blindIndex("audit-entry", covered).slice(0, ENTRY_MAC_BYTES);
}
