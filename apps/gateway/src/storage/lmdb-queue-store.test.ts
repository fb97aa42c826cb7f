import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { QueueLimits, QueueStore } from "../domain/ports.ts";
import { StoreError } from "../domain/store-error.ts";
import { randomSid } from "../testing/fake-hospital.ts";
import { createUnsafeMemoryQueueStore } from "../testing/memory-queue-store.ts";
import { bytes, TEST_LIMITS, text } from "../testing/test-gateway.ts";
import { createCommitQueue } from "./commit-queue.ts";
import { openEnvironment, type Environment } from "./environment.ts";
import { openHospitalDirectory } from "./hospital-directory.ts";
import { openLmdbQueueStore } from "./lmdb-queue-store.ts";
import { queueStoreSuite } from "./queue-store.suite.ts";

const root = mkdtempSync(join(tmpdir(), "siphms-store-"));
let folders = 0;
const newFolder = (): string => join(root, String(++folders));
const roomy = { hasRoom: () => true, close: () => undefined };
const ALL = { count: 100, bytes: 1e9 };

afterAll(() => {
  rmSync(root, { recursive: true });
});

function openLmdb(limits: QueueLimits): Promise<QueueStore> {
  return Promise.resolve(openLmdbQueueStore(openEnvironment(newFolder()), limits, roomy));
}

queueStoreSuite("LMDB", openLmdb);
queueStoreSuite("the memory fake", (limits) =>
  Promise.resolve(createUnsafeMemoryQueueStore(limits)),
);

