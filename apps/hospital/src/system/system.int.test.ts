import { randomUUID } from "node:crypto";
import type { FirstRun, Gateways, RanCheck, SystemStatus } from "@siphms/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { putInCare } from "../testing/access-world.ts";
import { entriesOf } from "../testing/audit-entries.ts";
import {
  createConsoleWorld,
  type ConsoleWorld,
  type TestPerson,
} from "../testing/console-world.ts";
import {
  addDevice,
  addPatient,
  createHospitalWorld,
  HOSPITAL,
  type HospitalWorld,
} from "../testing/hospital-world.ts";

let world: HospitalWorld;
let site: ConsoleWorld;
let administrator: TestPerson;

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
  administrator = await site.signIn("Ada Administrator", "administrator");
});
afterAll(() => world.close());

const get = async <T>(url: string): Promise<T> => {
  const answer = await site.ask({ url }, administrator);
  expect(answer.status).toBe(200);
  return answer.json<T>();
};

describe("the installation as administrators see it", () => {
  it("says what runs, whether it works and how much room there is", async () => {
    const system = await get<SystemStatus>("/api/system");
    expect(system).toMatchObject({
      hospital: { id: HOSPITAL.hospitalId, name: HOSPITAL.hospitalName },
      demo: true,
      versions: {
        siphms: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
        node: process.versions.node,
      },
      checks: { database: true, gateways: false },
      counters: { batches: 0, stored: 0 },
      keys: { identities: [{ state: "current" }], waitingDevices: 0 },
      lastCheck: null,
      now: world.clock.now(),
    });
    expect(system.storage.databaseBytes).toBeGreaterThan(1_000_000);
    expect(system.storage.freeBytes).toBeGreaterThan(0);
  });

  it("says that summaries have stopped when nobody has made any for long", async () => {
    const checks = async () => (await get<SystemStatus>("/api/system")).checks;
    expect(await checks()).toMatchObject({ summaries: false });
    await world.tamper("UPDATE summary_progress SET done_at = $1", [world.clock.now()]);
    expect(await checks()).toMatchObject({ summaries: true });
  });

  it("keeps the last check, which is on record with who ran it", async () => {
    let ran: RanCheck | undefined;
    const noted = await entriesOf(world, async () => {
      const answer = await site.ask({ method: "POST", url: "/api/system/check" }, administrator);
      ran = answer.json<RanCheck>();
    });
    const actor = `staff:${String(administrator.staff.id)}`;
    expect(noted).toMatchObject([{ event: "hospital.checked", actor, detail: '{"findings": 0}' }]);
    expect((await get<SystemStatus>("/api/system")).lastCheck).toEqual(ran);
  });

  it("lists the gateways with their state and since when", async () => {
    const { gateways } = await get<Gateways>("/api/gateways");
    expect(gateways).toEqual([
      { url: "https://gateway.example", state: "away", since: world.clock.now(), sessions: 0 },
    ]);
  });

  it("counts what there is for the first steps, and names nobody", async () => {
    const before = await get<FirstRun>("/api/first-run");
    expect(before).toEqual({
      staff: { doctor: 0, nurse: 0, administrator: 1, "privacy-officer": 0 },
      gateways: { known: 1, connected: 0 },
      patients: 0,
      devices: { active: 0, pending: 0 },
      hasCare: false,
      demo: true,
    });
    const id = randomUUID();
    await addPatient(world, { id, mrn: "S-1" });
    await addDevice(world, id);
    await site.desk.add({ name: "Nurse First", role: "nurse" });
    await site.desk.add({ name: "Nurse Gone", role: "nurse" });
    await site.desk.disable("Nurse Gone");
    await putInCare(world, "Nurse First", id);
    expect(await get<FirstRun>("/api/first-run")).toMatchObject({
      ...{ patients: 1, devices: { active: 0, pending: 1 }, hasCare: true },
      staff: { nurse: 1 },
    });
  });
});
