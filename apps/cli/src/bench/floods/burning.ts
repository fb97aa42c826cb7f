const SLICE_MS = 10;

/**
 * Burns so much of a core, in slices, and nothing else: what an attacker takes from the machine by itself.
 *
 * @returns what ends it.
 */
export function startBurning(cores: number): () => void {
  const began = performance.now();
  let burntMs = 0;
  const timer = setInterval(() => {
    const due = Math.min(cores, 1) * (performance.now() - began);
    const from = performance.now();
    while (burntMs + (performance.now() - from) < due);
    burntMs += performance.now() - from;
  }, SLICE_MS);
  return () => {
    clearInterval(timer);
  };
}
