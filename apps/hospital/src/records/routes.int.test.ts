import { randomUUID } from "node:crypto";
import { SESSION_COOKIE, type PatientDetail, type PersonRole, type Readings } from "@siphms/api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestAccess, putInCare } from "../testing/access-world.ts";
import { createConsoleWorld, type ConsoleWorld } from "../testing/console-world.ts";
import {
  addDevice,
  addPatient,
  CONSOLE_ORIGIN,
  createHospitalWorld,
  storeBatch,
  type HospitalWorld,
} from "../testing/hospital-world.ts";

let world: HospitalWorld;
let site: ConsoleWorld;
let doctor: string;
const id = randomUUID();

const signIn = async (role: PersonRole): Promise<string> =>
  (await site.signIn(`Somebody in role ${role}`, role)).token;

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
  await addPatient(world, { id, mrn: "A-1" });
  const phone = await addDevice(world, id);
  const start = world.clock.now();
  const series = [{ kind: 1, start, step: 1000, values: [70, 0, 72], origin: 0 }] as const;
  const quarantined = [[0, 1, "no-signal"]] as const;
  await storeBatch(world, phone, { receivedAt: start, series, quarantined });
  doctor = await signIn("doctor");
  await putInCare(world, "Somebody in role doctor", id);
});

afterAll(() => world.close());

const get = (url: string, token?: string) =>
  site.server.inject({
    url,
    headers: { host: new URL(CONSOLE_ORIGIN).host },
    ...(token === undefined ? {} : { cookies: { [SESSION_COOKIE]: token } }),
  });

const range = "from=0&to=9000000000000";

describe("the worklist", () => {
  it("shows each patient with the latest good values", async () => {
    const answer = await get("/api/patients", doctor);
    expect(answer.headers["cache-control"]).toBe("no-store");
    expect(answer.json()).toMatchObject({
      patients: [
        {
          ...{ id, mrn: "A-1", name: "Ada Invented", sex: "F", quarantinedSamples: 1 },
          latest: [{ kind: "heart-rate", value: 72 }],
          lastContact: world.clock.now(),
          clinicalNow: world.clock.now(),
        },
      ],
      attributions: [],
      now: world.clock.now(),
    });
  });
});

describe("a demo patient", () => {
  it("is shown by the replay's clock, with its speed while it is behind real time", async () => {
    const start = world.clock.now();
    const [behind, caughtUp] = [randomUUID(), randomUUID()];
    const demo = { anchor: start - 1_000_000, start, speed: 60 };
    await addPatient(world, { id: behind, mrn: "D-1", demo });
    const long = { ...demo, start: start - 1_000_000 };
    await addPatient(world, { id: caughtUp, mrn: "D-2", demo: long });
    await putInCare(world, "Somebody in role doctor", behind);
    await putInCare(world, "Somebody in role doctor", caughtUp);

    const slow = (await get(`/api/patients/${behind}`, doctor)).json<PatientDetail>();
    expect(slow).toMatchObject({ clinicalNow: demo.anchor, clinicalSpeed: 60 });
    const over = (await get(`/api/patients/${caughtUp}`, doctor)).json<PatientDetail>();
    expect(over.clinicalNow).toBe(start);
    expect(over).not.toHaveProperty("clinicalSpeed");
    const real = (await get(`/api/patients/${id}`, doctor)).json<PatientDetail>();
    expect(real).not.toHaveProperty("clinicalSpeed");
  });
});

describe("one patient", () => {
  it("is shown with devices, readings and quarantine", async () => {
    expect((await get(`/api/patients/${id}`, doctor)).json()).toMatchObject({
      devices: [{ name: "kitchen phone", state: "pending" }],
    });
    const readings = await get(`/api/patients/${id}/readings?${range}&kind=heart-rate`, doctor);
    const { runs } = readings.json<Readings>();
    expect(runs.map(({ state, values }) => [state, values])).toEqual([
      ["stored", [70]],
      ["quarantined", [0]],
      ["stored", [72]],
    ]);
    const limited = await get(`/api/patients/${id}/readings?${range}&limit=2`, doctor);
    expect(limited.json()).toMatchObject({ next: world.clock.now() + 2000 });
    expect((await get(`/api/patients/${id}/quarantine`, doctor)).json()).toEqual({
      total: 1,
      reasons: { "no-signal": 1 },
    });
  });

  it("that nobody knows looks the same whatever the id is (SR-23)", async () => {
    const unknown = [randomUUID(), "1", "..", "%00", "' OR 1=1 --", id.toUpperCase(), `${id}x`];
    const answers = await Promise.all(
      unknown.map((one) => get(`/api/patients/${encodeURIComponent(one)}`, doctor)),
    );
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([404]));
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
  });

  it.each([
    "to=1",
    "from=2&to=1",
    "from=1.5&to=2",
    "from=-1&to=2",
    "from=0&to=1&kind=mood",
    "from=0&to=1&limit=0",
    "from=0&to=1&limit=x",
    "from=0&to=1&patient=other",
    "from=0&from=1&to=2",
    "from=0&to=1&__proto__=x",
  ])("refuses the readings query %s (SR-24)", async (query) => {
    const answer = await get(`/api/patients/${id}/readings?${query}`, doctor);
    expect(answer.statusCode).toBe(400);
  });

  it("is noted in the audit log each time somebody looks [HS-312b]", async () => {
    const look = async () => {
      const { rows } = await world.database.query(
        "SELECT count(*) AS looks FROM audit_events WHERE subject = $1 AND event = 'data.disclosed'",
        [id],
      );
      return rows[0]?.number("looks") ?? 0;
    };
    const before = await look();
    await get(`/api/patients/${id}`, doctor);
    await get(`/api/patients/${id}/readings?${range}`, doctor);
    expect(await look()).toBe(before + 2);
  });
});

const routes = [
  "/api/patients",
  `/api/patients/${id}`,
  `/api/patients/${id}/readings?${range}`,
  `/api/patients/${id}/quarantine`,
];

describe("patient data", () => {
  it.each(routes)("are not shown without a session: %s", async (url) => {
    const answer = await get(url);
    expect(answer.statusCode).toBe(401);
    expect(answer.body).not.toContain("Ada");
  });

  it.each(routes)("are not shown to those who administer: %s", async (url) => {
    for (const role of ["administrator", "privacy-officer"] as const) {
      const answer = await get(url, await signIn(role));
      expect(answer.statusCode).toBe(403);
      expect(answer.body).not.toContain("Ada");
    }
  });

  it.each(routes)("are shown to nurses who have the patient in their care: %s", async (url) => {
    const nurse = await signIn("nurse");
    const before = await get(url, nurse);
    expect(before.body).not.toContain("Ada");
    expect(before.statusCode).toBe(url === "/api/patients" ? 200 : 404);
    await putInCare(world, "Somebody in role nurse", id);
    expect((await get(url, nurse)).statusCode).toBe(200);
    const named = { staff: "Somebody in role nurse", mrn: "A-1" };
    await createTestAccess(world).endCare(named, "operator");
  });

  it("are not shown from a row that was changed, and the fault says nothing of it", async () => {
    await world.tamper("UPDATE patients SET registered_at = registered_at + 1");
    const answer = await get(`/api/patients/${id}`, doctor);
    await world.tamper("UPDATE patients SET registered_at = registered_at - 1");
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ type: "urn:siphms:problem:fault" });
    expect(answer.body).not.toContain(id);
    expect((await get(`/api/patients/${id}`, doctor)).statusCode).toBe(200);
  });
});
