import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCheck } from "../check/index.ts";
import {
  createLogInWorld,
  setUpPasskey,
  setUpPassword,
  type LogInWorld,
} from "../testing/log-in-world.ts";

let world: LogInWorld;
let dataFolder: string;

beforeAll(async () => {
  world = await createLogInWorld();
  dataFolder = await mkdtemp(path.join(tmpdir(), "factors-"));
  await mkdir(path.join(dataFolder, "secrets"), { mode: 0o700 });
  await writeFile(path.join(dataFolder, "secrets", "kek"), "", { mode: 0o600 });
  await chmod(dataFolder, 0o711);
  for (const name of ["Dr. One", "Dr. Two"]) {
    await setUpPassword(world, name);
    await setUpPasskey(world, `${name} with a passkey`);
  }
});

afterAll(async () => {
  await world.close();
  await rm(dataFolder, { recursive: true });
});

const check = () => {
  const kek = { kind: "file", path: path.join(dataFolder, "secrets", "kek") } as const;
  return runCheck({ ...world, kek, dataFolder });
};
const findingsIn = async (table: string) =>
  (await check()).findings.filter((finding) => finding.check === table);

describe("the check of what staff sign in with", () => {
  it("has looked at all of it, and finds nothing in what nobody touched", async () => {
    const { findings, swept } = await check();
    expect(swept).toMatchObject({
      staff_passwords: 2,
      staff_totp: 2,
      staff_recovery_codes: 20,
      staff_passkeys: 2,
    });
    expect(findings.filter((finding) => finding.check.startsWith("staff"))).toEqual([]);
  });

  it.each([
    ["staff_passwords", "hash = (SELECT min(hash) FROM staff_passwords)"],
    ["staff_passwords", "changed_at = changed_at + 1"],
    ["staff_totp", "last_step = 0"],
    ["staff_totp", "sealed = (SELECT sealed FROM staff_totp ORDER BY staff_id LIMIT 1)"],
    ["staff_recovery_codes", "used_at = 1"],
    ["staff_recovery_codes", "staff_id = (SELECT min(staff_id) FROM staff_passkeys)"],
    ["staff_passkeys", "state = 'suspended'"],
    ["staff_passkeys", "counter = counter + 1"],
    ["staff_passkeys", "staff_id = (SELECT min(id) FROM staff)"],
  ])("finds in %s that somebody set %s by hand", async (table, change) => {
    await world.tamper(`CREATE TABLE kept AS TABLE ${table}`);
    await world.tamper(`UPDATE ${table} SET ${change}`);
    expect((await findingsIn(table)).length).toBeGreaterThan(0);
    await world.tamper(`DELETE FROM ${table}; INSERT INTO ${table} TABLE kept; DROP TABLE kept`);
    expect(await findingsIn(table)).toEqual([]);
  });
});
