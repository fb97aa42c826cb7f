import { cp, mkdtemp, readdir, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createTestDatabase, type TestDatabase } from "@siphms/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrate, MIGRATIONS_FOLDER, openDatabase, requireMigrated } from "./index.ts";

let test: TestDatabase;
let folder: string;
let serviceRole: string;

beforeEach(async () => {
  test = await createTestDatabase();
  serviceRole = new URL(test.url).username;
  folder = await mkdtemp(path.join(tmpdir(), "migrations-"));
  await cp(MIGRATIONS_FOLDER, folder, { recursive: true });
});

afterEach(async () => {
  await test.drop();
  await rm(folder, { recursive: true });
});

/** A migration after the last one that there is. */
const nextFile = async (): Promise<string> => {
  const number = (await readdir(folder)).length + 1;
  return path.join(folder, `${String(number).padStart(4, "0")}-later.sql`);
};

const run = () => migrate({ adminUrl: test.adminUrl, serviceRole, folder });

describe("migrate", () => {
  it("brings an empty database up to date, and does nothing the second time", async () => {
    const first = await run();
    const second = await run();
    expect(first.applied.length).toBeGreaterThan(1);
    expect(second).toEqual({ applied: [], alreadyThere: first.applied.length });
    await requireMigrated(test.url, folder);
  });

  it("lets two programs that start at once apply each migration once", async () => {
    const reports = await Promise.all([run(), run()]);
    expect(reports.map(({ applied }) => applied.length).sort()).toContain(0);
  });

  it("refuses a migration that was edited after it was applied", async () => {
    await run();
    await writeFile(path.join(folder, "0001-installation-patients-devices-staff.sql"), "SELECT 1");
    await expect(run()).rejects.toMatchObject({ code: "MIGRATION_EDITED" });
    await expect(requireMigrated(test.url, folder)).rejects.toMatchObject({
      code: "MIGRATION_EDITED",
    });
  });

  it("refuses a gap in the numbers", async () => {
    await unlink(path.join(folder, "0001-installation-patients-devices-staff.sql"));
    await expect(run()).rejects.toMatchObject({ code: "MIGRATION_GAP" });
  });

  it("refuses a database of a later release", async () => {
    const later = await nextFile();
    await writeFile(later, "CREATE TABLE later (id integer)");
    await run();
    await unlink(later);
    await expect(run()).rejects.toMatchObject({ code: "MIGRATION_AHEAD" });
  });

  it("undoes a migration that fails half way, and all stays as it was", async () => {
    const faulty = "CREATE TABLE half (id integer); SELECT 1 / 0;";
    await writeFile(await nextFile(), faulty);
    await expect(run()).rejects.toMatchObject({ code: "MIGRATION_FAILED" });
    const database = await openDatabase({ url: test.url });
    const { rows } = await database.query("SELECT to_regclass('half') IS NULL AS gone");
    await database.close();
    expect(rows[0]?.boolean("gone")).toBe(true);
  });

  it("asks for the owner's role where migrations are missing", async () => {
    await expect(requireMigrated(test.url, folder)).rejects.toMatchObject({
      code: "MIGRATION_ADMIN_NEEDED",
    });
  });
});

describe("the service's role", () => {
  it.each([
    "UPDATE audit_events SET actor = 'nobody'",
    "DELETE FROM audit_events",
    "TRUNCATE audit_events",
    "UPDATE patient_plans SET set_by = 'nobody'",
    "DELETE FROM patient_plans",
    "TRUNCATE patient_plans",
    "DELETE FROM schema_migrations",
    "CREATE TABLE mine (id integer)",
    "ALTER TABLE staff DISABLE TRIGGER ALL",
  ])("may not %s (SR-64) [HS-312b, HS-312c1]", async (sql) => {
    await run();
    const database = await openDatabase({ url: test.url });
    await expect(database.query(sql)).rejects.toMatchObject({ code: "42501" });
    await database.close();
  });
});

describe("openDatabase", () => {
  it("says what to do when the database does not answer, without its address", async () => {
    const url = "postgres://user:secret@127.0.0.1:1/none";
    const failure: unknown = await openDatabase({ url }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "DATABASE_UNREACHABLE" });
    expect(String(failure)).not.toContain("secret");
  });

  it("rolls back when the work fails, and announces nothing", async () => {
    await run();
    const database = await openDatabase({ url: test.url });
    let announced = false;
    const work = database.withTransaction(async (tx) => {
      tx.afterCommit(() => {
        announced = true;
      });
      await tx.query("INSERT INTO seen_keys VALUES ($1, $2, 1)", [
        new Uint8Array(32),
        new Uint8Array(8),
      ]);
      throw new RangeError("stop");
    });
    await expect(work).rejects.toThrow("stop");
    const { rows } = await database.query("SELECT count(*) AS count FROM seen_keys");
    await database.close();
    expect(rows[0]?.number("count")).toBe(0);
    expect(announced).toBe(false);
  });
});
