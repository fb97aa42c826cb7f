import { beforeAll, describe, expect, it } from "vitest";
import type { Bytes } from "./bytes.ts";
import { cosignCheckpoint } from "./cosignature.ts";
import { createWebEd25519, type NoteSigner } from "./ed25519.ts";
import {
  encodeLogProof,
  MAX_LOG_PROOF_BYTES,
  parseLogProof,
  verifyLogProof,
  type LogProof,
} from "./log-proof.ts";
import type { SignedNote } from "./note.ts";
import type { Policy } from "./policy.ts";
import { createLogWorld, type LogWorld } from "./testing/log-world.ts";
import { numberedLeaves } from "./testing/reference-tree.ts";
import { codeOf, codeOfPromise } from "./testing/refusal.ts";
import { turnBit, unsafeSigner } from "./testing/signer.ts";
import type { TlogErrorCode } from "./tlog-error.ts";
import { proveInclusion } from "./tree.ts";

const ED25519 = createWebEd25519();
const LEAVES = numberedLeaves(300);
const INDEX = 258;
const LEAF = LEAVES[INDEX]!;

let log: LogWorld;
let witnesses: readonly NoteSigner[];
let policy: Policy;
let proof: LogProof;

async function cosigned(note: SignedNote, by: readonly NoteSigner[]): Promise<SignedNote> {
  const lines = await Promise.all(
    by.map((signer, at) =>
      cosignCheckpoint({ text: note.text, timestampS: 1_700_000_000 + at }, signer),
    ),
  );
  return { ...note, signatures: [...note.signatures, ...lines] };
}

beforeAll(async () => {
  log = await createLogWorld("log.example", LEAVES);
  witnesses = await Promise.all(
    ["w1", "w2", "w3"].map((name) => unsafeSigner("cosignature", `${name}.example`)),
  );
  const [w1, w2, w3] = witnesses;
  policy = {
    logs: [{ key: log.signer.key, url: undefined }],
    witnesses: [w1, w2, w3].map((signer, at) => ({
      name: `w${at + 1}`,
      key: signer!.key,
      url: undefined,
    })),
    groups: [{ name: "two", threshold: 2, members: ["w1", "w2", "w3"] }],
    quorum: "two",
  };
  proof = {
    extra: undefined,
    index: INDEX,
    hashes: await proveInclusion({ index: INDEX, treeSize: 300 }, log.tiles),
    note: await cosigned(await log.checkpoint(300), [w1!, w3!]),
  };
});

const codeWith = (
  change: Partial<LogProof>,
  { leafHash = LEAF, under = policy }: { leafHash?: Bytes; under?: Policy } = {},
): Promise<TlogErrorCode | undefined> =>
  codeOfPromise(verifyLogProof({ proof: { ...proof, ...change }, leafHash }, under, ED25519));

describe("a proof of logging", () => {
  it("verifies without the log, through writing and reading", async () => {
    const read = parseLogProof(encodeLogProof(proof));
    expect(read).toEqual(proof);
    const found = await verifyLogProof({ proof: read, leafHash: LEAF }, policy, ED25519);
    expect(found.checkpoint).toMatchObject({ origin: "log.example", size: 300 });
    expect(found.cosignatures.map(({ witness, timestampS }) => [witness.name, timestampS])).toEqual(
      [
        ["w1", 1_700_000_000],
        ["w3", 1_700_000_001],
      ],
    );
  });

  it("may carry extra data, and needs no hashes in a tree of one", async () => {
    const extra = Uint8Array.of(1, 2, 3);
    const one: LogProof = { extra, index: 0, hashes: [], note: await log.checkpoint(1) };
    expect(Buffer.from(encodeLogProof(one)).toString()).toMatch(
      /^c2sp\.org\/tlog-proof@v1\nextra AQID\nindex 0\n\nlog\.example\n1\n/,
    );
    const read = parseLogProof(encodeLogProof(one));
    expect(read).toEqual(one);
    const lax = { ...policy, quorum: "none" };
    await verifyLogProof({ proof: read, leafHash: LEAVES[0]! }, lax, ED25519);
  });

  it("fails for another entry, index or hash", async () => {
    expect(await codeWith({}, { leafHash: LEAVES[0]! })).toBe("MERKLE_PROOF_INVALID");
    for (const index of [0, INDEX - 1, INDEX + 1, 299, 300, 2 ** 40]) {
      expect(await codeWith({ index })).toBe("MERKLE_PROOF_INVALID");
    }
    for (let at = 0; at < proof.hashes.length; at++) {
      const hashes = proof.hashes.map((hash, place) =>
        place === at ? turnBit(hash, 31, 7) : hash,
      );
      expect(await codeWith({ hashes })).toBe("MERKLE_PROOF_INVALID");
    }
    expect(await codeWith({ hashes: [] })).toBe("MERKLE_PROOF_INVALID");
    expect(await codeWith({ hashes: [...proof.hashes, LEAF] })).toBe("MERKLE_PROOF_INVALID");
  });

  it("fails under another checkpoint of the same log", async () => {
    const note = await cosigned(await log.checkpoint(299), witnesses);
    expect(await codeWith({ note })).toBe("MERKLE_PROOF_INVALID");
  });

  it("fails when the policy has not the log, or another key under its name", async () => {
    expect(await codeWith({}, { under: { ...policy, logs: [] } })).toBe("LOG_UNKNOWN");
    const namesake = await unsafeSigner("ed25519", "log.example");
    const stranger = await unsafeSigner("ed25519", "stranger.example");
    const only = (key: typeof namesake.key): Policy => ({
      ...policy,
      logs: [{ key, url: undefined }],
    });
    expect(await codeWith({}, { under: only(namesake.key) })).toBe("NOTE_UNSIGNED");
    expect(await codeWith({}, { under: only(stranger.key) })).toBe("LOG_UNKNOWN");
  });

  it("fails when only witnesses signed, or nobody known", async () => {
    const signatures = proof.note.signatures.slice(1);
    expect(await codeWith({ note: { ...proof.note, signatures } })).toBe("NOTE_UNSIGNED");
    expect(await codeWith({ note: { ...proof.note, signatures: [] } })).toBe("NOTE_UNSIGNED");
  });

  it("fails when another log of the policy signed under this origin", async () => {
    const second = await unsafeSigner("ed25519", "second.example");
    const { key } = second;
    const logs = [...policy.logs, { key, url: undefined }];
    const line = {
      name: key.name,
      keyId: key.keyId,
      signature: await second.sign(Buffer.from(proof.note.text)),
    };
    const signatures = [line, ...proof.note.signatures.slice(1)];
    const note = { ...proof.note, signatures };
    expect(await codeWith({ note }, { under: { ...policy, logs } })).toBe("NOTE_UNSIGNED");
  });

  it("fails with too few witnesses, one of them twice, or strangers", async () => {
    const [w1] = witnesses;
    const bare = await log.checkpoint(300);
    const stranger = await unsafeSigner("cosignature", "w2.example");
    expect(await codeWith({ note: bare })).toBe("QUORUM_MISSED");
    expect(await codeWith({ note: await cosigned(bare, [w1!]) })).toBe("QUORUM_MISSED");
    expect(await codeWith({ note: await cosigned(bare, [w1!, w1!]) })).toBe("QUORUM_MISSED");
    expect(await codeWith({ note: await cosigned(bare, [w1!, stranger]) })).toBe("QUORUM_MISSED");
  });

  it("fails with a cosignature that was made for another checkpoint", async () => {
    const other = await cosigned(await log.checkpoint(299), witnesses);
    const bare = await log.checkpoint(300);
    const note = {
      text: bare.text,
      signatures: [...bare.signatures, ...other.signatures.slice(1)],
    };
    expect(await codeWith({ note })).toBe("NOTE_UNAUTHENTIC");
  });
});

