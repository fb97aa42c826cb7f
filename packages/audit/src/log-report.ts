import type { Checkpoint, SignedNote, TlogErrorCode } from "@siphms/tlog";

/** Which checkpoint is spoken of: the source's newest, its newest that witnesses cosigned, the last of an older key, or one from elsewhere. */
export type HeadName = "known" | "newest" | "retired" | "witnessed";

/** A checkpoint whose signatures were verified. */
export interface Head {
  readonly name: HeadName;
  readonly note: SignedNote;
  readonly checkpoint: Checkpoint;
}

/** Something that cannot be in a log that nobody tampered with. */
export type LogFinding =
  | {
      /** A checkpoint is not to be believed: its own code, or that it is not there, or signed with a key of the past. */
      readonly kind: "checkpoint";
      readonly head: HeadName;
      readonly code: TlogErrorCode | "CHECKPOINT_MISSING" | "LOG_RETIRED";
    }
  | {
      /** Two signed checkpoints of which one tree cannot have both; they part at an entry from `from` to below `to`. */
      readonly kind: "conflict";
      readonly heads: readonly [Head, Head];
      readonly from: number;
      readonly to: number;
    }
  | {
      /** The first entry that is not what was signed: from `from` to below `to`, one alone as a rule. */
      readonly kind: "entries";
      readonly from: number;
      readonly to: number;
      /** `suspect`: within the range, where what is stored disagrees with itself first. */
      readonly suspect?: number;
      readonly reason: "altered" | "malformed" | "missing";
    }
  | {
      /** A stored tile is not the tree's, though the entries are. */
      readonly kind: "tile";
      readonly path: string;
    }
  | {
      /**
       * An instance's entries do not follow each other. `hole`: those from `sequence` to `last` were never logged and never
       * abandoned; `repeated`: the sequence is there twice; `broken`: names another entry before it than there is;
       * `abandoned`: abandons what is no sequence before its own.
       */
      readonly kind: "chain";
      readonly reason: "abandoned" | "broken" | "hole" | "repeated";
      readonly index: number;
      readonly instance: string;
      readonly sequence: number;
      readonly last?: number;
      /** Of `broken`: the index of the entry that it should name, which may be the altered one. */
      readonly previous?: number;
    };

/** Something that has an innocent reason, and that whoever reads the log should know. */
export type LogNote =
  | {
      /** Entries near the last that an instance wrote are missing: it was killed, or is writing them now. */
      readonly kind: "unfinished";
      readonly index: number;
      readonly instance: string;
      readonly sequence: number;
      readonly last: number;
    }
  | {
      /** An instance's clock was set back. */
      readonly kind: "clock-back";
      readonly index: number;
      readonly instance: string;
      readonly byMs: number;
    }
  | {
      /** Some entry below this index says a time that is long after a witness cosigned it. */
      readonly kind: "future";
      readonly below: number;
      readonly byMs: number;
    };

/** What the verification of a whole log found. */
export interface LogReport {
  /** The checkpoint up to which entries were read; absent where none is to be believed. */
  readonly head?: Head;
  /** How many entries were read. */
  readonly entries: number;
  /** Times of the first and last entry, ms. */
  readonly times?: { readonly first: number; readonly last: number };
  /** How far witnesses have cosigned, and the earliest of their newest times, in ms. */
  readonly witnessed?: {
    readonly size: number;
    readonly at: number;
    readonly witnesses: readonly string[];
  };
  /** Programs that wrote; how many of them have no end on record: killed, or running. */
  readonly instances: { readonly count: number; readonly unended: number };
  /** Sequences whose transactions were rolled back, as their instances said. */
  readonly abandoned: number;
  /** What is wrong, the earliest place first; empty where all is well. At most {@link MAX_FINDINGS}. */
  readonly findings: readonly LogFinding[];
  readonly notes: readonly LogNote[];
}

/** So many findings, and so many notes, are reported: after the first ones the rest follows from them. */
export const MAX_FINDINGS = 100;

/** The first index that a finding speaks of, as near as it knows; `undefined` where it speaks of none. */
export function firstIndexOf(finding: LogFinding): number | undefined {
  switch (finding.kind) {
    case "conflict":
      return finding.from;
    case "entries":
      return finding.suspect ?? finding.from;
    case "chain":
      return finding.index;
    case "checkpoint":
    case "tile":
      return undefined;
  }
}
