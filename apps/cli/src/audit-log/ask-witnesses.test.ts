import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { lastCheckpointPath, LOG_PATHS, type LogSource } from "@siphms/audit";
import {
  authenticateCheckpoint,
  considerCheckpoint,
  cosignCheckpoint,
  createVerifierKey,
  createWebEd25519,
  encodeCheckpoint,
  encodeCosignaturesAnswer,
  encodeNote,
  encodeSizeAnswer,
  parseAddCheckpoint,
  parsePolicy,
  rootFromTiles,
  signNote,
  TREE_SIZE_MEDIA_TYPE,
  WITNESS_STATUS,
  type Bytes,
  type NoteSigner,
  type Policy,
  type TreeHead,
  type VerifierKeyKind,
} from "@siphms/tlog";
import { tilesOf } from "@siphms/audit";

import { writeInventedLog } from "../bench/audit/invented-log.ts";
import { askWitnesses, type WitnessSaying } from "./ask-witnesses.ts";
import { describeSaying, isContradiction } from "./finding-text.ts";
import { createFolderSink, createFolderSource } from "./folder-log.ts";

const COUNT = 300;
const ed25519 = createWebEd25519();

let folder: string;
let source: LogSource;
let policy: Policy;
let signer: NoteSigner;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-witness-"));
  await writeInventedLog(createFolderSink(folder), COUNT);
  source = createFolderSource(folder);
  signer = await unsafeWitnessKey();
  const own = parsePolicy((await source.read(LOG_PATHS.policy))!);
  const witness = { name: "city", key: signer.key, url: "https://witness.example/w/" };
  policy = { ...own, witnesses: [witness], quorum: "city" };
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const unsafeWitnessKey = (): Promise<NoteSigner> => unsafeKey("cosignature", "witness.example");

/** A key that nothing outlives. */
async function unsafeKey(kind: VerifierKeyKind, name: string): Promise<NoteSigner> {
  const { subtle } = globalThis.crypto;
  const pair = await subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new TypeError("Ed25519 keys come in pairs.");
  const publicKey = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
  return {
    key: createVerifierKey(kind, name, publicKey),
    sign: async (message) => new Uint8Array(await subtle.sign("Ed25519", pair.privateKey, message)),
  };
}

/** A witness that has cosigned this head, as tlog-witness says it behaves. */
function witnessAt(
  latest: TreeHead | undefined,
  asked: string[] = [],
  keys = policy.logs.map(({ key }) => key),
): typeof fetch {
  let state = latest;
  const logs = [{ origin: keys[0]!.name, keys }];
  return async (url, init) => {
    asked.push(`${init?.method ?? ""} ${url as string}`);
    const request = await authenticateCheckpoint(
      parseAddCheckpoint(init?.body as Bytes),
      logs,
      ed25519,
    );
    if (request.kind !== "authentic")
      return new Response(null, { status: WITNESS_STATUS[request.kind] });
    const decision = considerCheckpoint(request, state);
    const status = WITNESS_STATUS[decision.kind];
    if (decision.kind === "conflict") {
      const headers = { "content-type": TREE_SIZE_MEDIA_TYPE };
      return new Response(encodeSizeAnswer(decision.size), { status, headers });
    }
    if (decision.kind !== "accepted") return new Response(null, { status });
    state = decision.latest;
    const { text } = request.note;
    const line = await cosignCheckpoint({ text, timestampS: 1_700_000_000 }, signer);
    return new Response(encodeCosignaturesAnswer([line]), { status });
  };
}

const headAt = async (size: number): Promise<TreeHead> => ({
  size,
  root: await rootFromTiles(size, tilesOf(source, COUNT)),
});

const ask = async (
  stand: typeof fetch,
  over: Partial<Parameters<typeof askWitnesses>[0]> = {},
): Promise<WitnessSaying | undefined> =>
  (await askWitnesses({ source, policy, ed25519, fetch: stand, ...over }))[0];

