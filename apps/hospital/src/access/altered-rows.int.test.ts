import { randomUUID } from "node:crypto";
import {
  CONSOLE_PATHS,
  type AccessLog,
  type PatientList,
  type Registry,
  type Reviews,
} from "@siphms/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { putInCare } from "../testing/access-world.ts";
import {
  createConsoleWorld,
  type ConsoleWorld,
  type TestPerson,
} from "../testing/console-world.ts";
import {
  addDevice,
  addPatient,
  createHospitalWorld,
  type HospitalWorld,
} from "../testing/hospital-world.ts";

let world: HospitalWorld;
let site: ConsoleWorld;
let doctor: TestPerson;
let officer: TestPerson;
let administrator: TestPerson;
const kept = randomUUID();
const altered = randomUUID();

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
  doctor = await site.signIn("Dr. Working", "doctor");
  officer = await site.signIn("Olga Officer", "privacy-officer");
  administrator = await site.signIn("Ada Administrator", "administrator");
  for (const id of [kept, altered]) {
    await addPatient(world, { id, mrn: id });
    const nurse = await site.signIn("Nurse Elsewhere", "nurse");
    const reason = "Somebody has to look at once";
    await site.access.breakGlass({ mrn: id, reason }, nurse.staff, "test");
    await putInCare(world, "Dr. Working", id);
    await addDevice(world, id);
  }
  await site.desk.add({ name: "Dr. Gone", role: "doctor" });
  await putInCare(world, "Dr. Gone", kept);
  await site.desk.disable("Dr. Gone");
  // Both as somebody would who can write to the database and has no key.
  await world.tamper("UPDATE staff SET state = 'active' WHERE name = 'Dr. Gone'");
  await world.tamper("UPDATE patients SET registered_at = registered_at + 1 WHERE id = $1", [
    altered,
  ]);
});
afterAll(() => world.close());

const ids = (patients: readonly { readonly id: string }[]) => patients.map(({ id }) => id);

describe("a colleague's and a patient's row that were changed in the database (SR-25, SR-26)", () => {
  it("leave the worklist of everybody else's patients as it was", async () => {
    const answer = await site.ask({ url: CONSOLE_PATHS.patients }, doctor);
    expect(answer.status).toBe(200);
    expect(ids(answer.json<PatientList>().patients)).toEqual([kept]);
  });

  it("open nothing themselves", async () => {
    expect((await site.ask({ url: `/api/patients/${kept}` }, doctor)).status).toBe(200);
    expect((await site.ask({ url: `/api/patients/${altered}` }, doctor)).status).toBe(500);
    expect(await site.desk.add({ name: "Dr. Gone", role: "doctor" }).catch(() => "fault")).toBe(
      "fault",
    );
  });

  it("stop neither the registry nor the list of care relations", async () => {
    const registry = await site.ask({ url: "/api/registry" }, administrator);
    expect(registry.json<Registry>().patients).toMatchObject([{ id: kept, carers: 1 }]);
    expect((await site.ask({ url: CONSOLE_PATHS.care }, administrator)).status).toBe(200);
  });

  it("stop neither the reviews, which count what they cannot show, nor an access log", async () => {
    const reviews = (await site.ask({ url: CONSOLE_PATHS.reviews }, officer)).json<Reviews>();
    expect(reviews.reviews.map(({ mrn }) => mrn)).toEqual([kept]);
    expect(reviews.altered).toBe(1);
    const url = CONSOLE_PATHS.accessLog;
    const log = await site.ask({ method: "POST", url, payload: { mrn: kept } }, officer);
    expect(log.json<AccessLog>().entries.length).toBeGreaterThan(0);
  });
});
