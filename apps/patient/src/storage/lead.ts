/** The part of the Web Locks API that is needed. */
export type Locks = Pick<LockManager, "request">;

const LOCK = "siphms-engine";

/**
 * Waits until this page is the one that runs the engine: one tab leads, the others wait until it closes or lets go.
 * The browser frees the lock of a page that crashed.
 *
 * @param options - `onWaiting` is called where another page leads now; `signal` ends the waiting (an `AbortError`).
 * @returns Lets go of the lead. Called twice it does nothing more.
 */
export async function lead(
  locks: Locks,
  options: { readonly signal: AbortSignal; readonly onWaiting: () => void },
): Promise<() => void> {
  return (await take(locks, { ifAvailable: true })) ?? waitForLead(locks, options);
}

async function waitForLead(
  locks: Locks,
  options: { readonly signal: AbortSignal; readonly onWaiting: () => void },
): Promise<() => void> {
  options.onWaiting();
  const release = await take(locks, { signal: options.signal });
  if (release === undefined) throw new Error("a lock that was waited for was not given");
  return release;
}

/** Resolves as soon as the lock is ours (`undefined`: it is not to be had now); keeps it until the result is called. */
function take(locks: Locks, options: LockOptions): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    locks
      .request(LOCK, options, (lock) => {
        if (lock === null) {
          resolve(undefined);
          return undefined;
        }
        return new Promise<void>((release) => resolve(() => release()));
      })
      .catch(reject);
  });
}
