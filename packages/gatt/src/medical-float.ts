/**
 * Why there is no number: `nan` (no value, or the measurement failed), `nres` (not at this resolution),
 * `positive-infinity` and `negative-infinity` (above and below what the sensor can measure), `reserved`.
 */
export type Special = "nan" | "nres" | "positive-infinity" | "negative-infinity" | "reserved";

/**
 * A number of IEEE 11073-20601, or the reason why there is none.
 *
 * A number stays what was sent, `mantissa × 10^exponent`: 20 × 10⁻¹ says more than 2. {@link toNumber} makes a
 * JavaScript number of it. A special value never becomes one, not even NaN.
 */
export type MedicalFloat =
  | { readonly kind: "number"; readonly mantissa: number; readonly exponent: number }
  | { readonly kind: "special"; readonly special: Special };

// Compared with all the bits, before mantissa and exponent are taken apart: 0x17FF is 2047 × 10, a number.
const SFLOAT_SPECIALS: ReadonlyMap<number, Special> = new Map<number, Special>([
  [0x07ff, "nan"],
  [0x0800, "nres"],
  [0x07fe, "positive-infinity"],
  [0x0802, "negative-infinity"],
  [0x0801, "reserved"],
]);
const FLOAT_SPECIALS: ReadonlyMap<number, Special> = new Map<number, Special>([
  [0x007fffff, "nan"],
  [0x00800000, "nres"],
  [0x007ffffe, "positive-infinity"],
  [0x00800002, "negative-infinity"],
  [0x00800001, "reserved"],
]);

/**
 * Reads the 16 bits of an SFLOAT: mantissa of 12 bits, exponent of 4, both two's complement.
 *
 * @param bits - 0 to 0xFFFF.
 */
export function sfloatOf(bits: number): MedicalFloat {
  const special = SFLOAT_SPECIALS.get(bits);
  if (special !== undefined) return { kind: "special", special };
  return { kind: "number", mantissa: signed(bits & 0xfff, 12), exponent: signed(bits >>> 12, 4) };
}

/**
 * Reads the 32 bits of a FLOAT: mantissa of 24 bits, exponent of 8, both two's complement.
 *
 * @param bits - 0 to 0xFFFFFFFF.
 */
export function floatOf(bits: number): MedicalFloat {
  const special = FLOAT_SPECIALS.get(bits);
  if (special !== undefined) return { kind: "special", special };
  return {
    kind: "number",
    mantissa: signed(bits & 0xffffff, 24),
    exponent: signed(bits >>> 24, 8),
  };
}

/**
 * The number nearest to a medical float, `undefined` for a special value.
 *
 * Goes through the decimal text and never multiplies binary fractions: 368 × 10⁻¹ is 36.8 and not 36.800000000000004.
 *
 * @param shift - Powers of ten to multiply with, exactly as well: 3 turns mol/L into mmol/L.
 */
export function toNumber(value: MedicalFloat, shift = 0): number | undefined {
  if (value.kind === "special") return undefined;
  return Number(`${value.mantissa}e${value.exponent + shift}`);
}

function signed(bits: number, width: number): number {
  return bits >= 2 ** (width - 1) ? bits - 2 ** width : bits;
}
