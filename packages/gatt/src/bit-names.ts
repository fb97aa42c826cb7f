import { hasBit } from "./octets.ts";

/** Status bits of a sensor, as sent and by name. */
export interface StatusBits<Name extends string> {
  /** All of them, reserved ones too. */
  readonly bits: number;
  /** Those that are set and known, lowest first. */
  readonly names: readonly Name[];
}

/** Names the bits that are set; a bit without an entry in the table is kept in `bits` alone. */
export function nameBits<Name extends string>(
  bits: number,
  table: Readonly<Record<number, Name>>,
): StatusBits<Name> {
  const names = Object.entries(table)
    .filter(([bit]) => hasBit(bits, Number(bit)))
    .map(([, name]) => name);
  return { bits, names };
}
