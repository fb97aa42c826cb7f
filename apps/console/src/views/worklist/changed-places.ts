/**
 * How many of the patients would have to be taken out and put elsewhere to get from one order to the other: those that are not
 * in the longest part that keeps its order.
 *
 * @param shown - Ids; those that the other order does not have are left out, as are new ones.
 */
export function changedPlaces(shown: readonly string[], wanted: readonly string[]): number {
  const places = new Map(wanted.map((id, index) => [id, index]));
  const sequence = shown.flatMap((id) => places.get(id) ?? []);
  return sequence.length - longestRise(sequence);
}

/** Patience: the least possible end of a rising part of each length. */
function longestRise(sequence: readonly number[]): number {
  const ends: number[] = [];
  for (const place of sequence) {
    const index = ends.findIndex((end) => end >= place);
    ends[index === -1 ? ends.length : index] = place;
  }
  return ends.length;
}

/** The order on screen, without those who are gone and with those who are new at its end; the very same list where there are none. */
export function keepPlaces(shown: readonly string[], wanted: readonly string[]): readonly string[] {
  const known = new Set(shown);
  const still = new Set(wanted);
  const added = wanted.filter((id) => !known.has(id));
  const left = shown.filter((id) => still.has(id));
  return added.length === 0 && left.length === shown.length ? shown : [...left, ...added];
}
