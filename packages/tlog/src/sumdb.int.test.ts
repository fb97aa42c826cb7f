import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromBase64, toBase64 } from "./base64.ts";
import type { Bytes } from "./bytes.ts";
import { encodeCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { cosignCheckpoint } from "./cosignature.ts";
import { createWebEd25519, type NoteSigner } from "./ed25519.ts";
import { appendLeaves, EMPTY_EDGE } from "./grow.ts";
import { encodeNote, parseNote, type SignedNote } from "./note.ts";
import { memoryTiles, numberedLeaves } from "./testing/reference-tree.ts";
import { turnBit, unsafeSigner } from "./testing/signer.ts";
import { tilePath } from "./tile.ts";
import { proveConsistency, proveInclusion, rootFromTiles } from "./tree.ts";
import { encodeVerifierKey, parseVerifierKey } from "./verifier-key.ts";
import { verifyConsistency, verifyInclusion } from "./verify-proof.ts";
import { signNote, verifyNote } from "./verify-note.ts";

/** Where Debian's Go packages lie (golang-go, golang-golang-x-mod-dev); `SIPHMS_GOPATH` says another place. */
const GOPATH = process.env["SIPHMS_GOPATH"] ?? "/usr/share/gocode";
const GO = (process.env["PATH"] ?? "")
  .split(path.delimiter)
  .map((folder) => path.join(folder, "go"))
  .find((file) => existsSync(file));
const isAbsent = GO === undefined || !existsSync(`${GOPATH}/src/golang.org/x/mod/sumdb/tlog`);
const WHY = isAbsent ? " (skipped: no golang-go, or no golang-golang-x-mod-dev)" : "";

const PROGRAM = fileURLToPath(new URL("../interop/sumdb.go", import.meta.url));
const ENTRY_COUNT = 66_000;
const TREE_ORIGIN = "go.sum database tree";

interface Claim {
  readonly size: number;
  readonly index: number;
  readonly oldSize: number;
  readonly root: string;
  readonly oldRoot: string;
  readonly leafHash: string;
  readonly inclusion: readonly string[] | null;
  readonly consistency: readonly string[] | null;
}

interface Answer {
  readonly opened: readonly { text: string; verified: number; unverified: number; error: string }[];
  readonly treeSize: number;
  readonly treeRoot: string;
  readonly treeText: string;
  readonly verifierKey: string;
  readonly note: string;
  readonly verdicts: readonly { inclusion: boolean; consistency: boolean }[];
  readonly claims: readonly Claim[];
  readonly tiles: readonly { path: string; bytes: string }[];
}

const PLACES = [
  1,
  2,
  3,
  7,
  8,
  255,
  256,
  257,
  1000,
  4096,
  65_535,
  65_536,
  65_537,
  ENTRY_COUNT,
].flatMap((size) =>
  [0, Math.floor(size / 3), size - 1].map((index) => ({ size, index, oldSize: index + 1 })),
);

describe.skipIf(isAbsent)(`Go's sumdb/note and sumdb/tlog${WHY}`, () => {
  const leaves = isAbsent ? [] : numberedLeaves(ENTRY_COUNT);
  const tiles = memoryTiles(leaves);
  const cache = isAbsent ? "" : mkdtempSync(path.join(tmpdir(), "siphms-go-"));
  let log: NoteSigner;
  let note: SignedNote;
  let claims: readonly Claim[];
  let lies: readonly Claim[];
  let answer: Answer;

  beforeAll(async () => {
    if (GO === undefined) throw new Error("Go is there.");
    log = await unsafeSigner("ed25519", "log.example/ärzte");
    const root = await rootFromTiles(ENTRY_COUNT, tiles);
    const text = encodeCheckpoint({ origin: TREE_ORIGIN, size: ENTRY_COUNT, root, extensions: [] });
    const witness = await unsafeSigner("cosignature", "witness.example");
    note = await signNote({ text, signatures: [] }, log);
    const line = await cosignCheckpoint({ text, timestampS: 1_700_000_000 }, witness);
    note = { text, signatures: [...note.signatures, line] };
    claims = await Promise.all(PLACES.map(claimAt));
    lies = claims.map(alteredClaim);
    const written = Buffer.from(encodeNote(note)).toString();
    const question = {
      verifierKey: encodeVerifierKey(log.key),
      notes: [written, written.replace(String(ENTRY_COUNT), String(ENTRY_COUNT + 1))],
      treeText: text,
      signText: text,
      signName: "go.example",
      entryCount: ENTRY_COUNT,
      claims: [...claims, ...lies],
    };
    const output = execFileSync(GO, ["run", PROGRAM], {
      input: JSON.stringify(question),
      env: { ...process.env, GOPATH, GO111MODULE: "off", GOFLAGS: "", GOCACHE: cache },
      maxBuffer: 2 ** 28,
    });
    answer = JSON.parse(output.toString()) as Answer;
  }, 300_000);

  afterAll(() => {
    if (cache !== "") rmSync(cache, { recursive: true, force: true });
  });

  async function claimAt(at: { size: number; index: number; oldSize: number }): Promise<Claim> {
    const { size, index, oldSize } = at;
    return {
      ...at,
      root: toBase64(await rootFromTiles(size, tiles)),
      oldRoot: toBase64(await rootFromTiles(oldSize, tiles)),
      leafHash: toBase64(leaves[index]!),
      inclusion: (await proveInclusion({ index, treeSize: size }, tiles)).map(toBase64),
      consistency: (await proveConsistency({ oldSize, newSize: size }, tiles)).map(toBase64),
    };
  }

  /** The claim with one bit of both proofs turned, or of both roots where the proofs are empty. */
  function alteredClaim(claim: Claim): Claim {
    const turned = (text: string): string => toBase64(turnBit(hashOf(text), 5, 2));
    const turnFirst = (proof: readonly string[] | null): string[] =>
      (proof ?? []).map((hash, at) => (at === 0 ? turned(hash) : hash));
    const isEmpty = claim.inclusion?.length === 0 || claim.consistency?.length === 0;
    return {
      ...claim,
      root: isEmpty ? turned(claim.root) : claim.root,
      inclusion: turnFirst(claim.inclusion),
      consistency: turnFirst(claim.consistency),
    };
  }

  function hashOf(text: string): Bytes {
    const hash = fromBase64(text);
    if (hash === undefined) throw new Error("Go writes base64.");
    return hash;
  }

  it("opens our note, cosignature and all, and reads our checkpoint", () => {
    expect(answer.opened[0]).toEqual({ text: note.text, verified: 1, unverified: 1, error: "" });
    expect(answer.treeSize).toBe(ENTRY_COUNT);
    expect(answer.treeRoot).toBe(toBase64(parseCheckpoint(note.text).root));
    expect(answer.treeText).toBe(note.text);
  });

  it("refuses our note when its size is altered", () => {
    expect(answer.opened[1]?.error).toMatch(/invalid signature/);
  });

  it("writes a note that we verify", async () => {
    const key = parseVerifierKey(answer.verifierKey);
    const read = parseNote(Buffer.from(answer.note));
    expect(Buffer.from(encodeNote(read)).toString()).toBe(answer.note);
    expect(await verifyNote(read, [key], createWebEd25519())).toHaveLength(1);
  });

  it("accepts each of our proofs, and none that is altered", () => {
    const count = claims.length;
    expect(answer.verdicts).toHaveLength(2 * count);
    expect(answer.verdicts.slice(0, count)).toEqual(
      claims.map(() => ({ inclusion: true, consistency: true })),
    );
    expect(answer.verdicts.slice(count)).toEqual(
      lies.map(() => ({ inclusion: false, consistency: false })),
    );
  });

  it("makes the same proofs and roots, and we accept them", () => {
    for (const [at, ours] of claims.entries()) {
      const theirs = answer.claims[at]!;
      const whole = {
        ...theirs,
        inclusion: theirs.inclusion ?? [],
        consistency: theirs.consistency ?? [],
      };
      expect(whole).toEqual(ours);
      const tree = { size: whole.size, root: hashOf(whole.root) };
      const older = { size: whole.oldSize, root: hashOf(whole.oldRoot) };
      const proof = whole.inclusion.map(hashOf);
      verifyInclusion({ index: whole.index, leafHash: hashOf(whole.leafHash), tree, proof });
      verifyConsistency({ older, newer: tree, proof: whole.consistency.map(hashOf) });
    }
  });

  it("makes the same tiles under the same paths, but for the height that it writes", () => {
    const ours = appendLeaves(EMPTY_EDGE, leaves).tiles;
    const named = (found: { path: string; bytes: string }): string =>
      `${found.path} ${found.bytes}`;
    expect(widest(answer.tiles).map(named).sort()).toEqual(
      ours
        .map((tile) =>
          named({
            path: tilePath(tile).replace("tile/", "tile/8/"),
            bytes: toBase64(tile.bytes),
          }),
        )
        .sort(),
    );
  });

  /** Debian 12's release lists a partial tile in each width up to the last: of each the one that we have too, the last. */
  function widest(tiles: Answer["tiles"]): Answer["tiles"] {
    const found = new Map<string, Answer["tiles"][number]>();
    for (const tile of tiles) {
      const place = tile.path.replace(/\.p\/\d+$/, "");
      if (tile.bytes.length >= (found.get(place)?.bytes.length ?? 0)) found.set(place, tile);
    }
    return [...found.values()];
  }
});
