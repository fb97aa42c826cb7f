import { cp, mkdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createInstallationKey, openKeyring } from "../keys/index.ts";
import { createBackupWorld, type BackupWorld } from "../testing/backup-world.ts";
import { HOSPITAL, log } from "../testing/hospital-world.ts";
import {
  createBackupJob,
  findBackups,
  newestBackup,
  newestToTry,
  type BackupNotes,
  type MadeBackup,
} from "./index.ts";

const HOUR_MS = 3_600_000;

let world: BackupWorld;
let backups: string;
/** Made an hour after the other, and broken by most tests. */
let newest: MadeBackup;
let older: MadeBackup;
let count = 0;

beforeAll(async () => {
  world = await createBackupWorld();
});

beforeEach(async () => {
  backups = path.join(world.backups, `found-${String(count++)}`);
  older = await world.backUp({ backups });
  await world.clock.advance(HOUR_MS);
  newest = await world.backUp({ backups });
});

afterAll(() => world.close());

const owner = () => ({ hospital: HOSPITAL.hospitalId, keyring: world.keyring });
const ownerNow = () => ({ ...owner(), now: world.clock.now() });
const at = (name: string): string => path.join(newest.folder, name);
const change = async (name: string, edit: (text: string) => string): Promise<void> => {
  await writeFile(at(name), edit(await readFile(at(name), "latin1")), "latin1");
};
/** The folder of another backup under this one's name, as somebody would put it there who wants it to count. */
const exchange = (name: string): Promise<void> =>
  cp(path.join(older.folder, name), at(name), { force: true });
const otherTime = (text: string): string => text.replace(/"madeAt":\d+/, '"madeAt":1790000000999');

const BREAKS: readonly (readonly [string, string, () => Promise<unknown>])[] = [
  ["without its keys", "keys-missing", () => rm(at("keys"))],
  ["without its records", "records-missing", () => rm(at("records"))],
  ["without its mark", "mark-missing", () => rm(at("whole"))],
  [
    "cut off behind its first line",
    "cut-off",
    async () =>
      truncate(at("records"), (await readFile(at("records"), "latin1")).indexOf("\n") + 1),
  ],
  ["a byte short", "cut-off", () => change("keys", (text) => text.slice(0, -1))],
  ["with a byte more", "cut-off", () => change("records", (text) => `${text}x`)],
  ["with another backup's keys", "altered", () => exchange("keys")],
  ["with another backup's records", "altered", () => exchange("records")],
  ["with another time in its first line", "altered", () => change("records", otherTime)],
  ["with no first line", "altered", () => change("keys", (text) => text.replaceAll("\n", " "))],
  [
    "with a folder in a file's place",
    "altered",
    async () => (await rm(at("keys")), mkdir(at("keys"))),
  ],
  ["with another backup's mark", "renamed", () => exchange("whole")],
  ["with another time in its mark", "mark-altered", () => change("whole", otherTime)],
  [
    "with another length in its mark",
    "mark-altered",
    () => change("whole", (text) => text.replace(/"keysBytes":\d/, '"keysBytes":9')),
  ],
  ["with an empty mark", "mark-altered", () => truncate(at("whole"), 0)],
];

describe("a folder that is no whole backup [HS-308a7A]", () => {
  it.each(BREAKS)(
    "%s is not the newest, and is said to be broken: %s",
    async (_how, fault, spoil) => {
      await spoil();
      const found = await findBackups(backups, owner());
      expect(found.broken).toMatchObject([{ folder: newest.folder, id: newest.id, fault }]);
      expect(found.whole).toMatchObject([
        { folder: older.folder, id: older.id, bytes: older.bytes },
      ]);
      expect(await newestBackup(backups, ownerNow())).toMatchObject({ id: older.id });
    },
  );

  it("is the one that a drill tries, for whoever needs one would take it [HS-308a7D]", async () => {
    expect(await newestToTry(backups, ownerNow())).toMatchObject({ folder: newest.folder });
    await rm(at("keys"));
    expect(await newestToTry(backups, ownerNow())).toMatchObject({ folder: newest.folder });
  });

  it("that another name makes the newest does not count", async () => {
    const later = path.join(backups, `siphms-20991231T000000Z-${older.id}`);
    await rename(older.folder, later);
    const { whole, broken } = await findBackups(backups, owner());
    expect(broken).toMatchObject([{ folder: later, fault: "renamed" }]);
    expect(whole).toMatchObject([{ id: newest.id }]);
  });

  it("of another installation that says it is this hospital does not count", async () => {
    const keyring = openKeyring(createInstallationKey(world.crypto), world.crypto);
    const { whole, broken } = await findBackups(backups, { ...owner(), keyring });
    expect(whole).toEqual([]);
    expect(broken.map(({ fault }) => fault)).toEqual(["mark-altered", "mark-altered"]);
  });

  it("of another hospital is none of ours, however broken", async () => {
    await rm(at("keys"));
    const other = await findBackups(backups, { ...owner(), hospital: "another-hospital" });
    expect(other).toEqual({ whole: [], broken: [] });
  });
});

describe("backups by the clock beside broken ones [HS-308a7A]", () => {
  const removed: string[] = [];
  const nothing = () => Promise.resolve();
  const notes: BackupNotes = {
    ...{ begun: nothing, made: nothing, refused: nothing },
    removing: (old) => Promise.resolve(void removed.push(...old.map(({ id }) => id))),
  };
  const job = () =>
    createBackupJob({
      ...{ clock: world.clock, log, backups, kept: 2, everyMs: 2 * HOUR_MS, notes },
      ...{ hospitalId: HOSPITAL.hospitalId, keyring: world.keyring },
      make: (begun) => world.backUp({ backups, begun }),
      onFailed: (error) => Promise.reject(error instanceof Error ? error : new Error("no")),
    });

  it.each(BREAKS)(
    "%s (%s): the next one is made when the newest whole one is old",
    async (...[, , spoil]) => {
      await spoil();
      await world.clock.advance(HOUR_MS);
      expect(await job().run()).toBe(true);
      expect(await job().run()).toBe(false);
    },
  );

  it("are made where there is nothing but broken ones", async () => {
    for (const { folder } of [older, newest]) await rm(path.join(folder, "keys"));
    expect(await job().run()).toBe(true);
  });

  it("keep as many whole ones as they should, and let what is broken go once it is older than those [HN-bkp]", async () => {
    await rm(at("keys"));
    removed.length = 0;
    const made: (string | undefined)[] = [];
    for (let turn = 0; turn < 2; turn++) {
      await world.clock.advance(2 * HOUR_MS);
      expect(await job().run()).toBe(true);
      made.push((await newestBackup(backups, ownerNow()))?.id);
      const { whole } = await findBackups(backups, owner());
      expect(whole).toHaveLength(2);
    }
    const { whole, broken } = await findBackups(backups, owner());
    expect(whole.map(({ id }) => id)).toEqual(made.toReversed());
    expect(broken).toEqual([]);
    expect(removed.sort()).toEqual([older.id, newest.id].sort());
  });
});
