/** Members of many holders, as connections of addresses; it knows at any time who has most. */
export interface Crowd<Member> {
  add(holder: string, member: Member): void;
  remove(holder: string, member: Member): void;
  /** How many a holder has. */
  countOf(holder: string): number;
  /** How many the holder has that has most, and the oldest of them. */
  largest(): { readonly count: number; readonly oldest: Member } | undefined;
  size(): number;
}

/** Creates an empty crowd. Every change and every question takes the same short time, however many there are. */
export function createCrowd<Member>(): Crowd<Member> {
  const members = new Map<string, Set<Member>>();
  // Who has so many, by their number.
  const byCount = new Map<number, Set<string>>();
  let most = 0;
  let size = 0;

  function move(holder: string, from: number, to: number): void {
    const left = byCount.get(from);
    left?.delete(holder);
    if (left?.size === 0) byCount.delete(from);
    if (to > 0) {
      const joined = byCount.get(to) ?? new Set();
      byCount.set(to, joined);
      joined.add(holder);
    }
    most = Math.max(most, to);
    // One at a time: the number below is that of whoever has just left it.
    if (!byCount.has(most)) most -= 1;
    size += to - from;
  }

  return {
    add(holder, member) {
      const own = members.get(holder) ?? new Set();
      members.set(holder, own);
      if (own.has(member)) return;
      own.add(member);
      move(holder, own.size - 1, own.size);
    },
    remove(holder, member) {
      const own = members.get(holder);
      if (own?.delete(member) !== true) return;
      if (own.size === 0) members.delete(holder);
      move(holder, own.size + 1, own.size);
    },
    countOf: (holder) => members.get(holder)?.size ?? 0,
    largest() {
      const [holder] = byCount.get(most) ?? [];
      const [oldest] = holder === undefined ? [] : (members.get(holder) ?? []);
      return oldest === undefined ? undefined : { count: most, oldest };
    },
    size: () => size,
  };
}
