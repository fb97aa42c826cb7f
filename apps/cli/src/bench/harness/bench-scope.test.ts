import { afterEach, describe, expect, it, vi } from "vitest";

import type { Output } from "../../output.ts";
import { withBenchScope } from "./bench-scope.ts";
import type { BenchPart } from "./bench-scope.ts";

const OUTPUT: Output = { print: () => undefined, note: () => undefined, isTerminal: false };
const stopped: string[] = [];

function part(name: string): BenchPart {
  return {
    stop: () => {
      stopped.push(name);
      return Promise.resolve();
    },
    kill: () => void stopped.push(`${name} at once`),
  };
}

/** A promise that nobody settles. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}

afterEach(() => {
  stopped.length = 0;
  vi.restoreAllMocks();
});

describe("the scope of a bench", () => {
  it("gives what the work gives, and stops what it holds in the opposite order", async () => {
    const result = await withBenchScope(OUTPUT, ({ hold }) => {
      hold(part("database"));
      hold(part("hospital"));
      return Promise.resolve("result");
    });
    expect(result).toBe("result");
    expect(stopped).toEqual(["hospital", "database"]);
  });

  it("stops everything when the work fails, and lets the failure through", async () => {
    const failing = withBenchScope(OUTPUT, ({ hold }) => {
      hold(part("database"));
      return Promise.reject(new Error("no answer"));
    });
    await expect(failing).rejects.toThrow("no answer");
    expect(stopped).toEqual(["database"]);
  });

  it("stops everything at Ctrl-C, though the work goes on", async () => {
    const running = withBenchScope(OUTPUT, ({ hold, signal }) => {
      hold(part("database"));
      process.nextTick(() => process.emit("SIGINT"));
      expect(signal.aborted).toBe(false);
      return never();
    });
    await expect(running).rejects.toThrow("Stopped before the end");
    expect(stopped).toEqual(["database"]);
  });

  it("ends everything at once at the second Ctrl-C", async () => {
    const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);
    const running = withBenchScope(OUTPUT, ({ hold }) => {
      hold(part("database"));
      process.nextTick(() => {
        process.emit("SIGINT");
        process.emit("SIGINT");
      });
      return never();
    });
    await expect(running).rejects.toThrow();
    expect(stopped[0]).toBe("database at once");
    expect(exit).toHaveBeenCalledWith(1);
  });

  it("stops at once what is handed over after the end", async () => {
    let holdLate: ((late: BenchPart) => void) | undefined;
    await withBenchScope(OUTPUT, ({ hold }) => {
      holdLate = hold;
      return Promise.resolve();
    });
    holdLate?.(part("late"));
    expect(stopped).toEqual(["late"]);
  });

  it("leaves no listener for signals behind", async () => {
    const before = process.listenerCount("SIGINT");
    await withBenchScope(OUTPUT, () => Promise.resolve());
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});
