import { equalBytes } from "@siphms/cose";
import { rootFromTiles, type SignedNote } from "@siphms/tlog";
import { findFirstBad } from "./first-bad.ts";
import { readHeads, readOlderHead, type Heads, type Trust } from "./heads.ts";
import {
  firstIndexOf,
  MAX_FINDINGS,
  type Head,
  type LogFinding,
  type LogReport,
} from "./log-report.ts";
import { olderCheckpointPath, tilesOf, type LogSource } from "./log-source.ts";
import { walkLog, type Walk } from "./walk-log.ts";

/** How a log is verified. */
export interface VerifyLogOptions extends Trust {
  /** Checkpoints of this log from elsewhere: of a witness, another reader, an earlier verification. */
  readonly known?: readonly SignedNote[];
  /** Told now and then how many entries are done. */
  readonly onProgress?: (entries: number) => void;
}

/**
 * Verifies a whole log: that the checkpoints are signed and cosigned, that all entries together are what they say, that
 * no checkpoint contradicts another, that the stored tiles are the entries', and that each program's entries follow each
 * other without a hole.
 *
 * Reads every entry and every tile once. Nothing is believed but the policy's keys.
 *
 * @returns What was found; a log that nobody tampered with has no findings.
 */
export async function verifyLog(source: LogSource, options: VerifyLogOptions): Promise<LogReport> {
  const heads = await readHeads(source, options.known ?? [], options);
  const all = [...(heads.newest === undefined ? [] : [heads.newest]), ...heads.others];
  const head = heads.newest ?? largest(heads.others);
  if (head === undefined) return emptyReport(heads);
  const { size } = head.checkpoint;
  const sizes = new Set(all.map((one) => one.checkpoint.size).filter((one) => one <= size));
  const storedSize = Math.max(size, heads.storedSize ?? 0);
  const walk = await walkLog({ source, size, storedSize, sizes, onProgress: options.onProgress });
  const trial: Trial = { source, options, head, heads: all, storedSize, walk };
  const { chains } = walk;
  const entries = await findInEntries(trial);
  return {
    ...chains,
    head,
    entries: walk.entries,
    ...(heads.witnessed === undefined ? {} : { witnessed: heads.witnessed }),
    findings: inOrder([
      ...heads.findings,
      ...findConflicts(trial),
      ...entries,
      // What follows from an entry that is altered or missing is no finding of its own.
      ...(entries.length > 0
        ? []
        : [...chains.findings, ...findMalformed(walk), ...findTile(walk)]),
    ]),
    notes: [...chains.notes, ...findFuture(heads, walk)],
  };
}

/** What is known once everything was read. */
interface Trial {
  readonly source: LogSource;
  readonly options: VerifyLogOptions;
  /** The one up to which entries were read. */
  readonly head: Head;
  readonly heads: readonly Head[];
  readonly storedSize: number;
  readonly walk: Walk;
}

/** What a head says of the entries: they are its tree, they are not, or they do not reach so far. */
function judge(head: Head, { walk }: Trial): "contradicts" | "holds" | "unreached" {
  const mark = walk.marks.get(head.checkpoint.size);
  if (mark === undefined) return "unreached";
  return equalBytes(mark.root, head.checkpoint.root) ? "holds" : "contradicts";
}

/** Heads that no tree has together with the one up to which entries were read, while the entries are that one's. */
function findConflicts(trial: Trial): readonly LogFinding[] {
  const { head, heads } = trial;
  const { size } = head.checkpoint;
  return heads.flatMap((other): readonly LogFinding[] => {
    const isLarger = other.checkpoint.size > size;
    const isTwin =
      other.checkpoint.size === size && !equalBytes(other.checkpoint.root, head.checkpoint.root);
    const isOther = judge(head, trial) === "holds" && judge(other, trial) === "contradicts";
    if (!isLarger && !isTwin && !isOther) return [];
    const from = isLarger ? size : lastSound(other.checkpoint.size, trial);
    return [{ kind: "conflict", heads: [other, head], from, to: other.checkpoint.size }];
  });
}

/** The first entry that is not what was signed, or is not there. */
async function findInEntries(trial: Trial): Promise<readonly LogFinding[]> {
  const { head, walk } = trial;
  if (walk.entries < head.checkpoint.size) {
    const at = { from: walk.entries, to: walk.entries + 1 };
    return [...(await findAltered(trial)), { kind: "entries", ...at, reason: "missing" }];
  }
  return judge(head, trial) === "contradicts" ? findAltered(trial) : [];
}

