import { ADMIN_ROLE, DATABASE_NAME } from "@siphms/local-postgres";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Item } from "../minimal-device/cbor.ts";
import { MinimalDevice } from "../minimal-device/minimal-device.ts";
import { filesUnder, findInBuffer, findInFiles } from "../system/clear-text.ts";
import { Installation } from "../system/installation.ts";

/** Things that must stand nowhere in clear: long enough that chance cannot make them. */
const MARKERS = {
  mrn: "MRN-Zq7Lx3Wd9",
  name: "Quillfeather Zanzibarova",
  problem: "Xanthochromic-problem-marker",
  deviceName: "Device-marker-Wolframine",
  serial: "SERIAL-marker-Obsidianite",
  model: "Model-marker-Feldsparrow",
};
const IN_CLEAR = "Planted-in-clear-Marmaladian";
const ALL = [...Object.values(MARKERS), "Quillfeather", "Zanzibarova"];

async function adminClient(data: string): Promise<Client> {
  const secrets = readFileSync(join(data, "secrets/database-passwords.json"), "utf8");
  const { admin } = JSON.parse(secrets) as { admin: string };
  const client = new Client({
    host: join(data, "pg/socket"),
    user: ADMIN_ROLE,
    password: admin,
    database: DATABASE_NAME,
  });
  await client.connect();
  return client;
}

function seriesWithSensor(now: number): Item {
  const sensor = new Map<number | string, Item>([
    [2, MARKERS.model],
    [3, MARKERS.serial],
  ]);
  return new Map<number | string, Item>([
    [1, 1],
    [2, now],
    [3, 0],
    [4, [71]],
    [5, 0],
    [6, sensor],
  ]);
}

describe("what lies on the disk after a run", () => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await Installation.start();
    const { mrn, name, problem } = MARKERS;
    const person = [
      "--mrn",
      mrn,
      "--name",
      name,
      "--birth-date",
      "1950-07-01",
      "--problem",
      problem,
    ];
    await installation.json("patient", "add", ...person);
    const { link } = await installation.json<{ link: string }>("invite", mrn);
    const device = new MinimalDevice(link);
    const code = await device.enrol(MARKERS.deviceName);
    await installation.json("enrolment", "confirm", mrn, code);
    await device.connect();
    const now = Date.now();
    expect((await device.send([seriesWithSensor(now)], now)).outcome).toBe(0);
    // The hospital has it all, so what is missing from the files is missing because it is sealed.
    const profile = await device.request("profile", new Map());
    expect((profile.get(3) as Map<number, Item>).get(2)).toBe(name);
    // A wrong turn may say too much as well: an unknown patient, a false code, a failed enrolment.
    await installation.run("invite", `${mrn}-not`);
    await installation.run("enrolment", "confirm", mrn, "000000");
    await expect(new MinimalDevice(link).enrol(MARKERS.deviceName)).rejects.toThrow();
  });
  afterAll(async () => {
    await installation.remove();
  });

  it("holds no name, record number, problem, device name or serial number in any form (SR-59) [HS-312a2iv, HS-312e2ii]", async () => {
    // A clean stop writes everything that the database still had in memory.
    await installation.stop();
    const files = filesUnder(installation.data);
    for (const folder of ["pg", "gateway", "logs"]) {
      expect(
        files.some((file) => file.includes(`/data/${folder}/`)),
        folder,
      ).toBe(true);
    }
    expect(findInFiles(files, ALL)).toEqual([]);
    expect(findInBuffer("output of siphms up", Buffer.from(installation.output), ALL)).toEqual([]);
  });

  it("would have found them: a marker planted in clear in the database is found [HS-312a2iv]", async () => {
    await installation.launch();
    const client = await adminClient(installation.data);
    await client.query("create table planted_by_a_test (text text, utf16 bytea, base64 text)");
    await client.query("insert into planted_by_a_test values ($1, $2, $3)", [
      IN_CLEAR,
      Buffer.from(IN_CLEAR, "utf16le"),
      Buffer.from(`..${IN_CLEAR}..`).toString("base64"),
    ]);
    await client.end();
    await installation.stop();
    const forms = new Set(
      findInFiles(filesUnder(installation.data), [IN_CLEAR]).map(({ form }) => form),
    );
    expect([...forms]).toEqual(expect.arrayContaining(["text", "UTF-16LE", "base64"]));
  });

  it.each([
    ["text", (text: string) => Buffer.from(text)],
    ["hex", (text: string) => Buffer.from(Buffer.from(text).toString("hex"))],
    ["HEX", (text: string) => Buffer.from(Buffer.from(text).toString("hex").toUpperCase())],
    ["UTF-16BE", (text: string) => Buffer.from(text, "utf16le").swap16()],
    ["base64", (text: string) => Buffer.from(Buffer.from(text).toString("base64"))],
    ["base64", (text: string) => Buffer.from(Buffer.from(`x${text}`).toString("base64"))],
    ["base64url", (text: string) => Buffer.from(Buffer.from(`xy${text}`).toString("base64url"))],
  ])("finds a marker written as %s", (form, write) => {
    const content = Buffer.concat([Buffer.alloc(7, 1), write(MARKERS.serial), Buffer.alloc(7, 2)]);
    expect(
      findInBuffer("a file", content, [MARKERS.serial]).map((finding) => finding.form),
    ).toContain(form);
  });
});
