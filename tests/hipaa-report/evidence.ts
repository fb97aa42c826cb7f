import type { ReferenceRow } from "./reference-rows.ts";
import type { RowNotes } from "./row-notes.ts";
import { rowsInTitle, type TestResult, type TestResults } from "./test-results.ts";

/** How a row stands in a run. Skipped tests show nothing: a row with no others is `not-yet`. */
export type RowStatus = "passed" | "failed" | "not-yet" | "operator";

/** One row of the report. */
export interface EvidenceRow extends ReferenceRow {
  readonly status: RowStatus;
  readonly isDue: boolean;
  /** Whether what is here is only a part of what is asked. */
  readonly isPart: boolean;
  /** What does it here; empty where nothing does. */
  readonly here: string;
  readonly tests: readonly TestResult[];
}

/** The report: what each row stands on in one run of the tests. */
export interface Evidence {
  readonly run: Omit<TestResults, "tests">;
  readonly rows: readonly EvidenceRow[];
}

/** What the report is made of. */
export interface Sources {
  readonly reference: readonly ReferenceRow[];
  readonly notes: RowNotes;
  readonly results: TestResults;
}

function statusOf(tests: readonly TestResult[], isOperatorOnly: boolean): RowStatus {
  if (tests.some(({ state }) => state === "failed")) return "failed";
  if (tests.some(({ state }) => state === "passed")) return "passed";
  return isOperatorOnly ? "operator" : "not-yet";
}

function testsByRow(tests: readonly TestResult[]): Map<string, TestResult[]> {
  const found = new Map<string, TestResult[]>();
  for (const test of tests) {
    for (const id of rowsInTitle(test.name)) {
      const others = found.get(id) ?? [];
      others.push(test);
      found.set(id, others);
    }
  }
  return found;
}

/** Whatever names a row that no reference page has is misspelt, and would be evidence of nothing. */
function refuseUnknown(known: ReadonlySet<string>, named: Iterable<string>, where: string): void {
  const unknown = [...named].filter((id) => !known.has(id));
  if (unknown.length > 0) throw new Error(`${where} names unknown rows: ${unknown.join(", ")}`);
}

/**
 * Puts the rows of the reference pages together with the tests that name them.
 *
 * @throws {Error} where a test's title or the data file names a row that no reference page has, a row stands on two
 *   pages, or a row has tests and the data file does not say what does it.
 */
export function makeEvidence({ reference, notes, results }: Sources): Evidence {
  const known = new Set(reference.map(({ id }) => id));
  if (known.size !== reference.length) throw new Error("a row stands on two reference pages");
  const tests = testsByRow(results.tests);
  for (const [id, [first]] of tests) {
    refuseUnknown(known, [id], `the test "${first?.name ?? ""}" in ${first?.file ?? ""}`);
  }
  const inNotes = [...notes.due, ...notes.operatorOnly, ...Object.keys(notes.rows)];
  refuseUnknown(known, inNotes, "docs/hipaa-rows.json");
  const untold = [...tests.keys()].filter((id) => notes.rows[id] === undefined);
  if (untold.length > 0) {
    throw new Error(`docs/hipaa-rows.json does not say what does it: ${untold.join(", ")}`);
  }
  const { commit, isChanged, began, ended, node, only, counts } = results;
  const rows = reference.map((row): EvidenceRow => {
    const shown = tests.get(row.id) ?? [];
    const note = notes.rows[row.id];
    return {
      ...row,
      duty: note?.operator ?? row.duty,
      here: note?.here ?? "",
      isPart: note?.part === true,
      status: statusOf(shown, notes.operatorOnly.includes(row.id)),
      isDue: notes.due.includes(row.id),
      tests: shown,
    };
  });
  return { run: { commit, isChanged, began, ended, node, only, counts }, rows };
}

/** What keeps the report from being evidence, in words, one for each fault; none where it is. */
export function faultsOf({ run, rows }: Evidence): string[] {
  const faults: string[] = [];
  if (run.counts.failed > 0) faults.push(`tests of this run that failed: ${run.counts.failed}`);
  for (const { id, citation, status, isDue } of rows) {
    const name = `${id} (${citation})`;
    if (status === "failed") faults.push(`${name}: a test that shows it failed`);
    else if (isDue && status !== "passed") faults.push(`${name} is due and has no passing test`);
  }
  return faults;
}
