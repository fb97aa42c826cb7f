import { dateTimeOf, type DateTime } from "./date-time.ts";
import { GattError } from "./gatt-error.ts";
import { floatOf, sfloatOf, type MedicalFloat } from "./medical-float.ts";

/** A characteristic's value: the `DataView` that Web Bluetooth hands out, or bytes. Never kept and never altered. */
export type Value = DataView | Uint8Array;

/** What a decoded value keeps besides its fields. */
export interface Received {
  /** The octets as they came, a copy: a fault of a decoder can be repaired as long as they are kept. They hold the reading. */
  readonly octets: Uint8Array<ArrayBuffer>;
  /** Flag bits that are set and that the tables do not know: a newer sensor. What they add was left unread. */
  readonly reservedFlags: number;
  /** How many octets stand behind the last field that is known. */
  readonly trailingOctets: number;
}

/** Goes through a value from front to back; each call takes the next octets, little-endian. */
export interface Reader {
  readonly remaining: () => number;
  readonly uint8: () => number;
  readonly uint16: () => number;
  readonly int16: () => number;
  readonly uint24: () => number;
  readonly sfloat: () => MedicalFloat;
  readonly float: () => MedicalFloat;
  readonly dateTime: () => DateTime;
}

/**
 * Opens a value for reading.
 *
 * @returns A reader that throws `GATT_TOO_SHORT` rather than read past the end.
 */
export function readerOf(value: Value): Reader {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  let offset = 0;
  const take = (count: number): number => {
    const at = offset;
    if (at + count > view.byteLength) throw tooShort(at + count, view.byteLength);
    offset += count;
    return at;
  };
  const uint8 = () => view.getUint8(take(1));
  const uint16 = () => view.getUint16(take(2), true);
  return {
    remaining: () => view.byteLength - offset,
    uint8,
    uint16,
    int16: () => view.getInt16(take(2), true),
    uint24: () => {
      const at = take(3);
      return view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000;
    },
    sfloat: () => sfloatOf(uint16()),
    float: () => floatOf(view.getUint32(take(4), true)),
    dateTime: () =>
      dateTimeOf({
        year: uint16(),
        month: uint8(),
        day: uint8(),
        hours: uint8(),
        minutes: uint8(),
        seconds: uint8(),
      }),
  };
}

/** Refuses a value that has not exactly this length; for characteristics without flags, whose length is fixed. */
export function requireLength(value: Value, needed: number): void {
  const given = value.byteLength;
  if (given < needed) throw tooShort(needed, given);
  if (given > needed)
    throw new GattError("GATT_LENGTH", `${needed} octets needed, ${given} given`, {
      needed,
      given,
    });
}

/** How a characteristic with flags is laid out, as far as its length goes. */
export interface Layout {
  /** Octets that are always there, the flags included. */
  readonly base: number;
  /** What each flag bit adds. */
  readonly optional: readonly (readonly [bit: number, octets: number])[];
  /** Flag bits that mean something, those that add nothing included. */
  readonly known: number;
}

/** A value whose length was checked against its flags. */
export interface Flagged {
  readonly flags: number;
  /** Stands behind the flags. */
  readonly reader: Reader;
  readonly reservedFlags: number;
}

/**
 * Opens a value whose first octet says which fields it holds, and checks its length before anything is read.
 *
 * @throws {GattError} `GATT_TOO_SHORT` with both lengths.
 */
export function openFlagged(value: Value, { base, optional, known }: Layout): Flagged {
  if (value.byteLength < base) throw tooShort(base, value.byteLength);
  const reader = readerOf(value);
  const flags = reader.uint8();
  const needed = optional.reduce(
    (sum, [bit, octets]) => (hasBit(flags, bit) ? sum + octets : sum),
    base,
  );
  if (value.byteLength < needed) throw tooShort(needed, value.byteLength);
  return { flags, reader, reservedFlags: flags & ~known };
}

/** What was left unread of a value, and its octets. */
export function receivedOf(
  value: Value,
  { reader, reservedFlags }: Pick<Flagged, "reader" | "reservedFlags">,
): Received {
  return { octets: octetsOf(value), reservedFlags, trailingOctets: reader.remaining() };
}

/** A copy of a value's octets. */
export function octetsOf(value: Value): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
}

/** True where a bit is set; bits above the 31st count too. */
export function hasBit(bits: number, bit: number): boolean {
  return Math.floor(bits / 2 ** bit) % 2 === 1;
}

/** The error for a value that ends before its last field. */
export function tooShort(needed: number, given: number): GattError {
  return new GattError("GATT_TOO_SHORT", `${needed} octets needed, ${given} given`, {
    needed,
    given,
  });
}
