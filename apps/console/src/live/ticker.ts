import { useCallback, useSyncExternalStore } from "react";

const TICK_MS = 1_000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, TICK_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/**
 * Something that follows from the time: worked out every second, drawn anew only when it has become something else.
 *
 * @param work - Of the time, ms; gives a text, a number or a truth, which are the same when they look the same.
 * @param stepMs - In ages of a whole ward nobody reads the seconds: the time then goes in larger steps.
 */
export function useTicked<T extends boolean | number | string | undefined>(
  work: (now: number) => T,
  stepMs = TICK_MS,
): T {
  const read = useCallback(
    () => work(stepMs === TICK_MS ? now : now - (now % stepMs)),
    [work, stepMs],
  );
  return useSyncExternalStore(subscribe, read);
}
