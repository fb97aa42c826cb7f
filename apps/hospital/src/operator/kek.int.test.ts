import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createNodeCrypto } from "@siphms/node-crypto";
import { silentLogger as log } from "@siphms/server-kit";
import { createTestDatabase, FakeClock, type TestDatabase } from "@siphms/testkit";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  kekOptionsOf,
  openFoundation,
  openInstalled,
  type InstalledFoundation,
} from "../foundation.ts";
import { init } from "../init.ts";
import { createInstallation } from "../installation.ts";
import { openKeyring, readWrappedKeys } from "../keys/index.ts";
import { loadHospitalSettings } from "../settings.ts";
import { surroundingsOf } from "../surroundings.ts";
import { createKekDesk, type KekDesk } from "./index.ts";

const PASSPHRASE = "correct horse battery";
const PATIENT = randomUUID();
const crypto = createNodeCrypto();

let test: TestDatabase;
let data: string;
let running: InstalledFoundation;
let desk: KekDesk;
let kid: Uint8Array;

const at = (name: string): string => path.join(data, "secrets", name);
const settings = (more: Record<string, string> = {}) =>
  loadHospitalSettings({
    DATABASE_URL: test.url,
    DATABASE_ADMIN_URL: test.adminUrl,
    SIPHMS_DATA: data,
    HOSPITAL_ID: "city-hospital",
    SIPHMS_HOSPITAL_NAME: "City Hospital",
    SIPHMS_HOSPITAL_BACKUP_FOLDER: path.join(data, "backups"),
    ...more,
  });

/** The desk of a hospital that was started with these settings. */
const deskOf = ({ database, keyring }: InstalledFoundation, more: Record<string, string> = {}) => {
  const chosen = settings(more);
  return createKekDesk({
    ...{ database, keyring, clock: new FakeClock(), hospitalId: "city-hospital" },
    source: surroundingsOf(chosen).kek,
    options: kekOptionsOf(chosen),
  });
};

/** Starts the hospital and sees that it reads what was written before. */
const starts = async (more: Record<string, string> = {}): Promise<void> => {
  const started = await openInstalled(settings(more), log);
  try {
    expect(started.keys.identity.credential.kid).toEqual(kid);
    await started.keyring.patientCipher(started.database, PATIENT);
  } finally {
    await started.database.close();
  }
};
const doesNotStart = (more: Record<string, string> = {}) =>
  expect(starts(more)).rejects.toThrow(/KEK_(WRONG|MISSING)/);

const asOwner = async (sql: string) => {
  const client = new pg.Client({ connectionString: test.adminUrl });
  await client.connect();
  try {
    return await client.query<Record<string, unknown>>(sql);
  } finally {
    await client.end();
  }
};
const events = async (event: string) =>
  (await asOwner(`SELECT object FROM audit_events WHERE event = '${event}' ORDER BY id`)).rows;
const current = async () => (await desk.status()).current;

beforeAll(async () => {
  test = await createTestDatabase();
  data = await mkdtemp(path.join(tmpdir(), "kek-desk-"));
  await init(settings(), { log, tell: () => undefined });
  running = await openInstalled(settings(), log);
  kid = running.keys.identity.credential.kid;
  const { database, keyring } = running;
  await database.withTransaction((tx) => keyring.createPatientKey(tx, PATIENT, 0));
  await writeFile(at("passphrase"), `${PASSPHRASE}\n`, { mode: 0o600 });
  await writeFile(at("other-passphrase"), `${PASSPHRASE} staple\n`, { mode: 0o600 });
});
beforeEach(() => {
  desk = deskOf(running);
});
afterAll(async () => {
  await running.database.close();
  await test.drop();
  await rm(data, { recursive: true });
});

