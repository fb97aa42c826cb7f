import { beforeAll, describe, expect, it } from "vitest";
import { encodeNote, encodeVerifierKey, entryBundlePath, tilePath, type Bytes } from "@siphms/tlog";
import { exportLog, type LogSink } from "./export-log.ts";
import { LOG_PATHS } from "./log-source.ts";
import { verifyLog } from "./verify-log.ts";
import {
  createLogWorld,
  grownFiles,
  sourceOf,
  unsafeSigner,
  UnsafeWriter,
  type LogFiles,
  type LogWorld,
} from "./testing/log-world.ts";

let world: LogWorld;
let entries: readonly Bytes[];

beforeAll(async () => {
  world = await createLogWorld();
  entries = new UnsafeWriter(1).writeMany(700);
});

interface MemorySink extends LogSink {
  readonly files: LogFiles;
  readonly written: string[];
}

function sinkOver(files: LogFiles = new Map()): MemorySink {
  const written: string[] = [];
  return {
    files,
    written,
    has: (path) => Promise.resolve(files.has(path)),
    write: (path, bytes) => {
      written.push(path);
      files.set(path, bytes);
      return Promise.resolve();
    },
  };
}

describe("an export", () => {
  it("is the log, file by file, and verifies without it", async () => {
    const files = await world.files(entries, { witnessed: 600 });
    files.set(LOG_PATHS.policy, Uint8Array.of(10));
    const sink = sinkOver();
    expect(await exportLog(sourceOf(files), sink)).toBe(0);
    expect(sink.files).toEqual(files);
    expect((await verifyLog(sourceOf(sink.files), world.trust)).findings).toEqual([]);
    expect(sink.written.at(-1)).toBe(LOG_PATHS.checkpoint);
  });

  it("has the last checkpoint of each key that the log had before", async () => {
    const files = await world.files(entries);
    const next = encodeVerifierKey((await unsafeSigner("ed25519", "siphms/city/audit/2")).key);
    const policy = `log ${encodeVerifierKey(world.log.key)}\nlog ${next}\nquorum none\n`;
    files.set(LOG_PATHS.policy, new TextEncoder().encode(policy));
    files.set("checkpoint.last/1", encodeNote(await world.checkpoint(entries, 500)));
    const sink = sinkOver();
    expect(await exportLog(sourceOf(files), sink)).toBe(0);
    expect(sink.files).toEqual(files);
  });

  it("goes on where an earlier one ended: what is full is not written anew", async () => {
    const sink = sinkOver();
    await exportLog(sourceOf(await world.files(entries.slice(0, 300))), sink);
    sink.written.length = 0;
    await exportLog(sourceOf(await world.files(entries)), sink);
    expect(sink.written).not.toContain(tilePath({ level: 0, index: 0, width: 256 }));
    expect(sink.written).toContain(entryBundlePath({ index: 1, width: 256 }));
    expect((await verifyLog(sourceOf(sink.files), world.trust)).findings).toEqual([]);
  });

  it("has each file as wide as its name says, though the log has grown meanwhile", async () => {
    const files = await world.files(entries);
    const grown = grownFiles(files, new UnsafeWriter(1).writeMany(768));
    const sink = sinkOver();
    await exportLog(sourceOf(grown), sink);
    expect(sink.files).toEqual(files);
  });

  it.each([
    ["bundle", entryBundlePath({ index: 1, width: 256 })],
    ["tile", tilePath({ level: 1, index: 0, width: 2 })],
  ])(
    "of a log that has no %s is what there is: verifying it finds the rest",
    async (_title, path) => {
      const files = await world.files(entries);
      files.delete(path);
      const sink = sinkOver();
      expect(await exportLog(sourceOf(files), sink)).toBe(1);
      expect(sink.files).toEqual(files);
      expect((await verifyLog(sourceOf(sink.files), world.trust)).findings).toHaveLength(1);
    },
  );

  it("is refused where the log has no checkpoint, and writes nothing", async () => {
    const files = await world.files(entries);
    files.delete(LOG_PATHS.checkpoint);
    const sink = sinkOver();
    await expect(exportLog(sourceOf(files), sink)).rejects.toMatchObject({
      code: "AUDIT_LOG_UNREADABLE",
    });
    expect(sink.written).toEqual([]);
  });

  it("that was broken off shows no checkpoint", async () => {
    const files = await world.files(entries);
    const sink = sinkOver();
    const broken: LogSink = {
      ...sink,
      write: (path, bytes) =>
        path.startsWith("tile/1/")
          ? Promise.reject(new Error("disk full"))
          : sink.write(path, bytes),
    };
    await expect(exportLog(sourceOf(files), broken)).rejects.toThrow("disk full");
    expect(sink.written).not.toContain(LOG_PATHS.checkpoint);
  });
});
