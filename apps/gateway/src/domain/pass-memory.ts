/** Passes by their hash: the passes themselves are secrets of their bearers. */
export interface PassMemory<Entry> {
  /** The entry, where it still holds; one that does not is forgotten. */
  recall(hash: string, holds: (entry: Entry) => boolean): Entry | undefined;
  keep(hash: string, entry: Entry): void;
  /** Forgets all that are over. */
  forget(isOver: (entry: Entry) => boolean): void;
  size(): number;
}

/** Creates an empty memory. When there are too many, the one that has been known for longest goes. */
export function createPassMemory<Entry>(max: number): PassMemory<Entry> {
  const entries = new Map<string, Entry>();
  return {
    recall(hash, holds) {
      const entry = entries.get(hash);
      if (entry === undefined || holds(entry)) return entry;
      entries.delete(hash);
      return undefined;
    },
    keep(hash, entry) {
      const oldest = entries.size >= max ? entries.keys().next().value : undefined;
      if (oldest !== undefined) entries.delete(oldest);
      entries.set(hash, entry);
    },
    forget(isOver) {
      for (const [hash, entry] of entries) if (isOver(entry)) entries.delete(hash);
    },
    size: () => entries.size,
  };
}