describe("rotating the key-encryption key in its place [HS-312a2iv] (SR-35)", () => {
  it("puts another key there while the hospital runs, and the old one opens nothing any more", async () => {
    await copyFile(at("kek"), at("stolen"));
    const before = await current();
    const rotated = await desk.rotate({}, "operator");
    expect(rotated).toEqual({
      fingerprint: await current(),
      settings: {},
      dropped: [before],
      retired: `${at("kek")}.retired-${before ?? ""}`,
    });
    expect(rotated.fingerprint).not.toBe(before);
    await starts();
    await doesNotStart({ SIPHMS_HOSPITAL_KEK: `file:${at("stolen")}` });
    await running.keyring.patientCipher(running.database, PATIENT);
  });

  it("keeps the old key beside it, for backups of before, and nothing else", async () => {
    const names = await readdir(path.join(data, "secrets"));
    const retired = names.filter((name) => name.startsWith("kek.retired-"));
    expect(retired).toHaveLength(1);
    expect(await readFile(at(retired[0] ?? ""))).toEqual(await readFile(at("stolen")));
    expect(names.filter((name) => /next|part/.test(name))).toEqual([]);
  });

  it("changes no patient's wrapped key and seals nothing anew", async () => {
    const sql =
      "SELECT array_agg(wrapped ORDER BY patient_id) AS all FROM keystore.patient_keys UNION ALL SELECT array_agg(sealed ORDER BY id) FROM hospital_keys";
    const before = (await asOwner(sql)).rows;
    await desk.rotate({}, "operator");
    expect((await asOwner(sql)).rows).toEqual(before);
  });

  it("stands in the audit log: which key came, which went [HS-312b]", async () => {
    const before = await current();
    const { fingerprint } = await desk.rotate({}, "operator");
    expect((await events("hospital.kek-added")).at(-1)).toEqual({ object: `kek:${fingerprint}` });
    expect((await events("hospital.kek-retired")).at(-1)).toEqual({
      object: `kek:${before ?? ""}`,
    });
  });

  it("asked for twice at once makes two rotations, one after the other", async () => {
    const [one, two] = await Promise.all([
      desk.rotate({}, "operator"),
      desk.rotate({}, "operator"),
    ]);
    expect(two.dropped).toEqual([one.fingerprint]);
    expect(await current()).toBe(two.fingerprint);
    await starts();
  });

  it("asked for at once in two processes of one database leaves one key, which opens", async () => {
    const other = await openInstalled(settings(), log);
    const desks = [desk, deskOf(other), desk, deskOf(other)];
    const rotated = await Promise.all(desks.map((one) => one.rotate({}, "operator")));
    await other.database.close();
    expect(new Set(rotated.map(({ fingerprint }) => fingerprint)).size).toBe(desks.length);
    expect(rotated.flatMap(({ dropped }) => dropped)).toHaveLength(desks.length);
    const { keys, current: inUse } = await desk.status();
    expect(keys.map(({ fingerprint }) => fingerprint)).toEqual([inUse]);
    await starts();
  });

  it("is refused, and changes nothing, where the key in its place opens nothing", async () => {
    const good = await readFile(at("kek"));
    await writeFile(at("kek"), "ab".repeat(32));
    await expect(desk.rotate({}, "operator")).rejects.toMatchObject({ code: "KEK_WRONG" });
    await expect(desk.finish("operator")).rejects.toMatchObject({ code: "KEK_WRONG" });
    expect(await desk.status()).toMatchObject({ opens: false });
    await writeFile(at("kek"), good);
    await starts();
    expect((await desk.status()).keys).toHaveLength(1);
  });
});

