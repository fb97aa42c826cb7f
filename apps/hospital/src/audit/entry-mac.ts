import { concatBytes, type Bytes } from "@siphms/cose";
import type { Keyring } from "../keys/index.ts";

const MAC_BYTES = 16;

/**
 * What only the hospital's own programs can write beside an entry: whoever adds rows to the database without the
 * installation's key adds nothing to the log, and nothing a second time.
 */
export function entryMac(
  keyring: Pick<Keyring, "blindIndex">,
  row: { readonly instance: Uint8Array; readonly sequence: number; readonly leaf: Uint8Array },
): Bytes {
  const place = new Uint8Array(8);
  new DataView(place.buffer).setBigUint64(0, BigInt(row.sequence));
  return keyring
    .blindIndex("audit-entry", concatBytes(row.instance, place, row.leaf))
    .slice(0, MAC_BYTES);
}
