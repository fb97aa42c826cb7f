/** Items that rise by a number: most come in order, and the first ones leave first. */
export class RisingList<T> {
  readonly #keyOf: (item: T) => number;
  #items: T[] = [];
  /** Those before it have left. */
  #from = 0;

  constructor(keyOf: (item: T) => number) {
    this.#keyOf = keyOf;
  }

  /** How many there are. */
  get size(): number {
    return this.#items.length - this.#from;
  }

  /** The item with the smallest number. */
  get first(): T | undefined {
    return this.#items[this.#from];
  }

  /** Adds an item in its place, behind those of its own number. */
  add(item: T): void {
    this.#items.splice(this.#behind(this.#keyOf(item)), 0, item);
  }

  /** Takes the first one away. */
  dropFirst(): void {
    this.#from++;
    if (this.#from * 2 <= this.#items.length) return;
    this.#items = this.#items.slice(this.#from);
    this.#from = 0;
  }

  /** The last one whose number is not above this one. */
  lastUpTo(key: number): T | undefined {
    const at = this.#behind(key) - 1;
    return at < this.#from ? undefined : this.#items[at];
  }

  /** Puts others in the place of the last one up to `first`, and of all behind it up to `last`. */
  replace(
    { first, last }: { readonly first: number; readonly last: number },
    by: (item: T) => readonly T[],
  ): void {
    const start = Math.max(this.#from, this.#behind(first) - 1);
    const met = this.#items.slice(start, this.#behind(last));
    if (met.length > 0) this.#items.splice(start, met.length, ...met.flatMap(by));
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items.slice(this.#from).values();
  }

  /** Where the items with larger numbers begin. */
  #behind(key: number): number {
    let [low, high] = [this.#from, this.#items.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = this.#items[middle];
      if (item !== undefined && this.#keyOf(item) <= key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