describe("asking a witness about a log", () => {
  it.each([
    ["this very tree", COUNT],
    ["an earlier one, which this one continues", 200],
    ["none at all yet", 0],
  ])("finds that it agrees where it has cosigned %s (SR-60)", async (_title, size) => {
    const asked: string[] = [];
    const saying = await ask(witnessAt(size === 0 ? undefined : await headAt(size), asked));
    expect(saying).toMatchObject({ state: "agrees", size: COUNT, witnessSize: COUNT });
    expect(new Set(asked)).toEqual(new Set(["POST https://witness.example/w/add-checkpoint"]));
  });

  it("finds that the log was rolled back where it has cosigned a larger tree (SR-60)", async () => {
    const ahead = { size: 301, root: new Uint8Array(32) };
    expect(await ask(witnessAt(ahead))).toMatchObject({
      state: "ahead",
      size: COUNT,
      witnessSize: 301,
    });
  });

  it.each([COUNT, 200])(
    "finds a fork where it has cosigned another tree of %i entries (SR-60)",
    async (size) => {
      const other = { size, root: new Uint8Array(32).fill(7) };
      expect(await ask(witnessAt(other))).toMatchObject({ state: "fork", status: 422 });
    },
  );

  it("finds nothing of that where the log has grown while it was asked", async () => {
    let reads = 0;
    const grown: LogSource = {
      // The first time the log is as it was long ago: it has no entry.
      read: async (name) => {
        if (name !== LOG_PATHS.checkpoint || reads++ > 0) return source.read(name);
        const bytes = (await source.read(name))!;
        const text = new TextDecoder().decode(bytes).replace(`\n${COUNT}\n`, "\n0\n");
        return new TextEncoder().encode(text);
      },
    };
    const answerLate = witnessAt(await headAt(COUNT));
    const stand: typeof fetch = async (url, init) => {
      const { checkpoint } = parseAddCheckpoint(init?.body as Bytes);
      if (checkpoint.size > 0) return answerLate(url, init);
      const headers = { "content-type": TREE_SIZE_MEDIA_TYPE };
      return new Response(encodeSizeAnswer(COUNT), { status: 409, headers });
    };
    expect(await ask(stand, { source: grown })).toMatchObject({ state: "agrees", size: COUNT });
  });

  it("finds that it does not take this log's checkpoints", async () => {
    expect(await ask(() => Promise.resolve(new Response(null, { status: 404 })))).toMatchObject({
      state: "refused",
      status: 404,
    });
  });

  it.each<[string, typeof fetch]>([
    ["there is no network", () => Promise.reject(new TypeError("fetch failed"))],
    ["it takes too long", () => Promise.reject(new DOMException("timed out", "TimeoutError"))],
    ["it is overloaded", () => Promise.resolve(new Response(null, { status: 503 }))],
    [
      "its answer is none of a witness",
      () => Promise.resolve(new Response("hello", { status: 200 })),
    ],
    [
      "its answer has no end",
      () => Promise.resolve(new Response(new Uint8Array(300_000), { status: 200 })),
    ],
    [
      "it never stops telling sizes",
      () =>
        Promise.resolve(
          new Response("7\n", { status: 409, headers: { "content-type": TREE_SIZE_MEDIA_TYPE } }),
        ),
    ],
  ])("says that it could not be asked where %s", async (_title, stand) => {
    expect(await ask(stand)).toMatchObject({ state: "unreachable" });
  });

  it("does not believe an answer that another key signed", async () => {
    const truth = signer;
    const honest = witnessAt(await headAt(COUNT));
    signer = await unsafeWitnessKey();
    try {
      expect(await ask(honest)).toMatchObject({ state: "unreachable" });
    } finally {
      signer = truth;
    }
  });

  it("does not ask about older keys where there are none", async () => {
    const sayings = await askWitnesses({ source, policy, ed25519, fetch: witnessAt(undefined) });
    expect(sayings).toMatchObject([{ state: "agrees" }]);
  });

  it("asks none that has no address", async () => {
    const quiet = policy.witnesses.map((witness) => ({ ...witness, url: undefined }));
    expect(await ask(fetch, { policy: { ...policy, witnesses: quiet } })).toBeUndefined();
  });
});

