/**
 * Works on several at a time, in order: while one waits for the database another is opened, and the rest of the program
 * still comes to it.
 */
export async function mapTogether<Item, Made>(
  items: readonly Item[],
  work: (item: Item) => Promise<Made>,
): Promise<Made[]> {
  const made: Made[] = [];
  for (let at = 0; at < items.length; at += TOGETHER) {
    made.push(...(await Promise.all(items.slice(at, at + TOGETHER).map(work))));
  }
  return made;
}

/** Fewer than there are connections to the database. */
const TOGETHER = 6;
