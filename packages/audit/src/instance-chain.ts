import { equalBytes, type Bytes } from "@siphms/cose";
import { NO_ENTRY } from "./entry.ts";
import type { LogFinding, LogNote } from "./log-report.ts";
import { RisingList } from "./rising-list.ts";
import type { SequenceRange } from "./sequences.ts";

/** One entry as the chain of its instance sees it. */
export interface Link {
  readonly index: number;
  readonly sequence: number;
  readonly at: number;
  readonly hash: Bytes;
  readonly before: Bytes;
}

/** Sequences that were passed without an entry, and what their neighbours say of them. */
interface Gap extends SequenceRange {
  readonly hashBefore: Bytes | undefined;
  readonly namedAfter: Bytes | undefined;
}

/** Sequences of which nobody has said why they are missing. */
interface Missing extends SequenceRange {
  /** The entry behind them. */
  readonly after: Link;
}

/** Where chains report to. */
export interface ChainReport {
  find(finding: LogFinding): void;
  note(note: LogNote): void;
}

/** More than this that wait for one that is missing: what follows is looked at without it. */
const MAX_WAITING = 65_536;

/** As long before an instance's last entry a transaction can have been under way when it was killed, or can be now. */
const UNDER_WAY_MS = 600_000;

/** Less than this is a request that took its time, not a clock. */
const CLOCK_BACK_MS = 600_000;

/**
 * Follows the entries of one running program: each names the hash of the one before it.
 *
 * They are added in the log's order, which is not quite theirs: transactions end in another order than they begin.
 */
export class InstanceChain {
  readonly #instance: string;
  readonly #report: ChainReport;
  // Found by place: a hospital that runs for long rolls back tens of thousands of times.
  readonly #waiting = new RisingList<Link>(({ sequence }) => sequence);
  readonly #gaps = new RisingList<Gap>(({ first }) => first);
  readonly #missing = new RisingList<Missing>(({ first }) => first);
  readonly #abandoned = new RisingList<SequenceRange>(({ first }) => first);
  readonly #late = new Set<number>();
  #next = 0;
  /** Index of the entry that was passed last. */
  #passed: number | undefined;
  #hash: Bytes | undefined = NO_ENTRY;
  #at = 0;
  #lastAt = 0;
  #isEnded = false;

  constructor(instance: string, report: ChainReport) {
    this.#instance = instance;
    this.#report = report;
  }

  /** Whether the program said that it ended. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Takes note that the program ended in order. */
  end(): void {
    this.#isEnded = true;
  }

