import { describe, expect, it } from "vitest";

import { formatBenchResult, printBenchResult } from "./bench-result.ts";
import type { BenchResult } from "./bench-result.ts";

const RESULT: BenchResult = {
  bench: "example",
  value: { perSecond: 12_345.678, cpu: { hospital: 1.5, none: null } },
  limit: { name: "the machine", perSecond: 20_000 },
  ratio: 0.617,
  p50Ms: 1.25,
  p99Ms: 9,
  conditions: { node: "v20", rounds: 3, ratios: [0.6, 0.7], isQuiet: false },
};

function printed(options: { readonly json?: boolean }, result = RESULT): string[] {
  const lines: string[] = [];
  printBenchResult(result, options, {
    print: (line) => void lines.push(line),
    note: () => undefined,
    isTerminal: false,
  });
  return lines;
}

describe("the result of a bench", () => {
  it("is one line of JSON for machines, with nothing lost", () => {
    const lines = printed({ json: true });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain("\n");
    expect(JSON.parse(lines[0] ?? "")).toEqual(RESULT);
  });

  it("has a line for each figure for people, nested names joined", () => {
    const text = printed({}).join("\n");
    expect(text).toMatch(/perSecond +12,346\b/);
    expect(text).toMatch(/cpu\.hospital +1\.5/);
    expect(text).toMatch(/limit: the machine +20,000\/s/);
    expect(text).toMatch(/ratio +0\.617/);
    expect(text).toMatch(/p99Ms +9/);
    expect(text).toMatch(/ratios +\[0\.6,0\.7\]/);
    expect(text).toMatch(/isQuiet +false/);
  });

  it("does not speak of a limit, a ratio or latencies that it has not", () => {
    const text = formatBenchResult({
      ...RESULT,
      limit: null,
      ratio: null,
      p50Ms: null,
      p99Ms: null,
      conditions: {},
    });
    expect(text).not.toMatch(/limit|ratio|p50|p99/);
  });
});
