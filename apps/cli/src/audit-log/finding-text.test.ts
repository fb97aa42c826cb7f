import { describe, expect, it } from "vitest";

import type { Head, LogFinding, LogNote } from "@siphms/audit";

import {
  describeDifference,
  describeFinding,
  describeNote,
  describeSaying,
} from "./finding-text.ts";

const head = (name: Head["name"], size: number): Head => ({
  name,
  note: {
    text: `siphms/city/audit/1\n${size}\nAAAA\n`,
    signatures: [{ name: "siphms/city/audit/1", keyId: 7, signature: new Uint8Array(64) }],
  },
  checkpoint: { origin: "siphms/city/audit/1", size, root: new Uint8Array(32), extensions: [] },
});
const chain = { kind: "chain", index: 7, instance: "0a0b", sequence: 3 } as const;

describe("a finding in words", () => {
  it.each<[string, LogFinding]>([
    ["Entry 7 is missing.", { kind: "entries", from: 7, to: 8, reason: "missing" }],
    ["Entry 7 is not what was signed.", { kind: "entries", from: 7, to: 8, reason: "altered" }],
    [
      "An entry is not what was signed: the first is one of the entries 7 to 9; look at entry 8 first.",
      { kind: "entries", from: 7, to: 10, suspect: 8, reason: "altered" },
    ],
    [
      "Missing before entry 7: sequences 3 to 4 of instance 0a0b, and nothing says why.",
      { ...chain, reason: "hole", last: 4 },
    ],
    [
      "Missing before entry 7: sequence 3 of instance 0a0b, and nothing says why.",
      { ...chain, reason: "hole", last: 3 },
    ],
    ["Entry 7: sequence 3 of instance 0a0b is there twice.", { ...chain, reason: "repeated" }],
    [
      "The newest checkpoint is refused (NOTE_LIMIT).",
      { kind: "checkpoint", head: "newest", code: "NOTE_LIMIT" },
    ],
    [
      "The stored tile/0/000 is not the tree's, though the entries are sound.",
      { kind: "tile", path: "tile/0/000" },
    ],
  ])("says: %s", (words, finding) => {
    expect(describeFinding(finding)).toBe(words);
  });

  it("shows two checkpoints that contradict each other whole: together they are the proof", () => {
    const text = describeFinding({
      kind: "conflict",
      heads: [head("known", 9), head("newest", 9)],
      from: 4,
      to: 9,
    });
    expect(text).toContain("they part at one of the entries 4 to 8.");
    expect(
      text.match(/^ {2}siphms\/city\/audit\/1\n {2}9\n {2}AAAA\n {2}\n {2}— siphms/gm),
    ).toHaveLength(2);
  });
});

describe("what else is said", () => {
  it.each<[RegExp, LogNote]>([
    [/sequence 3 .* killed, or is writing/, { ...chain, kind: "unfinished", last: 3 }],
    [/went back by 60 s/, { kind: "clock-back", index: 7, instance: "0a0b", byMs: 60_000 }],
    [/look at the clocks/, { kind: "future", below: 7, byMs: 60_000 }],
  ])("as a note: %s", (words, note) => {
    expect(describeNote(note)).toMatch(words);
  });

  it("names the row or the entry that differs", () => {
    const what = "row-altered";
    expect(describeDifference({ what, index: 7, event: 70 })).toMatch(/^Entry 7: /);
    expect(describeDifference({ what, index: null, event: 70 })).toMatch(/^Row 70: /);
  });

  it("says what to do with a witness that does not know the log", () => {
    const saying = { witness: "city", url: "https://w.example", size: 7, status: 404 } as const;
    expect(describeSaying({ ...saying, state: "refused" })).toContain("registration");
  });
});
