import { beforeAll, describe, expect, it } from "vitest";
import {
  encodeNote,
  entryBundlePath,
  parseNote,
  signNote,
  tilePath,
  type Bytes,
  type SignedNote,
} from "@siphms/tlog";
import type { LogFinding, LogReport } from "./log-report.ts";
import { LOG_PATHS, olderCheckpointPath } from "./log-source.ts";
import { isRestoredAfter, lastCheckpointPath } from "./origins.ts";
import { verifyLog } from "./verify-log.ts";
import {
  BEGAN_AT,
  createLogWorld,
  grownFiles,
  replaced,
  sourceOf,
  treeFiles,
  unsafeSigner,
  UnsafeWriter,
  type LogFiles,
  type LogWorld,
} from "./testing/log-world.ts";

/** More than one full tile of level 0, and a partial one. */
const COUNT = 700;

let world: LogWorld;
let entries: readonly Bytes[];
let files: LogFiles;

beforeAll(async () => {
  world = await createLogWorld();
  entries = new UnsafeWriter(1).writeMany(COUNT);
  files = await world.files(entries, { witnessed: 600 });
});

function verify(of: LogFiles, known: readonly SignedNote[] = []): Promise<LogReport> {
  return verifyLog(sourceOf(of), { ...world.trust, known });
}

async function findingsOf(
  of: LogFiles,
  known: readonly SignedNote[] = [],
): Promise<readonly LogFinding[]> {
  return (await verify(of, known)).findings;
}

/** The files with some of them replaced or taken away. */
function withFiles(over: Readonly<Record<string, Bytes | undefined>>, of = files): LogFiles {
  const changed = new Map(of);
  for (const [path, bytes] of Object.entries(over)) {
    if (bytes === undefined) changed.delete(path);
    else changed.set(path, bytes);
  }
  return changed;
}

/** The files with other entries in place of those that were signed; their tiles only where they are made anew. */
function withEntries(other: readonly Bytes[], isTreeRemade: boolean): LogFiles {
  const changed = new Map(files);
  for (const [path, bytes] of treeFiles(other)) {
    if (isTreeRemade || path.startsWith("tile/entries/")) changed.set(path, bytes);
  }
  return changed;
}

const altered = (index: number): Bytes => {
  const entry = entries[index]?.slice() ?? new Uint8Array();
  // A digit of the actor: it stays an entry.
  entry[entry.indexOf(0x32)] = 0x33;
  return entry;
};

describe("a log that nobody tampered with", () => {
  it("has no findings, and says what it is [HS-312b] (SR-60)", async () => {
    const report = await verify(files);
    expect(report).toMatchObject({
      entries: COUNT,
      findings: [],
      notes: [],
      abandoned: 0,
      instances: { count: 1, unended: 1 },
      witnessed: { size: 600, witnesses: ["city-witness"] },
      times: { first: BEGAN_AT, last: BEGAN_AT + (COUNT - 1) * 1_000 },
    });
  });

  it.each([0, 1, 255, 256, 257, 512])("has none at %i entries", async (count) => {
    const some = entries.slice(0, count);
    expect(await verify(await world.files(some))).toMatchObject({ entries: count, findings: [] });
  });

  it("may have grown while it was read: a partial tile is then gone, and the full one there", async () => {
    const grown = grownFiles(files, new UnsafeWriter(1).writeMany(768));
    expect(grown.has(entryBundlePath({ index: 2, width: COUNT - 512 }))).toBe(false);
    expect(await findingsOf(grown)).toEqual([]);
  });

  it("agrees with its checkpoints of the past", async () => {
    const known = [await world.checkpoint(entries, 1), await world.checkpoint(entries, 257)];
    expect(await findingsOf(files, known)).toEqual([]);
  });

  it("needs no witness where the policy asks for none", async () => {
    const alone = await createLogWorld("none");
    const unwitnessed = await alone.files(entries);
    unwitnessed.delete(LOG_PATHS.witnessed);
    const report = await verifyLog(sourceOf(unwitnessed), alone.trust);
    expect(report.findings).toEqual([]);
    expect(report.witnessed).toBeUndefined();
  });
});