describe("the LMDB store", () => {
  it("has everything again after it was closed and opened", async () => {
    const folder = newFolder();
    const session = { hospital: "h", sid: randomSid() };
    const first = openLmdbQueueStore(openEnvironment(folder), TEST_LIMITS, roomy);
    await first.enqueue({ ...session, body: bytes("queued"), at: 1 });
    await first.settle("h", [{ kind: "notice", sid: session.sid, envelope: bytes("mail") }], 1);
    const closed = { hospital: "h", sid: randomSid() };
    await first.settle("h", [{ kind: "close", sid: closed.sid }], 1);
    await first.useTokenOnce("t", 1);
    await first.close();
    const second = openLmdbQueueStore(openEnvironment(folder), TEST_LIMITS, roomy);
    expect(second.pending("h", 0, ALL).map(({ body }) => text(body))).toEqual(["queued"]);
    expect(second.readMailbox(session, 0, 1e6)?.envelopes.map(text)).toEqual(["mail"]);
    expect([second.isClosed(closed), await second.useTokenOnce("t", 1)]).toEqual([true, false]);
    expect(second.usage()).toEqual({ queued: 1, queuedBytes: 6 });
    await second.close();
  });

  it("keeps its folder to this user", async () => {
    const folder = newFolder();
    const environment = openEnvironment(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await environment.close();
  });

  it("refuses envelopes while the disk has no room, and still settles and deletes", async () => {
    let room = true;
    const disk = { hasRoom: () => room, close: () => undefined };
    const store = openLmdbQueueStore(openEnvironment(newFolder()), TEST_LIMITS, disk);
    const session = { hospital: "h", sid: randomSid() };
    const number = await store.enqueue({ ...session, body: bytes("x"), at: 1 });
    room = false;
    expect([await store.enqueue({ ...session, body: bytes("y"), at: 1 }), store.works()]).toEqual([
      "full",
      false,
    ]);
    const settled = await store.settle(
      "h",
      [{ kind: "no-answer", sid: session.sid, number: Number(number) }],
      1,
    );
    expect([settled, store.usage().queued]).toEqual([[true], 0]);
    room = true;
    expect([
      (await store.enqueue({ ...session, body: bytes("y"), at: 1 })) === "full",
      store.works(),
    ]).toEqual([false, true]);
    await store.close();
  });

  it("says full, and counts nothing, when a write fails; the next one may work", async () => {
    const environment = openEnvironment(newFolder());
    let broken = false;
    const flaky: Environment = {
      ...environment,
      commits: {
        ...environment.commits,
        run: (change) =>
          broken ? Promise.reject(new StoreError()) : environment.commits.run(change),
      },
    };
    const store = openLmdbQueueStore(flaky, TEST_LIMITS, roomy);
    const session = { hospital: "h", sid: randomSid() };
    broken = true;
    expect(await store.enqueue({ ...session, body: bytes("x"), at: 1 })).toBe("full");
    await expect(store.settle("h", [{ kind: "close", sid: session.sid }], 1)).rejects.toThrow(
      StoreError,
    );
    expect(store.usage()).toEqual({ queued: 0, queuedBytes: 0 });
    broken = false;
    expect(await store.enqueue({ ...session, body: bytes("x"), at: 1 })).not.toBe("full");
    await store.close();
  });

  it("finds out by itself that writing works again, and writes nothing where it always did", async () => {
    const environment = openEnvironment(newFolder());
    const store = openLmdbQueueStore(environment, TEST_LIMITS, roomy);
    const failing = environment.commits.run(() => {
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow(StoreError);
    expect(store.works()).toBe(false);
    await store.probe();
    expect(store.works()).toBe(true);
    await store.close();
    await expect(store.probe()).resolves.toBeUndefined();
  });

  it("undoes all changes of a transaction in which one throws", async () => {
    const environment = openEnvironment(newFolder());
    const { commits, counters } = environment;
    const key = Buffer.from("k");
    const good = commits.run(() => void counters.put(key, Buffer.from("v")));
    const bad = commits.run(() => {
      throw new Error("no");
    });
    await expect(good).rejects.toThrow(StoreError);
    await expect(bad).rejects.toThrow(StoreError);
    expect([counters.get(key), commits.works()]).toEqual([undefined, false]);
    await commits.run(() => void counters.put(key, Buffer.from("v")));
    expect([counters.get(key)?.toString(), commits.works()]).toEqual(["v", true]);
    await environment.close();
  });
});

describe("the commit queue", () => {
  it("puts everything that comes while one transaction is under way into the next", async () => {
    const sizes: number[] = [];
    let release: () => void = () => undefined;
    const commits = createCommitQueue(async (work) => {
      work();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    const counted = (): number => (sizes[sizes.length - 1] = (sizes.at(-1) ?? 0) + 1);
    sizes.push(0);
    const first = commits.run(counted);
    await new Promise(setImmediate);
    sizes.push(0);
    const others = Promise.all([commits.run(counted), commits.run(counted), commits.run(counted)]);
    release();
    await first;
    await new Promise(setImmediate);
    release();
    await others;
    await commits.drained();
    expect(sizes).toEqual([1, 3]);
  });

  it("fulfils nothing before its transaction is durable", async () => {
    let durable = false;
    const commits = createCommitQueue(async (work) => {
      work();
      await new Promise(setImmediate);
      durable = true;
    });
    expect(await commits.run(() => "done").then((value) => [value, durable])).toEqual([
      "done",
      true,
    ]);
  });
});

describe("the directory of hospitals", () => {
  const registration = (id: string, name = id) => ({
    id,
    name,
    passKey: { kty: "EC", crv: "P-256", x: "A".repeat(43), y: "A".repeat(43) } as const,
    appOrigin: `https://${id}.example`,
  });

  it("notices at once what another one changes, and keeps the objects of hospitals that did not change", async () => {
    const folder = newFolder();
    const [mine, theirs] = [openEnvironment(folder), openEnvironment(folder)];
    const [directory, other] = [openHospitalDirectory(mine), openHospitalDirectory(theirs)];
    expect(directory.find("a")).toBeUndefined();
    await other.admit(registration("a"));
    const a = directory.find("a");
    expect([a, directory.isAppOrigin("https://a.example")]).toEqual([registration("a"), true]);
    await other.admit(registration("b"));
    expect([directory.find("a") === a, directory.list().map(({ id }) => id)]).toEqual([
      true,
      ["a", "b"],
    ]);
    await other.admit(registration("a", "new name"));
    expect([directory.find("a") === a, directory.find("a")?.name]).toEqual([false, "new name"]);
    expect([await other.expel("a"), await other.expel("a"), directory.find("a")]).toEqual([
      true,
      false,
      undefined,
    ]);
    expect(directory.isAppOrigin("https://a.example")).toBe(false);
    await mine.close();
    await theirs.close();
  });
});
