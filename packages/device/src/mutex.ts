/** Runs pieces of asynchronous work one after the other. */
export type Mutex = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes a {@link Mutex}. A piece that fails does not stop the next one. */
export function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work, work);
    last = result.catch(() => undefined);
    return result;
  };
}