describe("an entry that is not what was signed", () => {
  it.each([0, 1, 255, 256, 599, 650, 699])("is found at its index: %i", async (index) => {
    const changed = withEntries(replaced(entries, index, altered(index)), false);
    expect(await findingsOf(changed)).toEqual([
      { kind: "entries", from: index, to: index + 1, reason: "altered" },
    ]);
  });

  it("is found first where there are several", async () => {
    const twice = replaced(replaced(entries, 400, altered(400)), 31, altered(31));
    expect(await findingsOf(withEntries(twice, false))).toMatchObject([{ from: 31, to: 32 }]);
  });

  it("is found where two stand in each other's place", async () => {
    const swapped = replaced(entries, 300, entries[301]!, entries[300]!);
    expect(await findingsOf(withEntries(swapped, false))).toMatchObject([{ from: 300, to: 301 }]);
  });

  it("is found where one was put between others", async () => {
    const more = [...entries.slice(0, 40), new UnsafeWriter(9).write(), ...entries.slice(40, -1)];
    expect(await findingsOf(withEntries(more, false))).toMatchObject([{ from: 40, to: 41 }]);
  });

  it("is found where one was taken out and those behind moved up", async () => {
    const fewer = [...entries.slice(0, 512), ...entries.slice(513), entries[0]!];
    expect(await findingsOf(withEntries(fewer, false))).toMatchObject([{ from: 512, to: 513 }]);
  });

  it("is missing where nothing stands in its place", async () => {
    const changed = withEntries(replaced(entries, 77, new Uint8Array()), false);
    expect(await findingsOf(changed)).toEqual([
      { kind: "entries", from: 77, to: 78, reason: "missing" },
    ]);
  });

  it.each([
    ["a whole bundle", undefined, 256],
    ["the end of a bundle", 1_000, undefined],
  ])("is missing with %s", async (_title, cut, index) => {
    const path = entryBundlePath({ index: 1, width: 256 });
    const rest = cut === undefined ? undefined : files.get(path)!.slice(0, cut);
    const [finding] = await findingsOf(withFiles({ [path]: rest }));
    expect(finding).toMatchObject({ kind: "entries", reason: "missing" });
    const from = finding?.kind === "entries" ? finding.from : NaN;
    if (index !== undefined) expect(from).toBe(index);
    else expect(from > 256 && from < 512).toBe(true);
  });

  it("is found although its leaf hash was made anew: the tile does not lead to the signed root", async () => {
    const changed = withEntries(replaced(entries, 300, altered(300)), true);
    changed.set(tilePath({ level: 1, index: 0, width: 2 }), files.get("tile/1/000.p/2")!);
    expect(await findingsOf(changed)).toMatchObject([{ from: 256, to: 512, suspect: 300 }]);
  });

  it("lies behind the newest checkpoint that holds where the whole tree was made anew", async () => {
    const changed = withEntries(replaced(entries, 650, altered(650)), true);
    expect(await findingsOf(changed)).toMatchObject([{ from: 600, to: 700, suspect: 650 }]);
  });

  it("is narrowed down by the older checkpoints that the source keeps", async () => {
    const changed = withEntries(replaced(entries, 650, altered(650)), true);
    for (let size = 1; size <= COUNT; size++) {
      const kept = await world.checkpoint(entries, size - (size % 5));
      changed.set(olderCheckpointPath(size), encodeNote(kept));
    }
    expect(await findingsOf(changed)).toMatchObject([{ from: 650, to: 655 }]);
  });

  it("lies behind every older checkpoint that holds, where none is contradicted", async () => {
    const changed = withEntries(replaced(entries, 650, altered(650)), true);
    const kept = encodeNote(await world.checkpoint(entries, 640));
    for (let size = 640; size < COUNT; size++) changed.set(olderCheckpointPath(size), kept);
    expect(await findingsOf(changed)).toMatchObject([{ from: 640, to: 700, suspect: 650 }]);
  });

  it("is found exactly by an older checkpoint, where the stored tiles are sound up to that", async () => {
    // The last tile is not stored but made of the entries, as a hospital does: it says nothing of an entry that was altered.
    const changed = withEntries(replaced(entries, 300, altered(300)), false);
    const last = tilePath({ level: 0, index: 2, width: COUNT - 512 });
    const bytes = changed.get(last)!.slice();
    bytes[0]! ^= 1;
    changed.set(last, bytes);
    expect(await findingsOf(changed)).toMatchObject([{ from: 0, to: 600, suspect: 300 }]);
    for (let size = 310; size <= COUNT; size++) {
      changed.set(olderCheckpointPath(size), encodeNote(await world.checkpoint(entries, 310)));
    }
    expect(await findingsOf(changed)).toMatchObject([{ from: 300, to: 301 }]);
  });

  it("is no entry, though it was signed", async () => {
    const odd = replaced(entries, 12, Uint8Array.of(1, 2, 3));
    expect(await findingsOf(await world.files(odd))).toContainEqual({
      kind: "entries",
      from: 12,
      to: 13,
      reason: "malformed",
    });
  });
});