async function findAltered(trial: Trial): Promise<readonly LogFinding[]> {
  const { source, heads, storedSize, walk } = trial;
  const wrong = heads
    .filter((one) => judge(one, trial) === "contradicts")
    .sort((a, b) => a.checkpoint.size - b.checkpoint.size)[0];
  if (wrong === undefined) return [];
  const stored = tilesOf(source, storedSize);
  const under = async ({ checkpoint }: Head, from: number): Promise<Range> => {
    const { size, root } = checkpoint;
    const found = await findFirstBad({ size, root, computed: walk.computed, stored });
    return { from: Math.max(found.start, from), to: found.end };
  };
  let range = await under(wrong, lastSound(wrong.checkpoint.size, trial));
  const older = await narrow(range, trial);
  if (older.wrong !== undefined) range = await under(older.wrong, older.from);
  else range = { from: older.from, to: range.to };
  const suspect = range.to - range.from > 1 ? suspectIn(range, walk) : undefined;
  const isEmpty = walk.malformed?.isEmpty === true;
  const isMissing = isEmpty && walk.malformed.index === (suspect ?? range.from);
  const reason = isMissing ? "missing" : "altered";
  return [{ kind: "entries", ...range, ...(suspect === undefined ? {} : { suspect }), reason }];
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Asks the source for older checkpoints between, while it has any: each either holds, or is contradicted.
 *
 * @returns Behind which size the first bad entry is, and the smallest older checkpoint that is contradicted, if there is one.
 */
async function narrow(
  range: Range,
  { source, options, walk }: Trial,
): Promise<{ readonly from: number; readonly wrong: Head | undefined }> {
  let { from, to } = range;
  let wrong: Head | undefined;
  // Between it and `from` the source has no checkpoint.
  let searched = from;
  while (to - searched > 1) {
    const size = Math.min(to - 1, searched + Math.ceil((to - searched) / 2));
    const older = await readOlderHead(await source.read(olderCheckpointPath(size)), options);
    const reached = older?.checkpoint.size ?? 0;
    if (older === undefined || reached <= searched || reached > size) {
      searched = size;
      continue;
    }
    const root = await rootFromTiles(reached, walk.computed);
    if (equalBytes(root, older.checkpoint.root)) from = searched = reached;
    else {
      to = reached;
      wrong = older;
    }
  }
  return { from, wrong };
}

/** Where what is stored disagrees with itself first, within a range. */
function suspectIn(range: Range, walk: Walk): number | undefined {
  const places = [
    walk.differentLeaf,
    walk.malformed?.index,
    ...walk.chains.findings.map(suspectOf),
  ];
  const within = places.flatMap((index) =>
    index !== undefined && index >= range.from && index < range.to ? [index] : [],
  );
  return within.length === 0 ? undefined : Math.min(...within);
}

/** Where an entry is named by another hash than it has, it is that entry which was altered, rather than the one that names it. */
function suspectOf(finding: LogFinding): number | undefined {
  return finding.kind === "chain" ? (finding.previous ?? finding.index) : undefined;
}

/** The largest size below this one at which a head holds. */
function lastSound(size: number, trial: Trial): number {
  const sound = trial.heads.filter(
    (one) => one.checkpoint.size < size && judge(one, trial) === "holds",
  );
  return Math.max(0, ...sound.map((one) => one.checkpoint.size));
}

function findMalformed({ malformed }: Walk): readonly LogFinding[] {
  if (malformed === undefined) return [];
  const { index } = malformed;
  return [{ kind: "entries", from: index, to: index + 1, reason: "malformed" }];
}

function findTile({ differentTile }: Walk): readonly LogFinding[] {
  return differentTile === undefined ? [] : [{ kind: "tile", path: differentTile }];
}

/** Clocks may differ so much. */
const CLOCKS_MS = 600_000;

/** An entry that a witness saw before it happened: one of the clocks is wrong. */
function findFuture({ witnessed }: Heads, { marks }: Walk): LogReport["notes"] {
  if (witnessed === undefined) return [];
  const byMs = (marks.get(witnessed.size)?.latest ?? 0) - witnessed.at;
  return byMs > CLOCKS_MS ? [{ kind: "future", below: witnessed.size, byMs }] : [];
}

function largest(heads: readonly Head[]): Head | undefined {
  return [...heads].sort((a, b) => b.checkpoint.size - a.checkpoint.size)[0];
}

/** Findings that name no index first: they are about the checkpoints, on which all else rests. */
function inOrder(findings: readonly LogFinding[]): readonly LogFinding[] {
  const placeOf = (finding: LogFinding): number =>
    finding.kind === "tile" ? Infinity : (firstIndexOf(finding) ?? -1);
  return [...findings].sort((a, b) => placeOf(a) - placeOf(b)).slice(0, MAX_FINDINGS);
}

function emptyReport({ findings }: Heads): LogReport {
  return {
    entries: 0,
    instances: { count: 0, unended: 0 },
    abandoned: 0,
    findings,
    notes: [],
  };
}
