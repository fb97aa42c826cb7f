import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestDatabase } from "@siphms/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { migrate, MIGRATIONS_FOLDER, requireMigrated } from "../database/index.ts";
import { openKeyring, storeWrappedKey, type Kek } from "../keys/index.ts";
import {
  askAsOwner,
  createBackupWorld,
  emptyDatabase,
  relationsIn,
  type BackupWorld,
} from "../testing/backup-world.ts";

/** The last migration before the ones that a later release brings, for this test. */
const EARLIER_RELEASE = 13;

let world: BackupWorld;
let target: TestDatabase;

beforeAll(async () => {
  world = await createBackupWorld();
});

beforeEach(async () => {
  target = await emptyDatabase();
});

afterEach(() => target.drop());

afterAll(() => world.close());

const newKek = (): Kek => ({ bytes: new Uint8Array(randomBytes(32)) });
const wrappedKeys = (): Promise<readonly unknown[]> =>
  askAsOwner(target, "SELECT encode(kek, 'hex') AS kek FROM keystore.installation_keys");

describe("a backup of another release", () => {
  it("of an earlier one is loaded into its own schema, which is then brought up to date [HS-308a7B]", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "siphms-migrations-"));
    const source = await emptyDatabase();
    try {
      await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
      const later = (await readdir(folder)).filter(
        (name) => Number(name.slice(0, 4)) > EARLIER_RELEASE,
      );
      for (const name of later) await rm(path.join(folder, name));
      // Its own role: what is granted to another one is about tables of this release.
      const { adminUrl } = source;
      await migrate({ adminUrl, serviceRole: new URL(adminUrl).username, folder });
      const marked = "\\x1122334455667788";
      await askAsOwner(source, `INSERT INTO seen_keys VALUES (sha256('one'), '${marked}', 1)`);
      // Its key-encryption key is its installation key: the two were not told apart yet, and no row wraps it.
      const keyring = openKeyring({ bytes: world.kek.bytes, adopted: true }, world.crypto);
      const made = await world.backUp({ databaseUrl: adminUrl, keyring });
      await world.restore(made.folder, target);
      await requireMigrated(target.url);
      expect(await askAsOwner(target, "SELECT encode(kid, 'hex') AS kid FROM seen_keys")).toEqual([
        { kid: "1122334455667788" },
      ]);
      expect(await wrappedKeys()).toHaveLength(1);
    } finally {
      await source.drop();
      await rm(folder, { recursive: true });
    }
  });

  it("of a later one is refused, and nothing is written", async () => {
    await world.tamper(
      "INSERT INTO schema_migrations (number, name, checksum) VALUES (999, '0999-later.sql', repeat('0', 64))",
    );
    const { folder } = await world.backUp();
    await world.tamper("DELETE FROM schema_migrations WHERE number = 999");
    await expect(world.restore(folder, target)).rejects.toMatchObject({ code: "BACKUP_TOO_NEW" });
    expect(await relationsIn(target)).toBe(0);
  });
});

describe("a backup of a database in which somebody has made something of their own", () => {
  afterEach(() => world.tamper('DROP TABLE IF EXISTS "Tmp Fix"'));

  it("is restored without it, and names it [HS-308a7A, HS-308a7B]", async () => {
    await world.tamper('CREATE TABLE "Tmp Fix" AS SELECT 1 AS one, 2 AS "two words"');
    await world.tamper('GRANT SELECT ON "Tmp Fix" TO PUBLIC');
    await world.tamper("ALTER TABLE patients ADD COLUMN nickname text DEFAULT 'none'");
    try {
      const { folder } = await world.backUp();
      const restored = await world.restore(folder, target);
      expect(restored.leftOut.toSorted()).toEqual(["public.Tmp Fix", "public.patients.nickname"]);
      const [one] = await askAsOwner(target, "SELECT count(*)::int AS count FROM patients");
      expect(one).toEqual({ count: 1 });
      await requireMigrated(target.url);
    } finally {
      await world.tamper("ALTER TABLE patients DROP COLUMN nickname");
    }
  });

  it("is not made where the hospital may not read it, in words that name it [HS-308a7A]", async () => {
    await world.tamper('CREATE TABLE "Tmp Fix" AS SELECT 1 AS one');
    await expect(world.backUp()).rejects.toThrow("may not read the table public.Tmp Fix");
  });
});

describe("a backup from before the key-encryption key was changed", () => {
  it("opens with the key of its time, and with the new one where a newer backup's keys are taken (SR-35) [HS-308a7B]", async () => {
    const before = await world.backUp();
    const kek = newKek();
    await world.clock.advance(1);
    await storeWrappedKey(world.database, world.keyring.wrapUnder(kek), world.clock.now());
    const after = await world.backUp();
    await expect(world.restore(before.folder, target, { kek })).rejects.toMatchObject({
      code: "BACKUP_KEK_WRONG",
    });
    expect(await relationsIn(target)).toBe(0);
    // The other way round would bring back whoever was erased.
    await expect(
      world.restore(after.folder, target, { kek, keysFrom: before.folder }),
    ).rejects.toMatchObject({ code: "BACKUP_OTHER_HOSPITAL" });
    await world.restore(before.folder, target, { kek, keysFrom: after.folder });
    expect(await wrappedKeys()).toHaveLength(2);
  });

  it("opens with a recovery file, which leaves no row of its own (SR-35) [HS-308a7B]", async () => {
    const { folder } = await world.backUp();
    const paper = newKek();
    const { wrapped } = world.keyring.wrapUnder(paper);
    await world.restore(folder, target, { kek: { ...paper, carried: wrapped } });
    const fingerprint = Buffer.from(world.keyring.fingerprintOf(paper)).toString("hex");
    expect(await wrappedKeys()).not.toContainEqual({ kek: fingerprint });
  });
});
