import { beforeAll, describe, expect, it } from "vitest";
import { createWebEd25519 } from "./ed25519.ts";
import { emptyRoot } from "./hash.ts";
import { createLogWorld, type LogWorld } from "./testing/log-world.ts";
import { numberedLeaves } from "./testing/reference-tree.ts";
import { turnBit, unsafeSigner } from "./testing/signer.ts";
import { rootFromTiles } from "./tree.ts";
import type { TreeHead } from "./verify-proof.ts";
import { signNote } from "./verify-note.ts";
import {
  authenticateCheckpoint,
  considerCheckpoint,
  WITNESS_STATUS,
  type AuthenticCheckpoint,
  type WitnessDecision,
} from "./witness.ts";
import {
  encodeAddCheckpoint,
  parseAddCheckpoint,
  type AddCheckpointRequest,
} from "./witness-request.ts";

const ED25519 = createWebEd25519();
const LEAVES = numberedLeaves(600);

let log: LogWorld;

async function authentic(request: AddCheckpointRequest): Promise<AuthenticCheckpoint> {
  const parsed = parseAddCheckpoint(encodeAddCheckpoint(request));
  const logs = [{ origin: log.origin, keys: [log.signer.key] }];
  const found = await authenticateCheckpoint(parsed, logs, ED25519);
  if (found.kind !== "authentic") throw new Error(`Not authentic: ${found.kind}.`);
  return found;
}

const headAt = async (size: number): Promise<TreeHead> => ({
  size,
  root: await rootFromTiles(size, log.tiles),
});

async function decide(
  request: AddCheckpointRequest,
  latest: TreeHead | undefined,
): Promise<WitnessDecision> {
  return considerCheckpoint(await authentic(request), latest);
}

beforeAll(async () => {
  log = await createLogWorld("log.example", LEAVES);
});

describe("whose checkpoint a witness takes", () => {
  const authenticate = async (request: AddCheckpointRequest): Promise<string> => {
    const parsed = parseAddCheckpoint(encodeAddCheckpoint(request));
    const logs = [
      { origin: "another.example", keys: [(await unsafeSigner("ed25519", "another.example")).key] },
      { origin: log.origin, keys: [log.signer.key] },
    ];
    return (await authenticateCheckpoint(parsed, logs, ED25519)).kind;
  };

  it("takes one that a known log signed, whatever strangers signed beside it", async () => {
    const request = await log.request(0, 5);
    expect(await authenticate(request)).toBe("authentic");
    const stranger = await unsafeSigner("ed25519", log.origin);
    const note = await signNote(request.note, stranger);
    expect(await authenticate({ ...request, note })).toBe("authentic");
  });

  it("does not know another origin (404)", async () => {
    const other = await createLogWorld("log.example/2", LEAVES);
    expect(await authenticate(await other.request(0, 5))).toBe("unknown-log");
  });

  it("forbids a checkpoint that another key signed under the log's name (403)", async () => {
    const impostor = await createLogWorld("log.example", LEAVES);
    expect(await authenticate(await impostor.request(0, 5))).toBe("forbidden");
  });

  it("forbids a checkpoint whose signature is bad (403)", async () => {
    const request = await log.request(0, 5);
    const [line] = request.note.signatures;
    const bad = { ...line!, signature: turnBit(line!.signature) };
    const note = { ...request.note, signatures: [bad] };
    expect(await authenticate({ ...request, note })).toBe("forbidden");
    const beside = { ...request.note, signatures: [line!, bad] };
    expect(await authenticate({ ...request, note: beside })).toBe("forbidden");
  });

  it("forbids a signature taken from another checkpoint (403)", async () => {
    const [five, six] = [await log.request(0, 5), await log.request(0, 6)];
    const note = { text: six.note.text, signatures: five.note.signatures };
    expect(await authenticate({ ...six, note })).toBe("forbidden");
  });

  it("forbids everything of a log without keys (403)", async () => {
    const parsed = parseAddCheckpoint(encodeAddCheckpoint(await log.request(0, 5)));
    const found = await authenticateCheckpoint(parsed, [{ origin: log.origin, keys: [] }], ED25519);
    expect(found.kind).toBe("forbidden");
  });
});

