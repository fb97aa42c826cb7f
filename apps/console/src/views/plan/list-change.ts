/** A list with one of its items changed. */
export function changedAt<Item extends object>(
  list: readonly Item[],
  index: number,
  change: Partial<Item>,
): readonly Item[] {
  return list.map((item, place) => (place === index ? { ...item, ...change } : item));
}

/** A list without one of its items. */
export function withoutAt<Item>(list: readonly Item[], index: number): readonly Item[] {
  return list.filter((_, place) => place !== index);
}
