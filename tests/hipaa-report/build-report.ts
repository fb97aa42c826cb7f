import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { faultsOf, makeEvidence, type Evidence, type EvidenceRow } from "./evidence.ts";
import { writePage } from "./page.ts";
import { parseReferenceRows } from "./reference-rows.ts";
import { parseRowNotes } from "./row-notes.ts";
import { parseTestResults } from "./test-results.ts";

/** Where the rows are from, in the order of the report. */
export const REFERENCE_PAGES = [
  "docs/reference/hipaa-controls.md",
  "docs/reference/security-requirements.md",
] as const;
/** What does it here, and what is due. */
export const ROW_NOTES = "docs/hipaa-rows.json";

/** What a build reads and where it writes. */
export interface ReportFiles {
  /** The project's folder: the reference pages and the data file are read below it. */
  readonly project: string;
  /** The results of a run of the tests. */
  readonly results: string;
  /** The folder of the report; made where it is not there. */
  readonly out: string;
  readonly say: (line: string) => void;
}

/** Reads one input; what is wrong with it is told with its name. */
function read<T>(file: string, parse: (text: string) => T): T {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function jsonRow(row: EvidenceRow): object {
  const { id, citation, status, tests, isDue, isPart, page, section } = row;
  const { binding, asks, here, duty } = row;
  const words = { binding, page, section, asks, here, operator: duty };
  return { id, citation, status, tests, due: isDue, inPart: isPart, ...words };
}

function summary({ rows }: Evidence): string {
  const count = (status: string): number => rows.filter((row) => row.status === status).length;
  return `${count("passed")} rows passed, ${count("failed")} failed, ${count("not-yet")} not yet, ${count("operator")} the operator's`;
}

/**
 * Builds the report, `hipaa.html` and `hipaa.json`, and says what came of it.
 *
 * @returns the exit code: 0 where it is evidence, 1 where a test failed or a row that is due has no passing one (the report is
 *   written all the same), 2 where it cannot be made (nothing is written).
 */
export function buildReport({ project, results, out, say }: ReportFiles): 0 | 1 | 2 {
  let evidence: Evidence;
  try {
    evidence = makeEvidence({
      reference: REFERENCE_PAGES.flatMap((page) => read(join(project, page), parseReferenceRows)),
      notes: read(join(project, ROW_NOTES), parseRowNotes),
      results: read(results, parseTestResults),
    });
  } catch (error) {
    say(`No evidence report: ${error instanceof Error ? error.message : String(error)}.`);
    return 2;
  }
  const faults = faultsOf(evidence);
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "hipaa.html"), writePage(evidence, faults));
  const json = { run: evidence.run, faults, rows: evidence.rows.map(jsonRow) };
  writeFileSync(join(out, "hipaa.json"), `${JSON.stringify(json, undefined, 1)}\n`);
  for (const fault of faults) say(`FAULT ${fault}`);
  say(`${summary(evidence)}: ${join(out, "hipaa.html")}`);
  return faults.length === 0 ? 0 : 1;
}