const HASH = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=";
const NOTE = `log.example\n7\n${HASH}\n\n— log.example AQIDBAUG\n`;
const FILE = `c2sp.org/tlog-proof@v1\nextra AQID\nindex 3\n${HASH}\n${HASH}\n\n${NOTE}`;

describe("the text of a proof of logging", () => {
  it("is written with the bytes that were read", () => {
    const read = parseLogProof(Buffer.from(FILE));
    expect(read).toMatchObject({ index: 3, extra: Uint8Array.of(1, 2, 3) });
    expect(Buffer.from(encodeLogProof(read)).toString()).toBe(FILE);
  });

  it.each([
    ["nothing", ""],
    ["the checkpoint alone", NOTE],
    ["another version", FILE.replace("@v1", "@v2")],
    ["an empty line in front", `\n${FILE}`],
    ["a byte order mark", `\ufeff${FILE}`],
    ["a carriage return", FILE.replace("@v1\n", "@v1\r\n")],
    ["extra data that are empty", FILE.replace("extra AQID", "extra ")],
    ["extra data without space", FILE.replace("extra AQID", "extraAQID")],
    ["extra data that are no base64", FILE.replace("AQID", "AQI")],
    ["extra data twice", FILE.replace("extra AQID\n", "extra AQID\nextra AQID\n")],
    ["extra data behind the index", FILE.replace("extra AQID\nindex 3\n", "index 3\nextra AQID\n")],
    ["no index", FILE.replace("index 3\n", "")],
    ["an index with a leading zero", FILE.replace("index 3", "index 03")],
    ["a negative index", FILE.replace("index 3", "index -3")],
    ["an index from 2^53 on", FILE.replace("index 3", "index 9007199254740992")],
    ["an index behind two spaces", FILE.replace("index 3", "index  3")],
    ["an index with a space behind", FILE.replace("index 3", "index 3 ")],
    ["a short hash", FILE.replace(HASH, "AAAA")],
    ["a hash with spare bits", FILE.replace(HASH, HASH.replace("kaw=", "kax="))],
    ["64 hashes", FILE.replace(HASH, Array.from({ length: 63 }, () => HASH).join("\n"))],
    ["no empty line", FILE.slice(0, FILE.indexOf("\n\n"))],
    ["more bytes than are read", FILE + "x".repeat(MAX_LOG_PROOF_BYTES)],
  ])("is refused with %s", (_, text) => {
    expect(codeOf(() => parseLogProof(Buffer.from(text)))).toBe("LOG_PROOF_MALFORMED");
  });

  it("is refused with a checkpoint that is no note, and with bytes that are no UTF-8", () => {
    expect(codeOf(() => parseLogProof(Buffer.from(`${FILE}\n`)))).toBe("NOTE_MALFORMED");
    expect(codeOf(() => parseLogProof(Buffer.from(FILE.slice(0, -1))))).toBe("NOTE_MALFORMED");
    const bytes = Buffer.concat([Buffer.from(FILE), Buffer.of(0xff)]);
    expect(codeOf(() => parseLogProof(bytes))).toBe("LOG_PROOF_MALFORMED");
  });

  it("is not written with what could not be read", () => {
    const read = parseLogProof(Buffer.from(FILE));
    for (const fault of [
      { extra: new Uint8Array() },
      { index: -1 },
      { index: 2 ** 53 },
      { hashes: [new Uint8Array(31)] },
      { hashes: Array.from({ length: 64 }, () => new Uint8Array(32)) },
    ]) {
      expect(() => encodeLogProof({ ...read, ...fault })).toThrow(RangeError);
    }
  });
});
