import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Chains } from "./chains.ts";
import { NO_ENTRY, parseRecord } from "./entry.ts";
import { InstanceChain, type Link } from "./instance-chain.ts";
import { LOG_EVENTS } from "./log-events.ts";
import type { LogFinding, LogNote, LogReport } from "./log-report.ts";
import { sequencesTexts } from "./sequences.ts";
import { BEGAN_AT, UnsafeWriter } from "./testing/log-world.ts";
import type { Bytes } from "@siphms/tlog";

function follow(
  entries: readonly Bytes[],
): Pick<LogReport, "abandoned" | "findings" | "instances" | "notes"> {
  const chains = new Chains();
  entries.forEach((entry, index) => chains.add(parseRecord(entry), { index, entry }));
  return chains.finish();
}

const stop = { event: LOG_EVENTS.stopped } as const;
const abandon = (...sequences: readonly number[]) => ({
  event: LOG_EVENTS.abandoned,
  object: sequencesTexts(sequences)[0] ?? "",
});

/** So many entries, the ended one at the end. */
function whole(count: number): Bytes[] {
  const writer = new UnsafeWriter(1);
  return [...writer.writeMany(count - 1), writer.write(stop)];
}

const without = (entries: readonly Bytes[], at: number): Bytes[] =>
  entries.filter((_, index) => index !== at);

describe("the entries of one program", () => {
  it("follow each other in whatever order their transactions ended", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(whole(40), { minLength: 40, maxLength: 40 }), (shuffled) => {
        expect(follow(shuffled)).toMatchObject({
          findings: [],
          notes: [],
          instances: { count: 1, unended: 0 },
        });
      }),
    );
  });

  it("are several programs' at once", () => {
    const [a, b] = [new UnsafeWriter(1), new UnsafeWriter(2)];
    const mixed = [a.write(), b.write(), b.write(), a.write(), a.write(stop), b.write()];
    expect(follow(mixed)).toMatchObject({ findings: [], instances: { count: 2, unended: 1 } });
  });

  it("are found to have a hole where any one of them was taken out before it was logged [HS-312b]", () => {
    const entries = whole(20);
    for (let at = 0; at < 19; at++) {
      expect(follow(without(entries, at)).findings).toEqual([
        {
          kind: "chain",
          reason: "hole",
          index: at,
          instance: "0101010101010101",
          sequence: at,
          last: at,
        },
      ]);
    }
  });

  it("are found to have one hole where several in a row are gone", () => {
    const entries = whole(20);
    entries.splice(5, 4);
    expect(follow(entries).findings).toMatchObject([{ reason: "hole", sequence: 5, last: 8 }]);
  });

  it("are found broken where one is another than the next one names", () => {
    const [writer, other] = [new UnsafeWriter(1), new UnsafeWriter(1)];
    const entries = writer.writeMany(3);
    other.writeMany(1);
    const forged = other.write({ actor: "staff:99" });
    expect(follow([entries[0]!, forged, entries[2]!]).findings).toMatchObject([
      { reason: "broken", index: 2, sequence: 2 },
    ]);
  });

  it("are found broken where the first names one before it", () => {
    const first = new UnsafeWriter(1).write({ before: new Uint8Array(32).fill(1) });
    expect(follow([first]).findings).toMatchObject([{ reason: "broken", index: 0 }]);
  });

  it("are found repeated, whether the first one was passed or waits", () => {
    const entries = whole(6);
    const twice = [
      entries[0]!,
      entries[2]!,
      entries[2]!,
      entries[1]!,
      entries[1]!,
      ...entries.slice(3),
    ];
    expect(follow(twice).findings).toMatchObject([
      { reason: "repeated", index: 2, sequence: 2 },
      { reason: "repeated", index: 4, sequence: 1 },
    ]);
  });
});

describe("sequences that a program abandoned", () => {
  /** Entry 3 was rolled back; the next one that was written says so. */
  const rolledBack = () => {
    const writer = new UnsafeWriter(1);
    const entries = writer.writeMany(4);
    const said = writer.write(abandon(3));
    return { entries, said, rest: [...writer.writeMany(3), writer.write(stop)] };
  };

  it("are no hole", () => {
    const { entries, said, rest } = rolledBack();
    expect(follow([...without(entries, 3), said, ...rest])).toMatchObject({
      findings: [],
      notes: [],
      abandoned: 1,
    });
  });

  it("are no hole where that is said long after", () => {
    const writer = new UnsafeWriter(1);
    const entries = writer.writeMany(12);
    const rest = [writer.write(abandon(3, 4, 8)), writer.write(stop)];
    const kept = entries.filter((_, at) => ![3, 4, 8].includes(at));
    expect(follow([...kept, ...rest])).toMatchObject({ findings: [], abandoned: 3 });
  });

  it("may be there all the same: the answer to their commit was lost", () => {
    const { entries, said, rest } = rolledBack();
    for (const logged of [
      [...entries, said, ...rest],
      [...without(entries, 3), said, entries[3]!, ...rest],
      [...without(entries, 3), said, ...rest, entries[3]!],
    ]) {
      expect(follow(logged)).toMatchObject({ findings: [], abandoned: 1 });
    }
  });

  it("are broken where another entry than theirs stands there", () => {
    const { entries, said, rest } = rolledBack();
    const other = new UnsafeWriter(1);
    other.writeMany(3);
    const forged = other.write({ actor: "staff:99" });
    expect(follow([...without(entries, 3), said, forged, ...rest]).findings).toMatchObject([
      { reason: "broken", index: 4, sequence: 3 },
    ]);
  });

  it("are repeated where they come twice after all", () => {
    const { entries, said, rest } = rolledBack();
    const twice = [...without(entries, 3), said, entries[3]!, entries[3]!, ...rest];
    expect(follow(twice).findings).toMatchObject([{ reason: "repeated", index: 5 }]);
  });

  it("do not excuse a hole beside them", () => {
    const { entries, said, rest } = rolledBack();
    expect(follow([...entries.slice(0, 2), said, ...rest]).findings).toMatchObject([
      { reason: "hole", sequence: 2, last: 2 },
    ]);
  });

  it.each([
    ["its own", "2"],
    ["a later one", "1-7"],
    ["no sequence at all", "soon"],
  ])("are found where an entry abandons %s", (_title, object) => {
    const writer = new UnsafeWriter(1);
    const entries = [...writer.writeMany(2), writer.write({ event: LOG_EVENTS.abandoned, object })];
    expect(follow(entries).findings).toMatchObject([
      { reason: "abandoned", index: 2, sequence: 2 },
    ]);
  });
});

