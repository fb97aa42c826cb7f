import { useEffect, useState } from "react";

const SECOND_MS = 1_000;

/** Counts down from `ms` to 0, a step each second; another `ms` begins anew. */
export function useCountdown(ms: number): number {
  const [state, setState] = useState({ from: ms, left: ms });
  if (state.from !== ms) setState({ from: ms, left: ms });
  useEffect(() => {
    const end = performance.now() + ms;
    const timer = setInterval(() => {
      const left = Math.max(0, end - performance.now());
      setState({ from: ms, left });
      if (left === 0) clearInterval(timer);
    }, SECOND_MS);
    return () => clearInterval(timer);
  }, [ms]);
  return state.left;
}