describe("rotating the key-encryption key to another place", () => {
  it("goes from a file to a command in three steps, after each of which the hospital starts", async () => {
    const command = path.join(data, "secrets", "unwrap");
    const key = "0f".repeat(32);
    await writeFile(command, `#!/bin/sh\necho ${key}\n`, { mode: 0o700 });
    const next = { SIPHMS_HOSPITAL_KEK: `command:${command}` };
    await doesNotStart(next);
    const rotated = await desk.rotate({ to: `command:${command}` }, "operator");
    expect(rotated).toMatchObject({ settings: next, dropped: [] });
    await starts();
    await starts(next);
    // The second step is not taken: the key that the settings name is still the old one, and that is what is kept.
    const after = deskOf(running, next);
    expect((await after.status()).keys).toHaveLength(2);
    expect(await after.finish("operator")).toMatchObject({ fingerprint: rotated.fingerprint });
    await starts(next);
    await doesNotStart();
    // And back to the file.
    await rm(at("kek"));
    await after.rotate({ to: `file:${at("kek")}` }, "operator");
    await starts(next);
    await starts();
    expect((await desk.finish("operator")).dropped).toEqual([rotated.fingerprint]);
    await doesNotStart(next);
  });

  it("takes a passphrase of its own", async () => {
    const next = {
      SIPHMS_HOSPITAL_KEK: `passphrase:${at("parameters")}`,
      SIPHMS_HOSPITAL_KEK_PASSPHRASE_FILE: at("passphrase"),
    };
    const rotated = await desk.rotate(
      { to: `passphrase:${at("parameters")}`, passphraseFile: at("passphrase") },
      "operator",
    );
    expect(rotated.settings).toEqual(next);
    await starts(next);
    const wrong = { ...next, SIPHMS_HOSPITAL_KEK_PASSPHRASE_FILE: at("other-passphrase") };
    await doesNotStart(wrong);
    // In its place the parameters are others, and the passphrase stays.
    const parameters = await readFile(at("parameters"), "utf8");
    const { fingerprint } = await deskOf(running, next).rotate({}, "operator");
    expect(fingerprint).not.toBe(rotated.fingerprint);
    expect(await readFile(at("parameters"), "utf8")).not.toBe(parameters);
    await starts(next);
    await expect(desk.rotate({}, "operator")).rejects.toMatchObject({ code: "KEK_WRONG" });
    await deskOf(running, next).rotate({ to: `file:${at("kek")}` }, "operator");
    await desk.finish("operator");
    await starts();
  });

  it("does nothing more when it is asked for again", async () => {
    const once = await desk.rotate({ to: `file:${at("other")}` }, "operator");
    expect(await desk.rotate({ to: `file:${at("other")}` }, "operator")).toEqual(once);
    expect((await desk.status()).keys).toHaveLength(2);
    expect((await desk.finish("operator")).dropped).toEqual([once.fingerprint]);
  });

  it.each([
    ["a relative path", "file:kek", "KEK_MALFORMED"],
    ["a relative program", "command:unwrap", "KEK_MALFORMED"],
    ["a recovery file", "recovery:/mnt/file", "KEK_MALFORMED"],
    ["nothing that is known", "vault:abc", "KEK_MALFORMED"],
    ["a program that gives no key", "command:/bin/false", "KEK_COMMAND_FAILED"],
    ["a program that gives another thing", "command:/bin/echo no", "KEK_MALFORMED"],
  ])("refuses %s and changes nothing", async (_what, to, code) => {
    await expect(desk.rotate({ to }, "operator")).rejects.toMatchObject({ code });
    expect((await desk.status()).keys).toHaveLength(1);
  });

  it("refuses a place in the backup's folder", async () => {
    const to = `file:${path.join(data, "backups", "kek")}`;
    await expect(desk.rotate({ to }, "operator")).rejects.toMatchObject({ code: "KEK_WITH_DATA" });
    expect(existsSync(path.join(data, "backups", "kek"))).toBe(false);
  });

  it("has no place of its own for a command's key", async () => {
    const started = deskOf(running, { SIPHMS_HOSPITAL_KEK: "command:/bin/false" });
    await expect(started.rotate({}, "operator")).rejects.toThrow("--to");
    expect(await started.status()).toMatchObject({ opens: false, source: "command" });
  });
});

describe("a recovery file [HS-308a7B]", () => {
  it("starts the hospital after every key-encryption key is lost, and a new one takes its place", async () => {
    const { file } = await desk.exportRecovery(PASSPHRASE, "operator");
    await writeFile(at("recovery"), file, { mode: 0o600 });
    expect(await events("hospital.recovery-exported")).toHaveLength(1);
    // What comes after it does not make it stale.
    await desk.rotate({}, "operator");
    await rm(at("kek"));
    await doesNotStart();
    const recovering = {
      SIPHMS_HOSPITAL_KEK: `recovery:${at("recovery")}`,
      SIPHMS_HOSPITAL_KEK_PASSPHRASE_FILE: at("passphrase"),
    };
    await starts(recovering);
    const wrong = { ...recovering, SIPHMS_HOSPITAL_KEK_PASSPHRASE_FILE: at("other-passphrase") };
    await doesNotStart(wrong);
    const recovered = deskOf(running, recovering);
    expect(await recovered.status()).toMatchObject({ source: "recovery", opens: true });
    await expect(recovered.rotate({}, "operator")).rejects.toThrow("recovery file");
    await expect(recovered.finish("operator")).rejects.toMatchObject({ code: "KEK_WRONG" });
    const { fingerprint } = await recovered.rotate({ to: `file:${at("kek")}` }, "operator");
    await starts();
    expect((await desk.finish("operator")).fingerprint).toBe(fingerprint);
    await starts();
  });

  it("of another installation opens nothing here", async () => {
    const other = openKeyring({ bytes: crypto.randomBytes(32), adopted: false }, crypto);
    const foreign = deskOf({ ...running, keyring: other });
    const { file } = await foreign.exportRecovery(PASSPHRASE, "operator");
    await writeFile(at("foreign"), file, { mode: 0o600 });
    await doesNotStart({
      SIPHMS_HOSPITAL_KEK: `recovery:${at("foreign")}`,
      SIPHMS_HOSPITAL_KEK_PASSPHRASE_FILE: at("passphrase"),
    });
  });

  it("is not started from where others can read it (SR-36)", async () => {
    await chmod(at("recovery"), 0o644);
    const open = {
      SIPHMS_HOSPITAL_KEK: `recovery:${at("recovery")}`,
      SIPHMS_HOSPITAL_KEK_PASSPHRASE_FILE: at("passphrase"),
    };
    await expect(starts(open)).rejects.toThrow("KEK_FILE_MODE");
  });
});

