import { useEffect, useReducer, useRef } from "react";

/** So many rows come new in one frame; the others wait for the next, so that no frame takes long on a slow tablet. */
const MAX_NEW = 2;

/** Of those who are wanted: who was drawn already, and the first few of the others; in the order of the wanted. */
export function drawnSoon(
  wanted: readonly string[],
  drawn: ReadonlySet<string>,
): readonly string[] {
  let left = MAX_NEW;
  return wanted.filter((id) => drawn.has(id) || left-- > 0);
}

/** Draws rows some at a time: a jump in the list, or another order of it, brings a whole window of new ones. */
export function useDrawnSoon(wanted: readonly string[]): ReadonlySet<string> {
  const before = useRef<ReadonlySet<string>>(new Set());
  const [, goOn] = useReducer((turn: number) => turn + 1, 0);
  const now = new Set(drawnSoon(wanted, before.current));
  useEffect(() => {
    before.current = now;
    if (now.size === wanted.length) return undefined;
    const frame = requestAnimationFrame(goOn);
    return () => cancelAnimationFrame(frame);
  });
  return now;
}
