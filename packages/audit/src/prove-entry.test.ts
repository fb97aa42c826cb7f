import { beforeAll, describe, expect, it } from "vitest";
import {
  parseLogProof,
  encodeLogProof,
  tilePath,
  type Bytes,
  type TlogErrorCode,
} from "@siphms/tlog";
import type { AuditErrorCode } from "./audit-error.ts";
import { LOG_PATHS } from "./log-source.ts";
import { checkEntryProof, proveEntry } from "./prove-entry.ts";
import {
  createLogWorld,
  sourceOf,
  UnsafeWriter,
  type LogFiles,
  type LogWorld,
} from "./testing/log-world.ts";

let world: LogWorld;
let entries: readonly Bytes[];
let files: LogFiles;

beforeAll(async () => {
  world = await createLogWorld();
  entries = new UnsafeWriter(1).writeMany(700);
  files = await world.files(entries, { witnessed: 600 });
});

const prove = (index: number, of = files): Promise<Bytes> =>
  proveEntry(sourceOf(of), index, world.trust);

async function codeOf(promise: Promise<unknown>): Promise<AuditErrorCode | TlogErrorCode> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Error && "code" in error) return error.code as AuditErrorCode;
  throw new Error("It was not refused with a code.", { cause: error });
}

describe("a proof that an entry is logged", () => {
  it.each([0, 255, 256, 599])("is checked without the log: entry %i", async (index) => {
    const proven = await checkEntryProof(await prove(index), world.trust);
    expect(proven).toMatchObject({ index, entry: entries[index] });
    expect(proven.record).toMatchObject({ sequence: index, actor: "staff:12" });
    expect(proven.checkpoint.size).toBe(600);
    expect(proven.cosignatures).toHaveLength(1);
  });

  it("is not made of an entry that no witness has seen yet", async () => {
    expect(await codeOf(prove(600))).toBe("QUORUM_MISSED");
  });

  it("is not made of an entry that is not there", async () => {
    const all = await world.files(entries);
    expect(await codeOf(prove(700, all))).toBe("AUDIT_LOG_UNREADABLE");
  });

  it("is not made from a tile that was altered", async () => {
    const changed = new Map(files);
    const path = tilePath({ level: 0, index: 0, width: 256 });
    const bytes = changed.get(path)!.slice();
    bytes[0]! ^= 1;
    changed.set(path, bytes);
    expect(await codeOf(prove(1, changed))).toBe("MERKLE_PROOF_INVALID");
  });

  it("is not made without a checkpoint", async () => {
    const changed = new Map(files);
    changed.delete(LOG_PATHS.checkpoint);
    changed.delete(LOG_PATHS.witnessed);
    expect(await codeOf(prove(1, changed))).toBe("AUDIT_LOG_UNREADABLE");
  });

  it("is refused with another entry, another index, or no entry", async () => {
    const proof = parseLogProof(await prove(7));
    for (const [over, code] of [
      [{ extra: entries[8] }, "MERKLE_PROOF_INVALID"],
      [{ index: 8 }, "MERKLE_PROOF_INVALID"],
      [{ extra: undefined }, "AUDIT_ENTRY_MALFORMED"],
    ] as const) {
      const bytes = encodeLogProof({ ...proof, ...over });
      expect(await codeOf(checkEntryProof(bytes, world.trust))).toBe(code);
    }
  });

  it("is refused by whoever trusts another log", async () => {
    const other = await createLogWorld();
    expect(await codeOf(checkEntryProof(await prove(7), other.trust))).toBe("NOTE_UNSIGNED");
  });
});