describe("an installation from before the two keys were told apart", () => {
  const kek = { bytes: new Uint8Array(Buffer.from("0f".repeat(32), "hex")) };
  const keyring = openKeyring({ bytes: kek.bytes, adopted: true }, crypto);
  let old: TestDatabase;
  const place = (): Record<string, string> => ({
    DATABASE_URL: old.url,
    DATABASE_ADMIN_URL: old.adminUrl,
    SIPHMS_HOSPITAL_KEK: `file:${at("old")}`,
  });
  const start = () => openInstalled(settings(place()), log);

  beforeAll(async () => {
    old = await createTestDatabase();
    await writeFile(at("old"), "0f".repeat(32), { mode: 0o600 });
    const { database } = await openFoundation(settings(place()), log);
    const wanted = { hospitalId: "city-hospital", hospitalName: "City Hospital" };
    await createInstallation(wanted, { database, keyring, kek, crypto, now: 0 });
    // Everything stands on the key-encryption key itself, and there is no row.
    await database.query("DELETE FROM keystore.installation_keys");
    await database.close();
  });
  afterAll(() => old.drop());

  it("has the fingerprints, indexes and MACs that it had", () => {
    // Made by the release before.
    expect(Buffer.from(keyring.fingerprint).toString("hex")).toBe("e8eb37206f6899d0");
    expect(Buffer.from(keyring.blindIndex("mrn", "A-1")).toString("hex")).toBe(
      "f9dc59809ea42a79554275071750cd6311329aa7b4c765b5f29d22861eafabb2",
    );
    const mac = keyring.rowMac({ table: "staff", id: "1", version: 1, columns: { role: "nurse" } });
    expect(Buffer.from(mac).toString("hex")).toBe(
      "bc7b552ddfab269fdef8d8051f5202eb8f78cb4144ffe1453ca69394e76e22c8",
    );
    const cell = { table: "hospital_keys", column: "sealed", row: "0a0b" };
    const text =
      "01d6b4ef3f30ef0ea0147ccd7216caab2a3d073492d872e0a7ac74faef193f75262f4421903f960bb44a027279";
    const sealed = new Uint8Array(Buffer.from(text, "hex"));
    expect(Buffer.from(keyring.openCell(cell, sealed)).toString()).toBe("a private scalar");
  });

  it("is adopted once, at its first start", async () => {
    const first = await start();
    expect(await readWrappedKeys(first.database)).toHaveLength(1);
    await first.database.close();
    const second = await start();
    const { rows } = await second.database.query(
      "SELECT object FROM audit_events WHERE event = 'hospital.key-adopted'",
    );
    expect(rows).toHaveLength(1);
    expect(await deskOf(second, place()).status()).toMatchObject({ adopted: true, opens: true });
    await second.database.close();
  });

  it("starts with a rotated key from then on, and no more with the old one", async () => {
    const before = await start();
    await copyFile(at("old"), at("old-copy"));
    await deskOf(before, place()).rotate({}, "operator");
    await before.database.close();
    const after = await start();
    expect(after.keyring.fingerprint).toEqual(keyring.fingerprint);
    expect(await deskOf(after, place()).status()).toMatchObject({ adopted: true, opens: true });
    await after.database.close();
    const stale = { ...place(), SIPHMS_HOSPITAL_KEK: `file:${at("old-copy")}` };
    await expect(openInstalled(settings(stale), log)).rejects.toThrow("KEK_WRONG");
  });

  it("does not become one of before by losing its rows", async () => {
    const { database } = await start();
    await database.query("DELETE FROM keystore.installation_keys");
    await database.close();
    await expect(start()).rejects.toThrow("KEK_WRONG");
  });
});