describe("what a witness decides", () => {
  it.each([
    [0, 0],
    [0, 1],
    [0, 600],
    [1, 2],
    [255, 256],
    [256, 600],
    [300, 300],
  ])("accepts the way from %i to %i entries", async (oldSize, newSize) => {
    const latest = oldSize === 0 ? undefined : await headAt(oldSize);
    expect(await decide(await log.request(oldSize, newSize), latest)).toEqual({
      kind: "accepted",
      latest: await headAt(newSize),
    });
  });

  it("goes on from a cosigned empty tree as from none", async () => {
    const latest = { size: 0, root: emptyRoot() };
    expect((await decide(await log.request(0, 9), latest)).kind).toBe("accepted");
  });

  it("refuses an old size that is larger than the checkpoint's (400), before all else", async () => {
    const request = { ...(await log.request(5, 5)), oldSize: 6 };
    expect(await decide(request, await headAt(6))).toEqual({ kind: "bad-request" });
    expect(await decide(request, undefined)).toEqual({ kind: "bad-request" });
  });

  it.each([
    ["older than what it holds", 3, 7],
    ["newer than what it holds", 9, 7],
    ["0, though it holds one", 0, 7],
  ])("tells its size when the old size is %s (409)", async (_, oldSize, held) => {
    const decision = await decide(await log.request(oldSize, 20), await headAt(held));
    expect(decision).toEqual({ kind: "conflict", size: held });
  });

  it("tells 0 when it holds nothing yet (409)", async () => {
    expect(await decide(await log.request(4, 8), undefined)).toEqual({ kind: "conflict", size: 0 });
  });

  it("never goes back: a checkpoint that it has passed is a conflict, replayed or not (409)", async () => {
    const replayed = await log.request(0, 10);
    const first = await decide(replayed, undefined);
    expect(first.kind).toBe("accepted");
    expect(await decide(replayed, await headAt(20))).toEqual({ kind: "conflict", size: 20 });
    expect(await decide(await log.request(10, 15), await headAt(20))).toEqual({
      kind: "conflict",
      size: 20,
    });
  });

  it("refuses another root at the size that it holds, and calls it a fork (422)", async () => {
    const forked = { oldSize: 8, proof: [], note: await log.checkpoint(8, LEAVES[0]) };
    expect(await decide(forked, await headAt(8))).toEqual({
      kind: "unprocessable",
      reason: "fork",
    });
  });

  it("refuses a proof between equal sizes (422)", async () => {
    const request = { ...(await log.request(8, 8)), proof: [LEAVES[0]!] };
    expect(await decide(request, await headAt(8))).toEqual({
      kind: "unprocessable",
      reason: "proof",
    });
  });

  it("refuses a proof from nothing (422)", async () => {
    const request = { ...(await log.request(0, 8)), proof: [LEAVES[0]!] };
    expect((await decide(request, undefined)).kind).toBe("unprocessable");
  });

  it("refuses an empty tree with a root of something (422)", async () => {
    const note = await log.checkpoint(0, LEAVES[0]);
    expect(await decide({ oldSize: 0, proof: [], note }, undefined)).toEqual({
      kind: "unprocessable",
      reason: "proof",
    });
  });

  it("refuses a history that was rewritten behind its back (422)", async () => {
    const rewritten = [...LEAVES.slice(0, 3), LEAVES[9]!, ...LEAVES.slice(4)];
    const honest = await headAt(8);
    const honestSigner = log.signer;
    const other = await createLogWorld(log.origin, rewritten);
    const { proof, note } = await other.request(8, 20);
    const signed = await signNote({ text: note.text, signatures: [] }, honestSigner);
    expect(await decide({ oldSize: 8, proof, note: signed }, honest)).toEqual({
      kind: "unprocessable",
      reason: "proof",
    });
  });

  it("refuses a proof with any hash altered, missing or more (422)", async () => {
    const request = await log.request(8, 21);
    const { proof } = request;
    const others = [
      ...proof.map((_, at) => proof.map((hash, place) => (place === at ? turnBit(hash) : hash))),
      proof.slice(1),
      proof.slice(0, -1),
      [...proof, proof[0]!],
      [],
    ];
    for (const other of others) {
      const decision = await decide({ ...request, proof: other }, await headAt(8));
      expect(decision.kind).toBe("unprocessable");
    }
  });

  it("changes neither the request nor what it holds", async () => {
    const request = await authentic(await log.request(8, 21));
    const latest = await headAt(8);
    const { checkpoint, proof } = request;
    const before = structuredClone({ checkpoint, proof, latest });
    considerCheckpoint(request, latest);
    expect({ checkpoint, proof, latest }).toEqual(before);
  });

  it("has the statuses of the specification", () => {
    expect(WITNESS_STATUS).toEqual({
      accepted: 200,
      "bad-request": 400,
      forbidden: 403,
      "unknown-log": 404,
      conflict: 409,
      unprocessable: 422,
    });
  });
});
