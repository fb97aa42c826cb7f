import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseRegistration } from "@siphms/relay";
import { silentLogger as log } from "@siphms/server-kit";
import { createTestDatabase, type TestDatabase } from "@siphms/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openInstalled } from "./foundation.ts";
import { init } from "./init.ts";
import { registration } from "./registration.ts";
import { loadHospitalSettings } from "./settings.ts";

let test: TestDatabase;
let data: string;
let lines: string[];

beforeEach(async () => {
  test = await createTestDatabase();
  data = await mkdtemp(path.join(tmpdir(), "installation-"));
  lines = [];
});

afterEach(async () => {
  await test.drop();
  await rm(data, { recursive: true });
});

const settings = (more: Record<string, string> = {}) =>
  loadHospitalSettings({
    DATABASE_URL: test.url,
    DATABASE_ADMIN_URL: test.adminUrl,
    SIPHMS_DATA: data,
    HOSPITAL_ID: "city-hospital",
    SIPHMS_HOSPITAL_NAME: "City Hospital",
    ...more,
  });
const output = { log, tell: (line: string) => lines.push(line) };
const kek = () => path.join(data, "secrets", "kek");

describe("init", () => {
  it("makes a hospital once, whose registration a gateway takes", async () => {
    expect(await init(settings(), output)).toBe(0);
    expect(await init(settings(), output)).toBe(0);
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      { hospital: "city-hospital", name: "City Hospital", created: true },
      { hospital: "city-hospital", name: "City Hospital", created: false },
    ]);
    await registration(settings(), output);
    expect(parseRegistration(lines[2] ?? "")).toMatchObject({
      id: "city-hospital",
      name: "City Hospital",
      appOrigin: "http://localhost:8091",
    });
    expect(lines[2]).not.toContain('"d"');
  });

  it("keeps the same keys when it runs again", async () => {
    await init(settings(), output);
    const first = await openInstalled(settings(), log);
    await first.database.close();
    await init(settings(), output);
    const second = await openInstalled(settings(), log);
    await second.database.close();
    expect(second.keys.identity.credential.bytes).toEqual(first.keys.identity.credential.bytes);
    expect(second.keys.pass.publicJwk).toEqual(first.keys.pass.publicJwk);
  });

  it.each([{ HOSPITAL_ID: "" }, { SIPHMS_HOSPITAL_NAME: "" }])(
    "needs id and name for a new hospital: %j",
    async (missing) => {
      await expect(init(settings(missing), output)).rejects.toMatchObject({
        code: "SETTING_INVALID",
      });
    },
  );

  it("does not change the id of a hospital that is there", async () => {
    await init(settings(), output);
    await expect(init(settings({ HOSPITAL_ID: "other" }), output)).rejects.toThrow(
      "cannot be changed",
    );
  });

  it("needs the owner's role to make the schema", async () => {
    await expect(init(settings({ DATABASE_ADMIN_URL: "" }), output)).rejects.toThrow(
      "DATABASE_ADMIN_URL",
    );
  });

  it("makes no new key where the key of a hospital is lost", async () => {
    await init(settings(), output);
    const saved = await readFile(kek());
    await rm(kek());
    await expect(init(settings(), output)).rejects.toThrow("KEK_MISSING");
    expect(existsSync(kek())).toBe(false);
    await writeFile(kek(), saved, { mode: 0o600 });
    expect(await init(settings(), output)).toBe(0);
  });
});

describe("a hospital", () => {
  it("does not start where nothing was made", async () => {
    await init(settings(), output);
    await test.drop();
    test = await createTestDatabase();
    await expect(openInstalled(settings(), log)).rejects.toThrow("holds no hospital yet");
  });

  it("does not start under another id", async () => {
    await init(settings(), output);
    await expect(openInstalled(settings({ HOSPITAL_ID: "other" }), log)).rejects.toThrow(
      "another hospital",
    );
  });

  it("does not start with another installation's key", async () => {
    await init(settings(), output);
    await writeFile(kek(), "ab".repeat(32));
    await expect(openInstalled(settings(), log)).rejects.toThrow("KEK_WRONG");
  });

  it("does not start when its id was changed with SQL", async () => {
    await init(settings(), output);
    const { database } = await openInstalled(settings(), log);
    await database.query("UPDATE settings SET value = 'evil' WHERE name = 'hospital-id'");
    await database.close();
    await expect(openInstalled(settings({ HOSPITAL_ID: "" }), log)).rejects.toThrow("ROW_ALTERED");
  });

  it("does not start when its private key was exchanged with SQL", async () => {
    await init(settings(), output);
    const { database } = await openInstalled(settings(), log);
    await database.query(
      `UPDATE hospital_keys k SET sealed = o.sealed FROM hospital_keys o WHERE o.id <> k.id`,
    );
    await database.close();
    await expect(openInstalled(settings(), log)).rejects.toThrow("ROW_ALTERED");
  });
});