describe("a checkpoint that is not to be believed", () => {
  const newestWith = async (
    change: (note: SignedNote) => Promise<SignedNote>,
  ): Promise<LogFiles> => {
    const note = parseNote(files.get(LOG_PATHS.checkpoint)!);
    return withFiles({ [LOG_PATHS.checkpoint]: encodeNote(await change(note)) });
  };

  it("is not there", async () => {
    expect(await findingsOf(withFiles({ [LOG_PATHS.checkpoint]: undefined }))).toContainEqual({
      kind: "checkpoint",
      head: "newest",
      code: "CHECKPOINT_MISSING",
    });
  });

  it("says another size than was signed", async () => {
    const changed = await newestWith((note) =>
      Promise.resolve({ ...note, text: note.text.replace("\n700\n", "\n699\n") }),
    );
    expect((await findingsOf(changed))[0]).toMatchObject({ code: "NOTE_UNAUTHENTIC" });
  });

  it("is signed by a key of the same name that the policy does not have", async () => {
    const other = await unsafeSigner("ed25519", world.log.key.name);
    const changed = await newestWith((note) => signNote({ ...note, signatures: [] }, other));
    expect(await findingsOf(changed)).toMatchObject([{ head: "newest", code: "NOTE_UNSIGNED" }]);
  });

  it("carries the witness's cosignature of another one", async () => {
    const cosigned = parseNote(files.get(LOG_PATHS.witnessed)!);
    const changed = await newestWith((note) =>
      Promise.resolve({ ...note, signatures: [...note.signatures, cosigned.signatures[1]!] }),
    );
    expect(await findingsOf(changed)).toMatchObject([{ head: "newest", code: "NOTE_UNAUTHENTIC" }]);
  });

  it("has no witness's cosignature, and nor has any other", async () => {
    const changed = withFiles({ [LOG_PATHS.witnessed]: undefined });
    expect(await findingsOf(changed)).toEqual([
      { kind: "checkpoint", head: "witnessed", code: "QUORUM_MISSED" },
    ]);
  });

  it("is signed by a key whose time is over", async () => {
    const next = await unsafeSigner("ed25519", "siphms/city/audit/2");
    const { policy } = world.trust;
    const rotated = { ...policy, logs: [...policy.logs, { key: next.key, url: undefined }] };
    const last = { [lastCheckpointPath(world.log.key.name)]: files.get(LOG_PATHS.checkpoint) };
    const source = sourceOf(withFiles(last));
    const report = await verifyLog(source, { ...world.trust, policy: rotated });
    expect(report.findings).toEqual([{ kind: "checkpoint", head: "newest", code: "LOG_RETIRED" }]);
  });
});

describe("two checkpoints that contradict each other", () => {
  it("are the newest, and a larger one that somebody has seen", async () => {
    const shorter = await world.files(entries.slice(0, 500));
    const seen = await world.checkpoint(entries, 650);
    const [finding] = await findingsOf(shorter, [seen]);
    expect(finding).toMatchObject({ kind: "conflict", from: 500, to: 650 });
    expect(finding?.kind === "conflict" && finding.heads.map(({ note }) => note.text)).toEqual([
      seen.text,
      (await world.checkpoint(entries, 500)).text,
    ]);
  });

  it("are the newest, and one of its size with another root", async () => {
    const other = replaced(entries, 699, altered(699));
    const [finding, ...more] = await findingsOf(files, [await world.checkpoint(other)]);
    expect(finding).toMatchObject({ kind: "conflict", from: 600, to: 700 });
    expect(more).toEqual([]);
  });

  it("are the newest, and a smaller one of another history", async () => {
    const other = replaced(entries, 100, altered(100));
    const findings = await findingsOf(files, [await world.checkpoint(other, 400)]);
    expect(findings).toMatchObject([{ kind: "conflict", from: 0, to: 400 }]);
  });

  it("are a newest one, signed with the log's own key, and the one that the witness cosigned", async () => {
    const rewritten = replaced(entries, 100, altered(100));
    const changed = await world.files(rewritten);
    changed.set(LOG_PATHS.checkpoint, encodeNote(await world.checkpoint(rewritten)));
    changed.set(LOG_PATHS.witnessed, files.get(LOG_PATHS.witnessed)!);
    const [finding] = await findingsOf(changed);
    expect(finding).toMatchObject({ kind: "conflict", heads: [{ name: "witnessed" }, {}] });
  });
});