describe("asking a witness about a log whose key was rotated", () => {
  const older = "siphms/bench/audit/1";

  /** The log under the origin that follows; under the older one it was signed last at 200 entries. */
  async function rotated(next: string) {
    const [oldKey = signer, newKey = signer] = await Promise.all(
      [older, next].map((name) => unsafeKey("ed25519", name)),
    );
    const signed = async (key: NoteSigner, size: number): Promise<Bytes> => {
      const text = encodeCheckpoint({
        origin: key.key.name,
        ...(await headAt(size)),
        extensions: [],
      });
      return encodeNote(await signNote({ text, signatures: [] }, key));
    };
    const files = new Map([
      [LOG_PATHS.checkpoint, await signed(newKey, COUNT)],
      [lastCheckpointPath(older), await signed(oldKey, 200)],
    ]);
    const logs = [oldKey, newKey].map(({ key }) => ({ key, url: undefined }));
    return {
      source: { read: async (name: string) => files.get(name) ?? source.read(name) },
      policy: { ...policy, logs },
    };
  }

  /** A witness with another state for each origin; it knows those alone. */
  const witnessOf = (states: Readonly<Record<string, TreeHead>>, known: Policy): typeof fetch => {
    const own = new Map(
      Object.entries(states).map(([origin, state]) => {
        const logs = known.logs.filter(({ key }) => key.name === origin);
        return [
          origin,
          witnessAt(
            state,
            [],
            logs.map(({ key }) => key),
          ),
        ];
      }),
    );
    return async (url, init) => {
      const { checkpoint } = parseAddCheckpoint(init?.body as Bytes);
      const answer = own.get(checkpoint.origin);
      return answer?.(url, init) ?? new Response(null, { status: 404 });
    };
  };

  async function askRotated(under: TreeHead | undefined, next = "siphms/bench/audit/2") {
    const over = await rotated(next);
    const states = { [next]: await headAt(COUNT), ...(under && { [older]: under }) };
    const stand = witnessOf(states, over.policy);
    return askWitnesses({ ed25519, ...over, fetch: stand });
  }

  it("finds that it agrees under the older key too", async () => {
    const sayings = await askRotated(await headAt(200));
    expect(sayings).toMatchObject([{ state: "agrees" }, { state: "agrees", log: older }]);
  });

  it("finds another history that it has cosigned under the older key alone (SR-60)", async () => {
    const sayings = await askRotated({ size: 150, root: new Uint8Array(32).fill(7) });
    expect(sayings).toMatchObject([{ state: "agrees" }, { state: "fork", log: older }]);
    expect(sayings.map(isContradiction)).toEqual([false, true]);
  });

  it("finds that it has cosigned more under the older key than is there (SR-60)", async () => {
    const sayings = await askRotated(await headAt(250));
    expect(sayings[1]).toMatchObject({ state: "ahead", size: 200, witnessSize: 250 });
    expect(sayings.map(isContradiction)).toEqual([false, true]);
  });

  it("says so, and finds nothing, where the log was restored from a backup", async () => {
    const sayings = await askRotated(await headAt(250), "siphms/bench/audit/1700000000");
    expect(sayings[1]).toMatchObject({ state: "ahead", isRestored: true });
    expect(sayings.map(isContradiction)).toEqual([false, false]);
    expect(sayings.map(describeSaying).join("\n")).toContain("restored from a backup");
  });

  it("says where it does not look after the older key any more", async () => {
    const sayings = await askRotated(undefined);
    expect(sayings[1]).toMatchObject({ state: "refused", status: 404, log: older });
    expect(describeSaying(sayings[1]!)).toContain("does not look after it any more");
  });
});
