/** A number of places that holders share. */
export interface FairShare {
  /** @returns `false` if this holder has as many places as are still free; then it gets none. */
  take(holder: string): boolean;
  giveBack(holder: string): void;
  /** Places that are taken. */
  taken(): number;
}

/**
 * Creates places that are taken for a short while, and of which nobody can take more than are still free.
 *
 * One holder alone can have half of them, two a third each, and so on, as places are given back and taken again: so a
 * newcomer finds one, however many others crowd in. Nothing is kept for a holder without a place.
 */
export function createFairShare(places: number): FairShare {
  const held = new Map<string, number>();
  let taken = 0;

  return {
    take(holder) {
      const own = held.get(holder) ?? 0;
      if (own >= places - taken) return false;
      held.set(holder, own + 1);
      taken += 1;
      return true;
    },
    giveBack(holder) {
      const own = held.get(holder) ?? 0;
      if (own === 0) throw new RangeError("holder has no place to give back");
      if (own === 1) held.delete(holder);
      else held.set(holder, own - 1);
      taken -= 1;
    },
    taken: () => taken,
  };
}
