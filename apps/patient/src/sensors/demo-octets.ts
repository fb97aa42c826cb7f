/** Octets as real sensors send them, of values that nobody measured: each is computed from a count, so a demo is the same each time. */

const HEART_RATE_FLAGS = 0b0001_0110;
const NO_FLAGS = 0;
const CUFF_FLAGS_PULSE = 0b100;
const SFLOAT_NAN = 0x07ff;
/** RR intervals are sent in 1/1024 s. */
const RR_UNITS_PER_SECOND = 1_024;

/** A Heart Rate Measurement with contact and one RR interval; a calm person whose heart follows the breath. */
export function heartRateOctets(second: number): readonly number[] {
  const rate = Math.round(72 + 4 * Math.sin(second / 3) + 3 * Math.sin(second / 47));
  const interval = Math.round((RR_UNITS_PER_SECOND * 60) / rate);
  return [HEART_RATE_FLAGS, rate, ...uint16(interval)];
}

/** The pressures that a cuff shows while it inflates and lets the air out again. */
export function inflation(): readonly (readonly number[])[] {
  const up = [20, 60, 100, 140, 165];
  const down = [150, 135, 120, 105, 90, 75];
  return [...up, ...down].map((pressure) => [
    NO_FLAGS,
    ...uint16(pressure),
    ...uint16(SFLOAT_NAN),
    ...uint16(SFLOAT_NAN),
  ]);
}

/** A Blood Pressure Measurement in mmHg with the pulse and without a time: it is of now. */
export function cuffOctets(turn: number): readonly number[] {
  const systolic = 124 + ((turn * 5) % 9);
  const diastolic = 79 + ((turn * 3) % 6);
  const mean = Math.round(diastolic + (systolic - diastolic) / 3);
  return [CUFF_FLAGS_PULSE, ...[systolic, diastolic, mean, 71 + (turn % 4)].flatMap(uint16)];
}

/** A PLX Continuous Measurement: saturation and pulse. */
export function oximeterOctets(second: number): readonly number[] {
  const saturation = Math.round(97 + Math.sin(second / 31));
  const pulse = Math.round(72 + 4 * Math.sin(second / 3));
  return [NO_FLAGS, ...uint16(saturation), ...uint16(pulse)];
}

/** An integer below 2048 is its own SFLOAT: exponent 0. */
function uint16(value: number): readonly number[] {
  return [value & 0xff, value >>> 8];
}
