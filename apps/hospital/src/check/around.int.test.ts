import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { CheckReport } from "@siphms/api";
import { silentLogger as log } from "@siphms/server-kit";
import { createTestDatabase, type TestDatabase } from "@siphms/testkit";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { appendAudit } from "../audit/index.ts";
import { makeBackup } from "../backup/index.ts";
import { kekOptionsOf, openInstalled, type InstalledFoundation } from "../foundation.ts";
import { runUpkeep } from "../ingest/index.ts";
import { init } from "../init.ts";
import { createKekDesk } from "../operator/index.ts";
import { loadHospitalSettings } from "../settings.ts";
import { surroundingsOf } from "../surroundings.ts";
import { runCheck } from "./index.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const OPENSSL = "openssl";
const hasOpenssl = spawnSync(OPENSSL, ["version"]).status === 0;

let test: TestDatabase;
let data: string;
let installed: InstalledFoundation;
/** How far the hospital's clock is beside the database's. */
let shiftMs: number;

const at = (...names: string[]): string => path.join(data, ...names);
const settings = (more: Record<string, string> = {}) =>
  loadHospitalSettings({
    DATABASE_URL: test.url,
    DATABASE_ADMIN_URL: test.adminUrl,
    SIPHMS_DATA: data,
    HOSPITAL_ID: "city-hospital",
    SIPHMS_HOSPITAL_NAME: "City Hospital",
    SIPHMS_HOSPITAL_BACKUP_FOLDER: at("backups"),
    ...more,
  });
const clock = { now: () => Date.now() + shiftMs };

const check = (more: Record<string, string> = {}): Promise<CheckReport> => {
  const chosen = settings(more);
  const surroundings = surroundingsOf(chosen);
  const { database, keyring } = installed;
  const hospitalId = "city-hospital";
  const desk = createKekDesk({
    ...{ database, keyring, clock, hospitalId },
    ...{ source: surroundings.kek, options: kekOptionsOf(chosen) },
  });
  return runCheck({
    ...{ database, keyring, clock, kek: surroundings.kek, dataFolder: data },
    around: { settings: chosen, surroundings, hospitalId, kekStatus: () => desk.status() },
  });
};
const found = async (more: Record<string, string> = {}) =>
  (await check(more)).findings.map(({ check: kind, subject }) => `${kind}: ${subject}`);
const noted = async (more: Record<string, string> = {}) =>
  ((await check(more)).notes ?? []).map(({ check: kind, subject }) => `${kind}: ${subject}`);

const asOwner = async (sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: test.adminUrl });
  await client.connect();
  await client.query(sql).finally(() => client.end());
};

beforeAll(async () => {
  test = await createTestDatabase();
  data = await mkdtemp(path.join(tmpdir(), "around-"));
  shiftMs = 0;
  await init(settings(), { log, tell: () => undefined });
  installed = await openInstalled(settings(), log);
  const { database, keyring, crypto } = installed;
  await runUpkeep({ database, clock, log, eraseSessions: () => Promise.resolve(0) });
  const begun = () => Promise.resolve();
  const made = { database, keyring, crypto, clock, hospitalId: "city-hospital", begun };
  await makeBackup({ ...installed, ...made, databaseUrl: test.url, backups: at("backups") });
});
beforeEach(() => {
  shiftMs = 0;
});
afterEach(async () => {
  for (const name of await readdir(at("secrets"))) await chmod(at("secrets", name), 0o600);
});
afterAll(async () => {
  await installed.database.close();
  await test.drop();
  await rm(data, { recursive: true });
});

