import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { toHex } from "@siphms/cose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kekOptionsOf } from "../foundation.ts";
import { createKek, loadKek, storeWrappedKey } from "../keys/index.ts";
import { createKekDesk } from "../operator/index.ts";
import { loadHospitalSettings } from "../settings.ts";
import { surroundingsOf } from "../surroundings.ts";
import { createHospitalWorld, HOSPITAL, type HospitalWorld } from "../testing/hospital-world.ts";
import type { Sweep } from "./sweep.ts";
import { sweepKek } from "./sweep-kek.ts";

let world: HospitalWorld;
let folder: string;

const at = (...names: string[]): string => path.join(folder, ...names);
const settings = (kek: string, passphraseFile: string, more: Record<string, string> = {}) =>
  loadHospitalSettings({
    ...{ DATABASE_URL: world.test.url, SIPHMS_DATA: at("data"), SIPHMS_HOSPITAL_KEK: kek },
    SIPHMS_HOSPITAL_KEK_PASSPHRASE_FILE: passphraseFile,
    SIPHMS_HOSPITAL_BACKUP_FOLDER: at("backups"),
    ...more,
  });

beforeAll(async () => {
  world = await createHospitalWorld();
  folder = await mkdtemp(path.join(tmpdir(), "sweep-kek-"));
  for (const name of ["apart", "backups", "data"]) {
    await mkdir(at(name));
    await writeFile(at(name, "passphrase"), "correct horse battery", { mode: 0o600 });
    // The same key everywhere: only the place differs.
    await writeFile(at(name, "file"), toHex(world.kek.bytes), { mode: 0o600 });
  }
  const options = { passphraseFile: at("apart", "passphrase") };
  const source = { kind: "passphrase", path: at("apart", "parameters") } as const;
  await createKek(source, options);
  const kek = await loadKek(source, options);
  const { database, keyring, clock } = world;
  await database.withTransaction((tx) => storeWrappedKey(tx, keyring.wrapUnder(kek), clock.now()));
  for (const name of ["backups", "data"]) {
    await cp(at("apart", "parameters"), at(name, "parameters"));
  }
});

afterAll(async () => {
  await rm(folder, { recursive: true });
  await world.close();
});

async function sweep(...given: Parameters<typeof settings>): Promise<Sweep> {
  const chosen = settings(...given);
  const surroundings = surroundingsOf(chosen);
  const { database, keyring, clock } = world;
  const { hospitalId } = HOSPITAL;
  const desk = createKekDesk({
    ...{ database, keyring, clock, hospitalId },
    ...{ source: surroundings.kek, options: kekOptionsOf(chosen) },
  });
  return sweepKek({
    ...{ database, keyring, clock, hospitalId, settings: chosen, surroundings },
    kekStatus: () => desk.status(),
  });
}

describe("siphms check, of a key with the data [HS-312a2iv]", () => {
  it("finds nothing where parameters and passphrase lie apart", async () => {
    const { findings, notes } = await sweep(
      `passphrase:${at("apart", "parameters")}`,
      at("apart", "passphrase"),
    );
    expect([findings, notes]).toEqual([[], []]);
  });

  it.each([
    ["parameters", "backups", "apart"],
    ["a passphrase", "apart", "backups"],
  ])("finds %s in the backup's folder: the next start fails", async (_what, parameters, words) => {
    const { findings } = await sweep(
      `passphrase:${at(parameters, "parameters")}`,
      at(words, "passphrase"),
    );
    expect(findings).toMatchObject([
      { subject: "passphrase", detail: expect.stringContaining("KEK_WITH_DATA") as string },
    ]);
  });

  it("finds a passphrase in the backup's folder that the key does not need", async () => {
    const { findings } = await sweep(`file:${at("apart", "file")}`, at("backups", "passphrase"));
    expect(findings).toMatchObject([{ subject: at("backups", "passphrase") }]);
  });

  it("leaves that alone where a setting says that it is unsafe", async () => {
    const unsafe = { SIPHMS_HOSPITAL_UNSAFE_KEK_WITH_DATA: "yes" };
    const { findings } = await sweep(
      `passphrase:${at("backups", "parameters")}`,
      at("backups", "passphrase"),
      unsafe,
    );
    expect(findings).toEqual([]);
  });

  it("notes that a folder holds both the database and the passphrase", async () => {
    await mkdir(at("data", "pg"));
    const { notes } = await sweep(
      `passphrase:${at("apart", "parameters")}`,
      at("data", "passphrase"),
    );
    expect(notes).toMatchObject([{ subject: at("data") }]);
  });
});
