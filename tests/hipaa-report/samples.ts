import type { Sources } from "./evidence.ts";
import type { ReferenceRow } from "./reference-rows.ts";
import type { TestResult, TestResults } from "./test-results.ts";

/** An invented row of a reference page. */
export function referenceRow(id: string, more: Partial<ReferenceRow> = {}): ReferenceRow {
  const words = { page: "Controls", section: "Technical", asks: "something", binding: "R" };
  return { id, citation: "164.312(x)", duty: "", helps: "", ...words, ...more };
}

/** An invented test that did what `state` says. */
export function test(name: string, state: TestResult["state"] = "passed"): TestResult {
  return { kind: "unit", file: "a.test.ts", name, state };
}

/** The results of a run of `tests`. */
export function resultsOf(tests: readonly TestResult[]): TestResults {
  const count = (state: string): number => tests.filter((each) => each.state === state).length;
  return {
    commit: "c0ffee",
    isChanged: false,
    began: "2026-01-01T00:00:00.000Z",
    ended: "2026-01-01T00:10:00.000Z",
    node: "v20.19.0",
    only: [],
    counts: { passed: count("passed"), failed: count("failed"), skipped: count("skipped") },
    tests,
  };
}

/** Two rows, of which the first is due, and a run of `tests`. */
export function sourcesOf(tests: readonly TestResult[]): Sources {
  return {
    reference: [referenceRow("HS-1"), referenceRow("SR-2", { helps: "HS-1" })],
    notes: {
      due: ["HS-1"],
      operatorOnly: [],
      rows: { "HS-1": { here: "This." }, "SR-2": { here: "That." } },
    },
    results: resultsOf(tests),
  };
}
