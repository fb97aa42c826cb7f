import type { FloodCalls } from "../../apps/cli/src/bench/floods/flood-calls.ts";
import type { BenchProcess } from "../../apps/cli/src/bench/harness/bench-process.ts";
import { startBenchProcess } from "../../apps/cli/src/bench/harness/bench-process.ts";
import type { BenchPart } from "../../apps/cli/src/bench/harness/bench-scope.ts";

/** The built program lies there, beside the one that the bench starts it from. */
const BESIDE = new URL("../../apps/cli/dist/bench/floods/floods-bench.js", import.meta.url).href;

/** What asks an attacker, and ends it. */
export type Attacker = Pick<BenchProcess<FloodCalls>, "ask"> & BenchPart;

/** Starts an attacker in a process of its own, the same as `siphms bench floods` has. */
export async function startAttacker(): Promise<Attacker> {
  const parts: BenchPart[] = [];
  const scope = {
    signal: new AbortController().signal,
    say: () => undefined,
    hold: (part: BenchPart) => void parts.push(part),
  };
  const { ask } = await startBenchProcess<FloodCalls>(scope, "./flood-main", BESIDE);
  return {
    ask,
    async stop() {
      for (const part of parts) await part.stop();
    },
  };
}