describe("a program that was killed, or is still running", () => {
  it("may lack entries near its last", () => {
    const entries = new UnsafeWriter(1).writeMany(30);
    expect(follow(without(entries, 25))).toMatchObject({
      findings: [],
      notes: [{ kind: "unfinished", sequence: 25, last: 25 }],
      instances: { unended: 1 },
    });
  });

  it("may lack none long before its last", () => {
    const entries = new UnsafeWriter(1).writeMany(1_000);
    expect(follow(without(entries, 25)).findings).toMatchObject([{ reason: "hole", sequence: 25 }]);
  });

  it("has a note where its clock went back far", () => {
    const writer = new UnsafeWriter(1);
    const entries = [...writer.writeMany(2), writer.write({ at: BEGAN_AT - 3_600_000 })];
    expect(follow(entries).notes).toMatchObject([
      { kind: "clock-back", index: 2, byMs: 3_601_000 },
    ]);
  });
});

describe("a program that writes very much", () => {
  /** More than can wait for one that is missing, at 200 a second: within the time in which one may still be under way. */
  const MANY = 150_000;
  const MISSING = 10;
  const named = (sequence: number): Bytes => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setInt32(0, sequence);
    return bytes;
  };
  const linkAt = (sequence: number): Link => ({
    index: sequence,
    sequence,
    at: BEGAN_AT + sequence * 5,
    hash: named(sequence),
    before: sequence === 0 ? NO_ENTRY : named(sequence - 1),
  });

  function write(count: number, then: (chain: InstanceChain) => void = () => undefined) {
    const findings: LogFinding[] = [];
    const notes: LogNote[] = [];
    const chain = new InstanceChain("01", {
      find: (finding) => void findings.push(finding),
      note: (note) => void notes.push(note),
    });
    for (let at = 0; at < count; at++) if (at !== MISSING) chain.add(linkAt(at));
    then(chain);
    chain.finish();
    return { findings, notes };
  }

  it("is found to have a hole, though so much follows it that nobody can wait for the end [HS-312b]", () => {
    expect(write(MANY)).toMatchObject({
      findings: [{ reason: "hole", index: 11, sequence: 10, last: 10 }],
      notes: [],
    });
  });

  it("is found to have one where it said that it ended, however soon after", () => {
    expect(write(70_000, (chain) => chain.end()).findings).toMatchObject([{ reason: "hole" }]);
  });

  it("has a note alone where the entry may still be under way", () => {
    expect(write(70_000)).toMatchObject({ findings: [], notes: [{ kind: "unfinished" }] });
  });

  it.each<[string, (chain: InstanceChain) => void]>([
    ["abandoned", (chain) => chain.abandon([{ first: MISSING, last: MISSING }])],
    ["there after all", (chain) => chain.add(linkAt(MISSING))],
  ])("has nothing to say of one that was %s long after", (_title, then) => {
    expect(write(MANY, then)).toEqual({ findings: [], notes: [] });
  });

  /** Every second sequence was rolled back, which each entry says of the one before it: looking at all that were would never end. */
  const ROLLED_BACK = 80_000;

  function rollBack(
    isMissing: (sequence: number) => boolean,
    then: (chain: InstanceChain) => void,
  ) {
    const findings: LogFinding[] = [];
    const report = { find: (one: LogFinding) => void findings.push(one), note: () => undefined };
    const chain = new InstanceChain("01", report);
    for (let at = 0; at < ROLLED_BACK * 2; at += 2) {
      if (isMissing(at)) continue;
      chain.add(linkAt(at));
      if (at > 0) chain.abandon([{ first: at - 1, last: at - 1 }]);
    }
    then(chain);
    chain.end();
    chain.finish();
    return findings;
  }

  it("has nothing to say where it rolled back very much", () => {
    expect(rollBack(() => false, vi.fn())).toEqual([]);
  });

  it("has nothing to say where very much of that came after all", () => {
    const findings = rollBack(
      () => false,
      (chain) => {
        for (let at = 1; at < ROLLED_BACK; at += 2) chain.add(linkAt(at));
      },
    );
    expect(findings).toEqual([]);
  });

  it("is found to have a hole where one is missing amid very much that was rolled back", () => {
    expect(rollBack((sequence) => sequence === 400, vi.fn())).toMatchObject([
      { reason: "hole", sequence: 399, last: 400 },
    ]);
  });

  it("is found broken where another one came than the next one names", () => {
    const other = { ...linkAt(MISSING), hash: named(-7) };
    expect(write(MANY, (chain) => chain.add(other)).findings).toMatchObject([
      { reason: "broken", sequence: MISSING },
    ]);
  });
});
