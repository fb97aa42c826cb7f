import { type Kind, kindInfo } from "./kinds.ts";

/** A blood pressure: systolic, diastolic, mean; `null` where a number was not measured, never three nulls. */
export type PressureValue = readonly [number | null, number | null, number | null];

/** One value in wire units: an integer for every kind but blood pressure, which is three (protocol section 6). */
export type WireValue = number | PressureValue;

/** True for the form that blood pressure has on the wire; its numbers are not judged. */
export function isPressureValue(value: unknown): value is PressureValue {
  return (
    Array.isArray(value) &&
    value.length === 3 &&
    value.every((part) => part === null || Number.isSafeInteger(part)) &&
    value.some((part) => part !== null)
  );
}

/**
 * Tells whether a value has the form that its kind has on the wire.
 *
 * Form only: a heart rate of −4 is an integer and passes, `judge` then finds it implausible. The two are apart because a
 * wrong form refuses the whole message, while an implausible value goes into quarantine alone.
 */
export function isWireValue(kind: Kind, value: unknown): value is WireValue {
  return kind === 2 ? isPressureValue(value) : Number.isSafeInteger(value);
}

/**
 * Converts a wire value into the kind's clinical unit (`KindInfo.unit`): 3670 hundredths of a degree become 36.7.
 *
 * Divides by 10 or 100 rather than multiplying by 0.1 or 0.01, so that the shortest decimal comes out.
 *
 * @throws {RangeError} when the value has not its kind's form.
 */
export function toClinical(kind: Kind, wire: WireValue): number | PressureValue {
  return convert(kind, wire, (value, perUnit) => value / perUnit);
}

/**
 * Converts a value in the kind's clinical unit into the wire's integer, rounding halves up.
 *
 * Decimal halves: 1.005 kg is 101 units of 10 g, although the nearest binary fraction lies just under the half.
 *
 * @throws {RangeError} when the value has not its kind's form, is not finite, or does not fit a safe integer.
 */
export function fromClinical(kind: Kind, clinical: number | PressureValue): WireValue {
  const wire = convert(kind, clinical, roundToWire);
  if (!isWireValue(kind, wire)) throw new RangeError("clinical: does not fit its kind");
  return wire;
}

function convert(
  kind: Kind,
  value: number | PressureValue,
  one: (value: number, perUnit: number) => number,
): number | PressureValue {
  const perUnit = Math.round(1 / kindInfo(kind).scale);
  if (typeof value === "number") {
    if (kind === 2) throw new RangeError("value: blood pressure is three numbers");
    return one(value, perUnit);
  }
  if (kind !== 2) throw new RangeError("value: only blood pressure is three numbers");
  const part = (number: number | null) => (number === null ? null : one(number, perUnit));
  return [part(value[0]), part(value[1]), part(value[2])];
}

function roundToWire(value: number, perUnit: number): number {
  // 15 significant digits are what a double keeps of a decimal: beyond them stands only the noise of the multiplication.
  const rounded = Math.round(Number((value * perUnit).toPrecision(15)));
  // Math.round(-0.4) is -0, which is no integer of the wire.
  return rounded === 0 ? 0 : rounded;
}
