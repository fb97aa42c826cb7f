import type { MedicalFloat, Special } from "@siphms/gatt";

/** Date and time as a sensor sends them. */
export interface DateTimeFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

const SPECIAL_OFFSETS: Readonly<Record<Special, number>> = {
  nan: -1,
  nres: 0,
  "positive-infinity": -2,
  "negative-infinity": 2,
  reserved: 1,
};

/** An integer of this many octets, the least significant first; negative ones as two's complement. */
export function integer(value: number, octets: number): readonly number[] {
  return Array.from({ length: octets }, (_, place) => Math.floor(value / 256 ** place) & 0xff);
}

/** An SFLOAT. */
export function sfloat(value: MedicalFloat): readonly number[] {
  if (value.kind === "special") return integer(0x800 + SPECIAL_OFFSETS[value.special], 2);
  return integer((value.exponent & 0xf) * 0x1000 + (value.mantissa & 0xfff), 2);
}

/** A FLOAT. */
export function float(value: MedicalFloat): readonly number[] {
  if (value.kind === "special") return integer(0x800000 + SPECIAL_OFFSETS[value.special], 4);
  return [...integer(value.mantissa, 3), value.exponent & 0xff];
}

/** A Date Time. */
export function dateTime(fields: DateTimeFields): readonly number[] {
  const { year, month, day, hours, minutes, seconds } = fields;
  return [...integer(year, 2), month, day, hours, minutes, seconds];
}

/** The octets of a field that may be missing. */
export function optional<Field>(
  field: Field | undefined,
  encode: (field: Field) => readonly number[],
): readonly number[] {
  return field === undefined ? [] : encode(field);
}

/** A flags octet out of which bits are set. */
export function flags(bits: Readonly<Record<number, boolean>>): number {
  return Object.entries(bits).reduce(
    (sum, [bit, isSet]) => sum + (isSet ? 2 ** Number(bit) : 0),
    0,
  );
}