describe("a log that goes on under another key", () => {
  const next = "siphms/city/audit/2";

  /** These entries under the next key, with the last checkpoint of the key before. */
  async function rotated(newer: readonly Bytes[], last: SignedNote | undefined) {
    const signer = await unsafeSigner("ed25519", next);
    const made = await world.files(newer);
    const [, head = "", root = ""] = parseNote(made.get(LOG_PATHS.checkpoint)!).text.split("\n");
    const text = `${next}\n${head}\n${root}\n`;
    const note = await world.cosigned(await signNote({ text, signatures: [] }, signer));
    made.set(LOG_PATHS.checkpoint, encodeNote(note));
    made.set(LOG_PATHS.witnessed, encodeNote(note));
    if (last !== undefined) made.set(lastCheckpointPath(world.log.key.name), encodeNote(last));
    const { policy } = world.trust;
    const logs = [...policy.logs, { key: signer.key, url: undefined }];
    return { made, trust: { ...world.trust, policy: { ...policy, logs } } };
  }

  const findingsAfter = async (newer: readonly Bytes[], last: SignedNote | undefined) => {
    const { made, trust } = await rotated(newer, last);
    return (await verifyLog(sourceOf(made), trust)).findings;
  };

  it("is sound where it continues the tree that the key before signed last", async () => {
    expect(await findingsAfter(entries, await world.checkpoint(entries, 500))).toEqual([]);
  });

  it("is found out where its tree is another, though a witness has cosigned that under the new key (SR-60)", async () => {
    const rewritten = replaced(entries, 100, altered(100));
    const [finding] = await findingsAfter(rewritten, await world.checkpoint(entries, 500));
    const heads = [{ name: "retired" }, { name: "newest" }];
    expect(finding).toMatchObject({ kind: "conflict", heads, to: 500 });
  });

  it("is found out where the key before has signed more, or nothing that is there (SR-60)", async () => {
    const last = await world.checkpoint(entries);
    expect(await findingsAfter(entries.slice(0, 500), last)).toMatchObject([
      { kind: "conflict", from: 500, to: COUNT },
    ]);
    const missing = { kind: "checkpoint", head: "retired", code: "CHECKPOINT_MISSING" };
    expect(await findingsAfter(entries, undefined)).toEqual([missing]);
  });

  it("is found out where another key's checkpoint stands for that of the key before", async () => {
    const { made, trust } = await rotated(entries, undefined);
    made.set(lastCheckpointPath(world.log.key.name), made.get(LOG_PATHS.checkpoint)!);
    expect((await verifyLog(sourceOf(made), trust)).findings).toEqual([
      { kind: "checkpoint", head: "retired", code: "LOG_UNKNOWN" },
    ]);
  });

  it("asks for nothing of other logs in the policy", async () => {
    const [one, two] = await Promise.all(
      ["siphms/town/audit/1", "siphms/town/audit/2"].map((name) => unsafeSigner("ed25519", name)),
    );
    const logs = [one!, two!].map(({ key }) => ({ key, url: undefined }));
    const policy = { ...world.trust.policy, logs: [...logs, ...world.trust.policy.logs] };
    expect((await verifyLog(sourceOf(files), { ...world.trust, policy })).findings).toEqual([]);
    expect(isRestoredAfter("siphms/town/audit/1", policy)).toBe(false);
  });
});

describe("a stored tile that is not the tree's", () => {
  it.each([
    ["of leaf hashes", { level: 0, index: 1, width: 256 }],
    ["above them", { level: 1, index: 0, width: 2 }],
    ["at the end", { level: 0, index: 2, width: COUNT - 512 }],
  ])("is named, though the entries are sound: one %s", async (_title, tile) => {
    const path = tilePath(tile);
    const bytes = files.get(path)!.slice();
    bytes[5]! ^= 1;
    expect(await findingsOf(withFiles({ [path]: bytes }))).toEqual([{ kind: "tile", path }]);
    expect(await findingsOf(withFiles({ [path]: undefined }))).toEqual([{ kind: "tile", path }]);
  });
});

describe("times", () => {
  it("are noted where an entry is later than what its witness says", async () => {
    const late = [...entries, new UnsafeWriter(2, BEGAN_AT + 200_000_000).write()];
    const { findings, notes } = await verify(await world.files(late));
    expect(findings).toEqual([]);
    expect(notes).toEqual([{ kind: "future", below: COUNT + 1, byMs: 100_000_000 }]);
  });
});
