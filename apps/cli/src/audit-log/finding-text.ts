import { toHex } from "@siphms/cose";
import type { AuditComparison, AuditDifference } from "@siphms/api";
import type { HeadName, LogFinding, LogNote, LogReport, ProvenEntry } from "@siphms/audit";
import { encodeNote, type SignedNote } from "@siphms/tlog";

import type { WitnessSaying } from "./ask-witnesses.ts";

const HEADS: Readonly<Record<HeadName, string>> = {
  known: "The checkpoint from elsewhere",
  newest: "The newest checkpoint",
  retired: "The last checkpoint of an older key of the log",
  witnessed: "The newest checkpoint that witnesses cosigned",
};

const CHECKPOINT_FAULTS: Readonly<Record<string, string>> = {
  CHECKPOINT_MISSING: "is not there.",
  LOG_RETIRED: "is signed with a key of the past: the policy names a later one.",
  LOG_UNKNOWN: "is of a log that the policy does not name: look whether its key was rotated.",
  NOTE_UNAUTHENTIC: "carries a signature that is not over this checkpoint.",
  NOTE_UNSIGNED: "is not signed by the log's key.",
  QUORUM_MISSED: "is not cosigned by the witnesses that the policy asks for.",
};

const ENTRY_FAULTS: Readonly<Record<string, string>> = {
  altered: "is not what was signed",
  malformed: "is signed, but is no entry",
  missing: "is missing",
};

/** A finding in words: what is wrong, at which index. Two checkpoints that conflict stand whole below it. */
export function describeFinding(finding: LogFinding): string {
  switch (finding.kind) {
    case "checkpoint": {
      const fault = CHECKPOINT_FAULTS[finding.code] ?? `is refused (${finding.code}).`;
      return `${HEADS[finding.head]} ${fault}`;
    }
    case "conflict": {
      const [one, other] = finding.heads;
      const place = rangeText(finding);
      return [
        `Two checkpoints that the log signed contradict each other; they part at ${place}.`,
        ...[one, other].flatMap(({ name, note }) => [
          `${HEADS[name]}:`,
          ...noteText(note)
            .trimEnd()
            .split("\n")
            .map((line) => `  ${line}`),
        ]),
      ].join("\n");
    }
    case "entries": {
      const { suspect } = finding;
      const hint = suspect === undefined ? "" : `; look at entry ${suspect} first`;
      const what = ENTRY_FAULTS[finding.reason] ?? finding.reason;
      if (finding.to - finding.from === 1) return `Entry ${finding.from} ${what}.`;
      return `An entry ${what}: the first is ${rangeText(finding)}${hint}.`;
    }
    case "tile":
      return `The stored ${finding.path} is not the tree's, though the entries are sound.`;
    case "chain":
      return describeChain(finding);
  }
}

/** A note in words. */
export function describeNote(note: LogNote): string {
  switch (note.kind) {
    case "unfinished":
      return `Missing before entry ${note.index}: ${sequencesText(note)} of instance ${note.instance}, near its last ones: the program was killed, or is writing them now.`;
    case "clock-back":
      return `Entry ${note.index}: the clock of instance ${note.instance} went back by ${secondsText(note.byMs)}.`;
    case "future":
      return `Below entry ${note.below}: a time is ${secondsText(note.byMs)} later than the witness's cosignature; look at the clocks.`;
  }
}

const DIFFERENCES: Readonly<Record<AuditDifference, string>> = {
  "row-missing": "the hospital has no row for it",
  "entry-unreadable": "the hospital's row holds no entry",
  "row-altered": "the hospital's row says something else",
  "details-altered": "its details are not those that were logged",
  "details-missing": "its details were taken away",
  "leaf-missing": "it is in the hospital's records and was never logged",
  "details-stray": "its details belong to no row",
  "earlier-altered": "the rows from before there was a log are not those that it begins with",
};

/** In what one of the hospital's rows differs from the log, in words. */
export function describeDifference({
  what,
  index,
  event,
}: AuditComparison["findings"][number]): string {
  const place = index === null ? `Row ${event ?? "unknown"}` : `Entry ${index}`;
  return `${place}: ${DIFFERENCES[what]}.`;
}

/** What the hospital's own comparison counted, name and value. */
export function comparisonRows(
  comparison: AuditComparison | undefined,
): readonly (readonly [string, string])[] {
  if (comparison === undefined) return [];
  const { size, waiting, erased, earlier } = comparison;
  const rest = `${waiting} not logged yet, ${erased} with erased details, ${earlier} from before the log`;
  return [["Compared", `${size} rows with their entries; ${rest}`]];
}

/** What a witness says, in words. */
export function describeSaying(saying: WitnessSaying): string {
  const { log } = saying;
  return log === undefined
    ? describeState(saying)
    : `Under the older key ${log}: ${describeOlder(saying)}`;
}

