/** A line of checks of which only those that fail hold up the others. */
export interface PacedLine {
  /** Runs a check when its turn comes, and gives what it gives. */
  readonly run: (check: () => Promise<boolean>) => Promise<boolean>;
  /** Makes no pauses any more, so that whoever waits is told before the program ends. */
  stop(): void;
}

interface Waiting {
  readonly check: () => Promise<boolean>;
  readonly tell: (result: boolean | Promise<boolean>) => void;
}

/**
 * Creates an empty line.
 *
 * @param atOnce - Checks under way at once.
 * @param pauseMs - How long nothing begins for each check that failed: a flood of failures is slowed to that pace, and good
 *   ones alone go as fast as they can.
 */
export function createPacedLine(atOnce: number, pauseMs: number): PacedLine {
  const line: Waiting[] = [];
  let underWay = 0;
  let pausedUntil = 0;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function runOne({ check, tell }: Waiting): Promise<void> {
    underWay += 1;
    const result = check();
    tell(result);
    // A check that breaks counts as one that failed.
    const isGood = await result.catch(() => false);
    underWay -= 1;
    if (!isGood) pausedUntil = Math.max(pausedUntil, performance.now()) + pauseMs;
    runAll();
  }

  function runAll(): void {
    const waitMs = pausedUntil - performance.now();
    if (waitMs > 0 && !isStopped) {
      timer ??= setTimeout(() => {
        timer = undefined;
        runAll();
      }, waitMs);
      return;
    }
    while (underWay < atOnce) {
      const next = line.shift();
      if (next === undefined) return;
      void runOne(next);
    }
  }

  return {
    run: (check) =>
      new Promise((tell) => {
        line.push({ check, tell });
        runAll();
      }),
    stop() {
      isStopped = true;
      clearTimeout(timer);
      runAll();
    },
  };
}
