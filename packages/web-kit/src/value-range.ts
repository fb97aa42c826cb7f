/**
 * The range of a value axis with alarm limits: the next one on each side of the values is in sight, so that it can be seen how
 * far off it is; those farther away would press the curve flat.
 */
export function rangeWithLimits(
  low: number | null,
  high: number | null,
  limits: readonly number[],
): [number, number] {
  if (low === null || high === null) return valueRange(low, high);
  const below = Math.max(...limits.filter((limit) => limit <= low));
  const above = Math.min(...limits.filter((limit) => limit >= high));
  return valueRange(Number.isFinite(below) ? below : low, Number.isFinite(above) ? above : high);
}

/**
 * The range of a value axis: some room above and below, so that one value is not a flat line at the edge, nor one degree a
 * mountain.
 *
 * @param low - Null where there is nothing to show, whatever uPlot's types say.
 */
export function valueRange(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const room = Math.max((high - low) * 0.15, Math.abs(high) * 0.04);
  return [low - room, high + room];
}
