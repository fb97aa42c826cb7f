import { readFile, rename, writeFile } from "node:fs/promises";

import { compareByParts, type AuditComparison, type AuditPlace } from "@siphms/api";
import { firstIndexOf, verifyLog, type LogReport } from "@siphms/audit";
import { encodeNote, parseNote, type SignedNote } from "@siphms/tlog";

import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../commands/context.ts";
import { table, type Output } from "../output.ts";
import { askWitnesses, type WitnessSaying } from "./ask-witnesses.ts";
import {
  comparisonRows,
  describeDifference,
  describeFinding,
  describeNote,
  describeSaying,
  findingJson,
  isContradiction,
  noteText,
  reportRows,
} from "./finding-text.ts";
import { readNoteFile, withLog, type LogOptions, type OpenedLog } from "./open-log.ts";
import { describeUnwitnessed, findUnwitnessed } from "./unwitnessed.ts";

/** Options of `siphms audit verify`. */
export interface VerifyOptions extends LogOptions {
  readonly known?: readonly string[];
  readonly remember?: string;
}

/** What was found, by reading the log and by asking around. */
export interface Verdict {
  readonly report: LogReport;
  /** What its witnesses say, of a running hospital alone. */
  readonly sayings: readonly WitnessSaying[];
  /** What its own rows say beside the log, of a running hospital alone. */
  readonly comparison?: AuditComparison | undefined;
}

/** Says now and then how far it is; a log is read at tens of thousands of entries a second. */
const PROGRESS_MS = 2_000;

/** Verifies a log and prints what was found. @throws {CliError} when anything was. */
export async function verifyAudit(
  options: VerifyOptions,
  { output }: CommandContext,
): Promise<void> {
  const verdict = await withLog({ ...options, why: "verification" }, output, async (log) => {
    const known = await Promise.all((options.known ?? []).map(readNoteFile));
    const remembered = options.remember === undefined ? [] : await readIfThere(options.remember);
    return judgeLog(log, [...known, ...remembered], output);
  });
  if (options.json) output.print(JSON.stringify(verdictJson(verdict)));
  else printVerdict(verdict, output);
  refuseFaults(verdict);
  const { head } = verdict.report;
  if (options.remember !== undefined && head !== undefined) await keep(options.remember, head.note);
}

/** Reads a whole log; has a running hospital compare its rows with it, and asks the witnesses. */
export async function judgeLog(
  { source, trust, operator }: OpenedLog,
  known: readonly SignedNote[],
  output: Output,
): Promise<Verdict> {
  const report = await verifyLog(source, { ...trust, known, onProgress: progressTo(output) });
  if (operator === undefined) return { report, sayings: [] };
  output.note("Comparing the hospital's rows with the log, and asking the witnesses ...");
  const [comparison, sayings] = await Promise.all([
    compareByParts((place) => operator.compareAudit(place), comparedTo(report.entries, output)),
    report.head === undefined ? [] : askWitnesses({ source, ...trust, fetch }),
  ]);
  return { report, sayings, comparison };
}

/** Prints a verdict for people. */
export function printVerdict(verdict: Verdict, output: Output): void {
  const { report, sayings, comparison } = verdict;
  output.print(table([...reportRows(report), ...comparisonRows(comparison)]));
  for (const note of report.notes) output.print(`Note: ${describeNote(note)}`);
  for (const saying of sayings) output.print(describeSaying(saying));
  for (const finding of report.findings) output.print(describeFinding(finding));
  for (const one of comparison?.findings ?? []) output.print(describeDifference(one));
  const unwitnessed = findUnwitnessed(report, sayings);
  if (unwitnessed !== undefined) output.print(`Note: ${describeUnwitnessed(unwitnessed)}`);
  if (countFaults(verdict) > 0) return;
  output.print(
    unwitnessed === undefined
      ? "Every entry stands as it was signed."
      : "Nothing contradicts the signatures, but not all of it is witnessed: verify again when the witnesses have answered.",
  );
}

/** A verdict for machines. */
export function verdictJson(verdict: Verdict): object {
  const { report, sayings, comparison } = verdict;
  const { head, findings, ...rest } = report;
  const unwitnessed = findUnwitnessed(report, sayings);
  return {
    ok: countFaults(verdict) === 0,
    ...(head === undefined
      ? {}
      : { origin: head.checkpoint.origin, checkpoint: noteText(head.note) }),
    ...rest,
    findings: findings.map(findingJson),
    witnesses: sayings,
    ...(unwitnessed === undefined ? {} : { unwitnessed }),
    ...(comparison === undefined ? {} : { comparison }),
  };
}

/** @throws {CliError} when a verdict is not that all is well; names the first bad index where there is one. */
export function refuseFaults(verdict: Verdict): void {
  const faults = countFaults(verdict);
  if (faults === 0) return;
  const indexes = [
    ...verdict.report.findings.map(firstIndexOf),
    ...(verdict.comparison?.findings ?? []).map(({ index }) => index ?? undefined),
  ].filter((index) => index !== undefined);
  const first = indexes.length === 0 ? "" : `; the first bad index is ${Math.min(...indexes)}`;
  throw new CliError(
    `The log is not as it was signed: ${faults === 1 ? "1 fault" : `${faults} faults`}${first}. Keep what there is, and see docs/audit.md.`,
  );
}

function countFaults({ report, sayings, comparison }: Verdict): number {
  const differences = comparison?.findings.length ?? 0;
  return report.findings.length + sayings.filter(isContradiction).length + differences;
}

function progressTo(output: Output): (entries: number) => void {
  const say = nowAndThen(output);
  return (entries) => say(`${entries} entries read ...`);
}

const PARTS: Readonly<Record<Exclude<AuditPlace["part"], "leaves">, string>> = {
  rows: "Looking for rows that were never logged ...",
  details: "Looking for details of no row ...",
  earlier: "Comparing the rows from before the log ...",
};

/** Says to a person at a terminal how far the hospital is. */
function comparedTo(size: number, output: Output): (place: AuditPlace, compared: number) => void {
  if (!output.isTerminal) return () => undefined;
  const say = nowAndThen(output);
  return ({ part }, compared) =>
    say(part === "leaves" ? `${compared} of ${size} rows compared ...` : PARTS[part]);
}

function nowAndThen(output: Output): (line: string) => void {
  let last = performance.now();
  return (line) => {
    if (performance.now() - last < PROGRESS_MS) return;
    last = performance.now();
    output.note(line);
  };
}

async function readIfThere(file: string): Promise<readonly SignedNote[]> {
  try {
    return [parseNote(await readFile(file))];
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/** Whole or not at all: a cut file would refuse the next verification. */
async function keep(file: string, note: SignedNote): Promise<void> {
  await writeFile(`${file}.part`, encodeNote(note), { mode: 0o600 });
  await rename(`${file}.part`, file);
}
