import { startBenchProcess } from "./harness/bench-process.ts";
import type { BenchScope } from "./harness/bench-scope.ts";
import { programMemory } from "./scale-memory.ts";
import type { ProgramMemory } from "./scale-memory.ts";

/** What the floor's process can be asked. */
export interface FloorCalls {
  listen(input: null): Promise<{ readonly port: number }>;
  memory(input: null): Promise<NodeJS.MemoryUsage>;
}

/** A server of node:http that holds requests and does nothing else: no server on it can hold one for less. */
export interface Floor {
  readonly port: number;
  readonly read: () => Promise<ProgramMemory>;
}

/** Starts it; it ends with the scope. */
export async function startFloor(scope: BenchScope): Promise<Floor> {
  const floor = await startBenchProcess<FloorCalls>(scope, "./scale-floor-main", import.meta.url);
  const { port } = await floor.ask("listen", null);
  const read = async () => programMemory(floor.pid, await floor.ask("memory", null));
  return { port, read };
}
