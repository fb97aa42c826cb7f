import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: (() => void) | undefined;

/** Collects this process's garbage and says what is left: what nobody holds any more should not be counted. */
export async function collectedMemory(): Promise<NodeJS.MemoryUsage> {
  collect ??= exposeCollect();
  collect();
  // Finalizers run in between and let go of more.
  await nextTurn();
  collect();
  return process.memoryUsage();
}

function exposeCollect(): () => void {
  setFlagsFromString("--expose-gc");
  // Only a context that is made after the flag was set has the function.
  return runInNewContext("gc") as () => void;
}