function describeOlder(saying: WitnessSaying): string {
  const { witness, size, witnessSize } = saying;
  if (saying.state === "refused") return `witness ${witness} does not look after it any more.`;
  if (saying.state === "ahead" && saying.isRestored) {
    return `witness ${witness} has cosigned ${witnessSize ?? "more"} entries, and ${size} are here: the hospital was restored from a backup.`;
  }
  return describeState(saying);
}

function describeState(saying: WitnessSaying): string {
  const { witness, size, witnessSize, status } = saying;
  switch (saying.state) {
    case "agrees":
      return `Witness ${witness} agrees at ${size} entries.`;
    case "ahead":
      return `Witness ${witness} has cosigned ${witnessSize ?? "more"} entries, and the log has ${size}: entries were taken back.`;
    case "fork":
      return `Witness ${witness} has cosigned another history than this one.`;
    case "refused":
      return `Witness ${witness} does not know this log or its key yet (status ${status ?? "unknown"}): give its operator the hospital's new registration.`;
    case "unreachable":
      return `Witness ${witness} could not be asked.`;
  }
}

/** Whether what a witness says contradicts the log. One that does not know the log, or cannot be reached, says nothing of it. */
export function isContradiction({ state, isRestored }: WitnessSaying): boolean {
  return state === "fork" || (state === "ahead" && isRestored !== true);
}

/** The lines of a report, name and value. */
export function reportRows(report: LogReport): readonly (readonly [string, string])[] {
  const { head, times, witnessed, instances } = report;
  const span = times === undefined ? "" : `, ${timeText(times.first)} to ${timeText(times.last)}`;
  const cosigned =
    witnessed === undefined
      ? "by nobody"
      : `the first ${witnessed.size} by ${witnessed.witnesses.join(", ")}, last at ${timeText(witnessed.at)}`;
  return [
    ["Log", head?.checkpoint.origin ?? "-"],
    ["Entries", `${report.entries}${span}`],
    ["Cosigned", cosigned],
    ["Programs", `${instances.count}, ${instances.unended} without an end on record`],
    ["Rolled back", `${report.abandoned} entries, as the programs themselves recorded`],
  ];
}

/** The members of an entry, name and value; a patient is a pseudonym. */
export function entryRows({ index, record }: ProvenEntry): readonly (readonly [string, string])[] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Index", String(index)],
    ["Id", toHex(record.id)],
    ["Time", timeText(record.at)],
    ["Event", record.event],
    ["Actor", record.actor],
    ["Role", record.role],
    ["Session", hexOf(record.session)],
    ["Patient (pseudonym)", hexOf(record.subject)],
    ["Object", record.object],
    ["Version", record.version === undefined ? undefined : String(record.version)],
    ["Action", record.action],
    ["Outcome", record.isDone ? "done" : "refused"],
    ["Purpose", record.purpose],
    ["Instance", `${toHex(record.instance)}, sequence ${record.sequence}`],
    ["Request", hexOf(record.correlation)],
    ["Details (hash)", hexOf(record.details)],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

/** A finding as JSON: checkpoints as their text. */
export function findingJson(finding: LogFinding): object {
  if (finding.kind !== "conflict") return finding;
  const { heads, ...rest } = finding;
  return { ...rest, heads: heads.map(({ name, note }) => ({ name, note: noteText(note) })) };
}

/** A time as people read it, to the second, UTC. */
export function timeText(ms: number): string {
  const at = new Date(ms);
  return Number.isNaN(at.getTime()) ? String(ms) : `${at.toISOString().slice(0, 19)}Z`;
}

/** A checkpoint with its signatures, as its file has it. */
export function noteText(note: SignedNote): string {
  return new TextDecoder().decode(encodeNote(note));
}

function describeChain(finding: Extract<LogFinding, { readonly kind: "chain" }>): string {
  const { index, instance, sequence, reason } = finding;
  const who = `instance ${instance}`;
  switch (reason) {
    case "hole":
      return `Missing before entry ${index}: ${sequencesText({ sequence, last: finding.last ?? sequence })} of ${who}, and nothing says why.`;
    case "repeated":
      return `Entry ${index}: sequence ${sequence} of ${who} is there twice.`;
    case "broken":
      return `Entry ${index}: sequence ${sequence} of ${who} names another entry before it than there is.`;
    case "abandoned":
      return `Entry ${index}: sequence ${sequence} of ${who} gives up entries that it cannot speak of.`;
  }
}

function rangeText({ from, to }: { readonly from: number; readonly to: number }): string {
  return to - from === 1 ? `entry ${from}` : `one of the entries ${from} to ${to - 1}`;
}

function sequencesText({ sequence, last }: { sequence: number; last: number }): string {
  return sequence === last ? `sequence ${sequence}` : `sequences ${sequence} to ${last}`;
}

function secondsText(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}

function hexOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : toHex(bytes);
}
