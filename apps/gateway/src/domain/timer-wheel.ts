/** What falls due at the same time. */
export type Slot<Item> = Set<Item>;

/** One timer for many items, each of which costs a fraction of a timer of its own. */
export interface TimerWheel<Item> {
  /**
   * Hands the item to `onDue` after so many ms: never earlier, and about one slot later at most.
   *
   * @returns Where it waits; whoever deletes it there has cancelled it.
   */
  add(item: Item, afterMs: number): Slot<Item>;
  /** Ends the wheel: nothing falls due any more. */
  stop(): void;
}

/**
 * Creates a wheel and lets it turn; it does not keep the program alive.
 *
 * @param slotMs - How exact it is.
 */
export function createTimerWheel<Item>(
  slotMs: number,
  onDue: (item: Item) => void,
): TimerWheel<Item> {
  const slots = new Map<number, Slot<Item>>();
  const begin = performance.now();
  let turned = 0;

  function turn(): void {
    // By the clock, not by counting calls: a busy program is called late, and not once for each call that it missed.
    const now = Math.floor((performance.now() - begin) / slotMs);
    while (turned < now) {
      turned += 1;
      const due = slots.get(turned);
      slots.delete(turned);
      // One that cancels another of the same slot meanwhile deletes it from the set, and it is not met any more.
      for (const item of due ?? []) onDue(item);
    }
  }

  const timer = setInterval(turn, slotMs);
  timer.unref();
  return {
    add(item, afterMs) {
      const dueAt = Math.ceil((performance.now() - begin + afterMs) / slotMs);
      const at = Math.max(dueAt, turned + 1);
      const slot = slots.get(at) ?? new Set();
      slots.set(at, slot);
      slot.add(item);
      return slot;
    },
    stop() {
      clearInterval(timer);
      slots.clear();
    },
  };
}
