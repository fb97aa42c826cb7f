/**
 * The value below which the share `percent` of the values lies, by the nearest rank: always one of the values.
 *
 * @param values - At least one, in any order; not altered.
 * @param percent - Above 0, at most 100.
 * @throws {RangeError} for no values or another percent.
 */
export function percentile(values: readonly number[] | Float64Array, percent: number): number {
  if (!(percent > 0 && percent <= 100)) throw new RangeError("percent: above 0, at most 100");
  const sorted = Float64Array.from(values).sort();
  const value = sorted[Math.ceil((percent / 100) * sorted.length) - 1];
  if (value === undefined) throw new RangeError("values: at least one");
  return value;
}

/** The middle value, or the mean of the two in the middle. @throws {RangeError} for no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const high = sorted[Math.floor(sorted.length / 2)];
  const low = sorted[Math.ceil(sorted.length / 2) - 1];
  if (high === undefined || low === undefined) throw new RangeError("values: at least one");
  return (low + high) / 2;
}

/** Rounds to so many significant digits, as a figure is printed; more would be noise. */
export function rounded(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}