  /** Takes note of sequences that a later entry of the instance says will never come. */
  abandon(ranges: readonly SequenceRange[]): void {
    for (const range of ranges) {
      this.#explain(range);
      if (range.last >= this.#next) this.#abandoned.add(range);
    }
    this.#advance();
  }

  /** Adds the instance's next entry in the log. */
  add(link: Link): void {
    this.#lastAt = Math.max(this.#lastAt, link.at);
    if (link.sequence === this.#next) {
      this.#pass(link);
      this.#advance();
    } else if (link.sequence < this.#next) this.#addLate(link);
    else if (this.#waiting.lastUpTo(link.sequence)?.sequence === link.sequence)
      this.#findAt(link, "repeated");
    else {
      this.#waiting.add(link);
      this.#advance();
      if (this.#waiting.size > MAX_WAITING) this.#leap();
    }
  }

  /**
   * Says what never came. To be called once, behind the log's last entry: only then it is known when the program wrote its
   * last one, and whether it ended in order.
   */
  finish(): void {
    while (this.#waiting.size > 0) this.#leap();
    for (const { first, last, after } of this.#missing) {
      const place = { index: after.index, instance: this.#instance, sequence: first, last };
      const isUnderWay = !this.#isEnded && after.at >= this.#lastAt - UNDER_WAY_MS;
      if (isUnderWay) this.#report.note({ kind: "unfinished", ...place });
      else this.#report.find({ kind: "chain", reason: "hole", ...place });
    }
  }

  /** Goes on as far as entries wait or are abandoned. */
  #advance(): void {
    for (;;) {
      const link = this.#waiting.first;
      if (link === undefined) return;
      if (link.sequence === this.#next) {
        this.#waiting.dropFirst();
        this.#pass(link);
        continue;
      }
      const first = this.#next;
      this.#skipAbandoned(link.sequence);
      if (this.#next === first) return;
      this.#openGap({ first, last: this.#next - 1 }, link);
    }
  }

  #pass(link: Link): void {
    if (this.#hash !== undefined && !equalBytes(link.before, this.#hash)) {
      this.#findAt(link, "broken", this.#passed);
    }
    if (link.at < this.#at - CLOCK_BACK_MS) {
      const { index } = link;
      const byMs = this.#at - link.at;
      this.#report.note({ kind: "clock-back", index, instance: this.#instance, byMs });
    }
    this.#at = link.at;
    this.#passed = link.index;
    this.#hash = link.hash;
    this.#next = link.sequence + 1;
  }

  /** Passes those abandoned sequences that are not there all the same. */
  #skipAbandoned(end: number): void {
    while (this.#next < end) {
      const range = this.#nextAbandoned();
      if (range === undefined || range.first > this.#next) return;
      this.#next = Math.min(range.last + 1, end);
    }
  }

  /** Passes sequences of which nobody has said yet why they are missing. */
  #leap(): void {
    const after = this.#waiting.first;
    if (after === undefined) return;
    const first = this.#next;
    this.#next = Math.min(after.sequence, this.#nextAbandoned()?.first ?? Infinity);
    const passed = { first, last: this.#next - 1 };
    this.#missing.add({ ...passed, after });
    this.#openGap(passed, after);
    this.#advance();
  }

  #openGap(passed: SequenceRange, after: Link): void {
    const namedAfter = after.sequence === passed.last + 1 ? after.before : undefined;
    this.#gaps.add({ ...passed, hashBefore: this.#hash, namedAfter });
    this.#hash = undefined;
  }

  /** Takes sequences out of those that are missing. */
  #explain(range: SequenceRange): void {
    this.#missing.replace(range, (one) => [
      ...(one.first < range.first ? [{ ...one, last: Math.min(one.last, range.first - 1) }] : []),
      ...(one.last > range.last ? [{ ...one, first: Math.max(one.first, range.last + 1) }] : []),
    ]);
  }

  /** The first abandoned sequences that are not passed yet. */
  #nextAbandoned(): SequenceRange | undefined {
    for (;;) {
      const { first: range } = this.#abandoned;
      if (range === undefined || range.last >= this.#next) return range;
      this.#abandoned.dropFirst();
    }
  }

  /** One that was passed may be there all the same: it was slow, or the answer to its commit was lost. Only the one that its neighbours name. */
  #addLate(link: Link): void {
    const { sequence } = link;
    const gap = this.#gaps.lastUpTo(sequence);
    if (gap === undefined || sequence > gap.last || this.#late.has(sequence)) {
      this.#findAt(link, "repeated");
      return;
    }
    this.#late.add(sequence);
    this.#explain({ first: sequence, last: sequence });
    const hashBefore = sequence === gap.first ? gap.hashBefore : undefined;
    const namedAfter = sequence === gap.last ? gap.namedAfter : undefined;
    const isBroken =
      (hashBefore !== undefined && !equalBytes(link.before, hashBefore)) ||
      (namedAfter !== undefined && !equalBytes(link.hash, namedAfter));
    if (isBroken) this.#findAt(link, "broken");
  }

  #findAt({ index, sequence }: Link, reason: "broken" | "repeated", previous?: number): void {
    const instance = this.#instance;
    const place = previous === undefined ? {} : { previous };
    this.#report.find({ kind: "chain", reason, index, instance, sequence, ...place });
  }
}
