/** Devices that come back together do so within milliseconds of each other, and wait for the network many times as long. */
const TOGETHER_MS = 5;

/**
 * Joins what comes within some milliseconds, and what comes while the group before is under way, into one call: a hundred devices that come back together then cost the database hardly more than one.
 *
 * Where a group fails, each of it is tried alone: what one of them cannot do takes nothing from the others.
 *
 * @param work - What is done for a group; outcomes in the order of its items.
 * @returns What hands an item over and waits for its outcome.
 */
export function gather<Item, Outcome>(
  work: (items: readonly Item[]) => Promise<readonly Outcome[]>,
): (item: Item) => Promise<Outcome> {
  let waiting: Waiting<Item, Outcome>[] = [];
  let isRunning = false;

  async function doAlone({ item, resolve, reject }: Waiting<Item, Outcome>): Promise<void> {
    try {
      const [outcome] = await work([item]);
      resolve(outcome as Outcome);
    } catch (error) {
      reject(error);
    }
  }

  async function doTogether(group: readonly Waiting<Item, Outcome>[]): Promise<void> {
    const [only] = group;
    if (group.length === 1 && only !== undefined) return doAlone(only);
    try {
      const outcomes = await work(group.map(({ item }) => item));
      for (const [index, { resolve }] of group.entries()) resolve(outcomes[index] as Outcome);
    } catch {
      await Promise.all(group.map(doAlone));
    }
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await doTogether(group);
    }
    isRunning = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (isRunning) return;
      isRunning = true;
      setTimeout(() => void run(), TOGETHER_MS);
    });
}

interface Waiting<Item, Outcome> {
  readonly item: Item;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
}
