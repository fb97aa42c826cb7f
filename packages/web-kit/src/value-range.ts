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