describe("siphms check, of how the hospital is run", () => {
  it("finds nothing where all is as it should be, and has looked at it [HS-308a1D]", async () => {
    const report = await check();
    expect(report.findings).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.swept).toMatchObject({
      ...{ tls: 2, backups: 1, clock: 2, files: 2, retention: expect.any(Number) as number },
      "key-encryption-key": 1,
      "unsafe-settings": expect.any(Number) as number,
    });
  });

  it("names a key that the next start will not find", async () => {
    const lost = { SIPHMS_HOSPITAL_KEK: `file:${at("secrets", "lost")}` };
    expect(await found(lost)).toEqual(["key-encryption-key: file"]);
    const wrong = { SIPHMS_HOSPITAL_KEK: `command:/bin/echo ${"0f".repeat(32)}` };
    expect(await found(wrong)).toEqual(["key-encryption-key: command"]);
  });

  it("names a key-encryption key's row that was altered (SR-35)", async () => {
    const flip = "set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)";
    await asOwner(`UPDATE keystore.installation_keys SET wrapped = ${flip}`);
    expect(await found()).toEqual(["key-encryption-key: file"]);
    await asOwner(`UPDATE keystore.installation_keys SET wrapped = ${flip}`);
    expect(await found()).toEqual([]);
  });

  it("names a key-encryption key that was to open nothing any more (SR-35)", async () => {
    const { database, keyring, crypto } = installed;
    const { kek, wrapped } = keyring.wrapUnder({ bytes: crypto.randomBytes(32) });
    await database.query(
      "INSERT INTO keystore.installation_keys (kek, wrapped, created_at) VALUES ($1, $2, $3)",
      [kek, wrapped, clock.now() - 2 * DAY],
    );
    const left = `key-encryption-key: ${Buffer.from(kek).toString("hex")}`;
    // The one in use was made today, so the rotation may still be under way.
    expect(await found()).not.toContain(left);
    await database.query("UPDATE keystore.installation_keys SET created_at = created_at - $1", [
      2 * DAY,
    ]);
    expect(await found()).toContain(left);
    await database.query("DELETE FROM keystore.installation_keys WHERE kek = $1", [kek]);
    expect(await found()).toEqual([]);
  });

  it("names every file of secrets that others can read (SR-36)", async () => {
    await writeFile(at("secrets", "kek.retired-0a"), "", { mode: 0o600 });
    await chmod(at("secrets", "kek"), 0o640);
    await chmod(at("secrets", "kek.retired-0a"), 0o604);
    expect((await found()).filter((one) => one.startsWith("files"))).toEqual([
      `files: ${at("secrets", "kek")}`,
      `files: ${at("secrets", "kek.retired-0a")}`,
    ]);
  });

  it("names a file of a password or a secret that others can read, and a folder of looks that they can enter (SR-36)", async () => {
    const [password, secret] = [at("smtp-password"), at("webhook-secret")];
    for (const file of [password, secret]) await writeFile(file, "x", { mode: 0o600 });
    await mkdir(at("emergency"), { mode: 0o700 });
    const named = {
      SIPHMS_HOSPITAL_SMTP_PASSWORD_FILE: password,
      SIPHMS_HOSPITAL_WEBHOOK_SECRET_FILE: secret,
    };
    const ofFiles = async () => (await found(named)).filter((one) => one.startsWith("files"));
    expect(await ofFiles()).toEqual([]);
    for (const file of [password, secret]) await chmod(file, 0o640);
    await chmod(at("emergency"), 0o750);
    expect(await ofFiles()).toEqual(
      [password, secret, at("emergency")].map((it) => `files: ${it}`),
    );
    await rm(at("emergency"), { recursive: true });
  });

  it("names a setting that says of itself that it is unsafe, while it is set [HS-312e1]", async () => {
    const names = [
      "SIPHMS_HOSPITAL_UNSAFE_KEK_WITH_DATA",
      "SIPHMS_HOSPITAL_UNSAFE_DATABASE_WITHOUT_TLS",
    ];
    for (const name of names)
      expect(await found({ [name]: "yes" })).toEqual([`unsafe-settings: ${name}`]);
  });

  it("names a newest backup that is too old, one that is missing, and one that others can read [HS-308a7A]", async () => {
    const [newest = ""] = await readdir(at("backups"));
    shiftMs = 25 * HOUR;
    expect(await found()).not.toContainEqual(expect.stringContaining("backups"));
    shiftMs = 27 * HOUR;
    expect(await found()).toContain(`backups: ${at("backups", newest)}`);
    shiftMs = 0;
    await chmod(at("backups"), 0o755);
    expect(await found()).toEqual([`backups: ${at("backups")}`]);
    await chmod(at("backups"), 0o700);
    await mkdir(at("none"));
    const none = { SIPHMS_HOSPITAL_BACKUP_FOLDER: at("none") };
    expect(await found(none)).toEqual([`backups: ${at("none")}`]);
    expect(await noted({ SIPHMS_HOSPITAL_BACKUP_FOLDER: "" })).toContain(
      "backups: SIPHMS_HOSPITAL_BACKUP_FOLDER",
    );
  });

  it("notes that no restore was tried for three months, and names one that failed [HS-308a7D]", async () => {
    expect(await noted()).toContain("backups: drill");
    const { database } = installed;
    const entry = { event: "backup.drilled", actor: "operator", action: "execute" } as const;
    await database.withTransaction((tx) =>
      appendAudit(tx, [{ ...entry, at: clock.now(), outcome: "done" }]),
    );
    expect(await noted()).not.toContain("backups: drill");
    shiftMs = 91 * DAY;
    expect(await noted()).toContain("backups: drill");
    shiftMs = 0;
    const note = (outcome: "done" | "refused") =>
      database.withTransaction((tx) => appendAudit(tx, [{ ...entry, at: clock.now(), outcome }]));
    await note("refused");
    expect(await found()).toEqual(["backups: drill"]);
    await note("done");
    expect(await found()).toEqual([]);
  });

  it("names a clock that is not the database's, and one that was put back (SR-58)", async () => {
    shiftMs = -6_000;
    expect(await found()).toEqual(["clock: database", "clock: audit log"]);
    shiftMs = 6_000;
    expect(await found()).toEqual(["clock: database"]);
    shiftMs = 3_000;
    expect(await found()).toEqual([]);
  });

  it("names what the service could take away though it has to be kept [HS-316b2i]", async () => {
    const role = new URL(test.url).username;
    await asOwner(
      `GRANT DELETE ON audit_events TO ${role}; GRANT UPDATE ON audit_leaves TO ${role}`,
    );
    expect(await found()).toEqual([
      "retention: public.audit_events",
      "retention: public.audit_leaves",
    ]);
    await asOwner(
      `REVOKE DELETE ON audit_events FROM ${role}; REVOKE UPDATE ON audit_leaves FROM ${role}`,
    );
  });

  it("names an account with one factor, and sessions that should have ended (SR-17) [HS-312a2iii]", async () => {
    await asOwner(
      "INSERT INTO staff (id, name, role, state, created_at, version, mac) VALUES (1, 'Dr. Forged', 'doctor', 'active', 0, 1, '')",
    );
    await asOwner(
      "INSERT INTO staff_passwords (staff_id, hash, changed_at, version, mac) VALUES (1, '', 0, 1, '')",
    );
    const old = String(clock.now() - HOUR);
    const session = (id: string, last: string, end: string) =>
      `INSERT INTO staff_sessions (id_hash, staff_id, created_at, last_active_at, expires_at, proved_at, method, version, mac)
       VALUES (decode(repeat('${id}', 32), 'hex'), 1, ${old}, ${last}, ${old} + ${end}, ${old}, 'demo-link', 1, '')`;
    await asOwner(session("0a", old, String(12 * HOUR)));
    await asOwner(session("0b", String(clock.now()), String(13 * HOUR)));
    const { findings } = await check();
    const about = (kind: string) => findings.filter((one) => one.check === kind);
    expect(about("second-factor").map(({ subject }) => subject)).toEqual([
      "staff:1",
      "staff_sessions",
    ]);
    expect(about("idle-limit").map(({ detail }) => detail.slice(0, 6))).toEqual([
      "1 idle",
      "1 sess",
    ]);
    await asOwner("DELETE FROM staff_sessions; DELETE FROM staff_passwords; DELETE FROM staff");
    expect(await found()).toEqual([]);
  });

  it("notes a demo that has patients of its own", async () => {
    await asOwner(
      `INSERT INTO patients (id, mrn_index, demographics, registered_at, version, mac)
       VALUES ('${randomUUID()}', decode(repeat('0a', 32), 'hex'), '', 0, 1, '')`,
    );
    expect(await noted({ SIPHMS_DEMO: "yes" })).toContain("second-factor: SIPHMS_DEMO");
    await asOwner("DELETE FROM patients");
    expect(await noted({ SIPHMS_DEMO: "yes" })).not.toContain("second-factor: SIPHMS_DEMO");
  });

  it("notes that a folder holds both the database and the key to it", async () => {
    await mkdir(at("pg"));
    expect(await noted()).toContain(`key-encryption-key: ${data}`);
    await rm(at("pg"), { recursive: true });
  });
});

describe.skipIf(!hasOpenssl)("siphms check, of a certificate (openssl makes it)", () => {
  const certificate = (days: number, name: string) => {
    const files = ["-nodes", "-keyout", at("tls.key"), "-out", at("tls.pem")];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", String(days)];
    const names = ["-subj", "/CN=x", "-addext", `subjectAltName=DNS:${name}`];
    execFileSync(OPENSSL, ["req", "-x509", ...kind, ...files, ...names], { stdio: "ignore" });
    return {
      SIPHMS_HOSPITAL_TLS_CERTIFICATE: at("tls.pem"),
      SIPHMS_HOSPITAL_TLS_KEY: at("tls.key"),
      SIPHMS_HOSPITAL_CONSOLE_ORIGIN: "https://console.hospital.example",
      SIPHMS_HOSPITAL_APP_ORIGIN: "https://app.hospital.example",
    };
  };

  it.each([
    ["nothing that is good", 60, "*.hospital.example", []],
    ["one that ends soon", 20, "*.hospital.example", ["tls.pem"]],
    ["one for another name", 60, "app.hospital.example", ["https://console.hospital.example"]],
  ] as const)("finds %s (SR-40) [HS-312e1]", async (_what, days, name, subjects) => {
    const { findings } = await check(certificate(days, name));
    expect(findings.map(({ check: kind, subject }) => [kind, path.basename(subject)])).toEqual(
      subjects.map((subject) => ["tls", path.basename(subject)]),
    );
  });

  it("finds one that has ended, and one that cannot be read any more", async () => {
    const more = certificate(1, "*.hospital.example");
    shiftMs = 2 * DAY;
    const ended = (await check(more)).findings.filter(({ check: kind }) => kind === "tls");
    expect(ended[0]?.detail).toContain("has ended");
    shiftMs = 0;
    await rm(at("tls.pem"));
    expect(await found(more)).toEqual([`tls: ${at("tls.pem")}`]);
  });

  it("notes that it cannot see the one of a reverse proxy", async () => {
    expect(await noted({ SIPHMS_HOSPITAL_BEHIND_PROXY: "yes" })).toContain("tls: proxy");
  });
});
