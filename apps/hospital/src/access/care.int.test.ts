import { randomUUID } from "node:crypto";
import type { CareRelations, PatientList, Registry } from "@siphms/api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { entriesOf } from "../testing/audit-entries.ts";
import {
  createConsoleWorld,
  type ConsoleWorld,
  type TestPerson,
} from "../testing/console-world.ts";
import { addPatient, createHospitalWorld, type HospitalWorld } from "../testing/hospital-world.ts";
import { STEP_UP_LIMIT_MS } from "./index.ts";

let world: HospitalWorld;
let site: ConsoleWorld;
let administrator: TestPerson;
let doctor: TestPerson;
/** Two patients, new for each test. */
let own: { readonly id: string; readonly mrn: string };
let other: { readonly id: string; readonly mrn: string };
let count = 0;

const newPatient = async () => {
  const patient = { id: randomUUID(), mrn: randomUUID() };
  await addPatient(world, patient);
  return patient;
};

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
});

beforeEach(async () => {
  count += 1;
  administrator = await site.signIn("Ada Administrator", "administrator");
  doctor = await site.signIn(`Dr. Number ${String(count)}`, "doctor");
  own = await newPatient();
  other = await newPatient();
});

afterAll(() => world.close());

const begin = (more: Readonly<Record<string, number | string>> = {}) =>
  site.ask(
    {
      method: "POST",
      url: "/api/care",
      payload: { staff: doctor.staff.name, mrn: own.mrn, ...more },
    },
    administrator,
  );

const end = () =>
  site.ask(
    {
      method: "POST",
      url: "/api/care/end",
      payload: { staff: doctor.staff.name, mrn: own.mrn },
    },
    administrator,
  );

const look = (id: string, person = doctor) => site.ask({ url: `/api/patients/${id}` }, person);
const worklist = async (person = doctor) =>
  (await site.ask({ url: "/api/patients" }, person))
    .json<PatientList>()
    .patients.map((patient) => patient.id);
const listed = async () =>
  (await site.ask({ url: "/api/care" }, administrator))
    .json<CareRelations>()
    .relations.filter(({ mrn }) => mrn === own.mrn);

describe("a care relation", () => {
  it("opens one patient to one person, and nobody else to anybody (SR-23) [HS-312a1]", async () => {
    expect(await worklist()).toEqual([]);
    expect((await look(own.id)).status).toBe(404);
    expect((await begin()).status).toBe(200);
    expect(await worklist()).toEqual([own.id]);
    expect((await look(own.id)).status).toBe(200);
    expect((await look(other.id)).status).toBe(404);
    const colleague = await site.signIn("Dr. Colleague", "doctor");
    expect((await look(own.id, colleague)).status).toBe(404);
    expect(await worklist(colleague)).toEqual([]);
  });

  it("of somebody else looks like a patient who is not there, to the last byte (SR-23) [HS-312a1]", async () => {
    await begin({ mrn: other.mrn, staff: doctor.staff.name });
    const colleague = await site.signIn("Dr. Colleague", "doctor");
    const paths = ["", "/quarantine", "/readings?from=0&to=1", "/summary?from=0&to=1&span=day"];
    for (const path of paths) {
      const ids = [other.id, randomUUID(), "1", "..", other.id.toUpperCase()];
      const answers = await Promise.all(
        ids.map((id) =>
          site.ask({ url: `/api/patients/${encodeURIComponent(id)}${path}` }, colleague),
        ),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
      expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    }
  });

  it("that ends closes the record with the next request (SR-25) [HS-312a1]", async () => {
    await begin();
    expect((await look(own.id)).status).toBe(200);
    expect((await end()).status).toBe(200);
    expect((await look(own.id)).status).toBe(404);
    expect(await worklist()).toEqual([]);
    expect((await end()).status).toBe(404);
  });

  it("with an end holds to its last millisecond and no longer (SR-25)", async () => {
    await begin({ until: world.clock.now() + 60_000 });
    world.clock.skewWall(59_999);
    expect((await look(own.id)).status).toBe(200);
    world.clock.skewWall(1);
    expect((await look(own.id)).status).toBe(404);
    expect(await worklist()).toEqual([]);
    expect(await listed()).toEqual([]);
  });

  it("is begun once, can be made longer, and ends as a whole", async () => {
    await begin({ until: world.clock.now() + 60_000 });
    expect((await begin({ until: world.clock.now() + 1000 })).status).toBe(409);
    expect((await begin()).status).toBe(200);
    expect((await begin()).status).toBe(409);
    expect(await listed()).toHaveLength(2);
    await end();
    expect(await listed()).toEqual([]);
    expect((await begin()).status).toBe(200);
  });

  it("says who made it and who ended it, in the audit log and in its row [HS-312b]", async () => {
    const actor = `staff:${String(administrator.staff.id)}`;
    const entries = await entriesOf(world, async () => {
      await begin();
      await end();
    });
    const named = { actor, subject: own.id, object: `staff:${String(doctor.staff.id)}` };
    expect(entries).toMatchObject([
      { event: "care.begun", outcome: "done", ...named },
      { event: "care.ended", outcome: "done", ...named },
    ]);
    const { rows } = await world.database.query(
      "SELECT made_by, ended_by FROM care_relations WHERE patient_id = $1",
      [own.id],
    );
    expect(rows.map((row) => [row.text("made_by"), row.text("ended_by")])).toEqual([
      [actor, actor],
    ]);
  });

  it("is begun for active doctors and nurses only", async () => {
    for (const [name, role] of [
      ["Ada Administrator", "administrator"],
      ["Otto Officer", "privacy-officer"],
    ] as const) {
      await site.signIn(name, role);
      expect((await begin({ staff: name })).status).toBe(404);
    }
    await site.desk.disable(doctor.staff.name);
    expect((await begin()).status).toBe(404);
    expect((await begin({ staff: "Nobody" })).status).toBe(404);
  });

  it.each([
    [404, { mrn: "NOBODY" }],
    [400, { until: 1 }],
    [400, { until: -1 }],
    [400, { staff: "" }],
    [400, { role: "doctor" }],
    [400, { patient: "p" }],
  ])("is refused with %d for %j (SR-24)", async (status, change) => {
    expect((await begin(change)).status).toBe(status);
    expect(await listed()).toEqual([]);
  });

  it("is changed only after a fresh proof of who the administrator is (SR-20)", async () => {
    world.clock.skewWall(STEP_UP_LIMIT_MS - 1);
    expect((await begin()).status).toBe(200);
    world.clock.skewWall(1);
    administrator = await site.signIn("Ada Administrator", "administrator");
    // The idle limit of administrators is as long: the session is kept in use, its proof grows old.
    world.clock.skewWall(STEP_UP_LIMIT_MS - 1);
    await listed();
    world.clock.skewWall(1);
    const answer = await end();
    expect(answer.status).toBe(403);
    expect(answer.body).toContain("urn:siphms:problem:step-up-required");
    expect(await listed()).toHaveLength(1);
  });

  it("is written by nobody but administrators", async () => {
    const nurse = await site.signIn("Nurse Eager", "nurse");
    const officer = await site.signIn("Otto Officer", "privacy-officer");
    for (const person of [doctor, nurse, officer]) {
      const payload = { staff: doctor.staff.name, mrn: own.mrn };
      const answer = await site.ask({ method: "POST", url: "/api/care", payload }, person);
      expect(answer.status).toBe(403);
    }
    expect(await worklist()).toEqual([]);
  });
});

describe("a care relation that was changed in the database (SR-25, SR-26) [HS-312a1]", () => {
  it.each([
    "UPDATE care_relations SET ends_at = NULL, ended_by = NULL WHERE patient_id = $1",
    "UPDATE care_relations SET ends_at = ends_at + 86400000 WHERE patient_id = $1",
    "UPDATE care_relations SET version = version - 1, ends_at = NULL, ended_by = NULL WHERE patient_id = $1",
  ])("is not brought back to life by %s", async (sql) => {
    await begin();
    await end();
    await world.tamper(sql, [own.id]);
    expect((await look(own.id)).status).toBe(404);
    expect(await worklist()).toEqual([]);
  });

  it("opens no other patient and no other person", async () => {
    await begin();
    const moved = "UPDATE care_relations SET patient_id = $1 WHERE patient_id = $2";
    await world.tamper(moved, [other.id, own.id]);
    expect((await look(other.id)).status).toBe(404);
    await world.tamper(moved, [own.id, other.id]);
    expect((await look(own.id)).status).toBe(200);
    const thief = await site.signIn("Dr. Thief", "doctor");
    const stolen = "UPDATE care_relations SET staff_id = $1 WHERE patient_id = $2";
    await world.tamper(stolen, [thief.staff.id, own.id]);
    expect((await look(own.id, thief)).status).toBe(404);
    expect(await worklist(thief)).toEqual([]);
  });

  it("cannot be added with somebody else's MAC", async () => {
    await begin();
    await world.tamper(
      `INSERT INTO care_relations (staff_id, patient_id, began_at, made_by, version, mac)
       SELECT staff_id, $1, began_at, made_by, version, mac FROM care_relations WHERE patient_id = $2`,
      [other.id, own.id],
    );
    expect((await look(other.id)).status).toBe(404);
    expect(await worklist()).toEqual([own.id]);
  });

  it("does not keep a doctor from the others, nor from a new one", async () => {
    await begin();
    await begin({ mrn: other.mrn });
    const altered = "UPDATE care_relations SET began_at = began_at - 1 WHERE patient_id = $1";
    await world.tamper(altered, [own.id]);
    expect(await worklist()).toEqual([other.id]);
    expect((await begin()).status).toBe(200);
    expect(new Set(await worklist())).toEqual(new Set([own.id, other.id]));
  });
});

describe("what a person is shown of a patient", () => {
  it("is noted with person, patient, purpose and what was seen (SR-58) [HS-312a2i, HS-312b, HP-528]", async () => {
    await begin();
    const entries = await entriesOf(world, async () => {
      await worklist();
      await look(own.id);
      await site.ask({ url: `/api/patients/${own.id}/quarantine` }, doctor);
      await site.ask({ url: `/api/patients/${own.id}/readings?from=0&to=1` }, doctor);
      await site.ask({ url: `/api/patients/${own.id}/summary?from=0&to=1&span=day` }, doctor);
    });
    expect(entries.map(({ object }) => object)).toEqual([
      ...["worklist", "patient", "quarantine", "readings", "summary"],
    ]);
    for (const entry of entries) {
      expect(entry).toMatchObject({
        event: "data.disclosed",
        actor: `staff:${String(doctor.staff.id)}`,
        subject: own.id,
        outcome: "done",
        purpose: "treatment",
      });
    }
  });

  it("is not shown where it cannot be noted (SR-58) [HS-312b]", async () => {
    await begin();
    await world.tamper(
      "ALTER TABLE audit_events ADD CONSTRAINT full_disk CHECK (at < 0) NOT VALID",
    );
    const answers = [await look(own.id), await site.ask({ url: "/api/patients" }, doctor)];
    await world.tamper("ALTER TABLE audit_events DROP CONSTRAINT full_disk");
    for (const { status, body } of answers) {
      expect(status).toBe(500);
      expect(body).not.toContain("Ada Invented");
    }
    expect((await look(own.id)).status).toBe(200);
  });

  it("is refused and noted as refused, with the patient who was asked for [HS-312b]", async () => {
    const entries = await entriesOf(world, () => look(other.id));
    expect(entries).toEqual([
      expect.objectContaining({
        event: "access.refused",
        actor: `staff:${String(doctor.staff.id)}`,
        role: "doctor",
        subject: other.id,
        object: "GET /api/patients/:patient",
        outcome: "refused",
        details: { why: "relation" },
      }),
    ]);
  });
});

describe("the patients of a person who leaves or gets another role", () => {
  const carersOf = async (id: string) =>
    (await site.ask({ url: "/api/registry" }, administrator))
      .json<Registry>()
      .patients.find((patient) => patient.id === id)?.carers;
  const name = () => doctor.staff.name;
  const changes = {
    disabled: () => site.desk.disable(name(), "operator"),
    administrator: () =>
      site.desk.changeRole({ name: name(), role: "administrator", actor: "operator" }),
    "privacy officer": () =>
      site.desk.changeRole({ name: name(), role: "privacy-officer", actor: "operator" }),
  } as const;

  it.each(["disabled", "administrator", "privacy officer"] as const)(
    "are in that care no more when the person is %s, and look so (SR-18) [HS-308a3C]",
    async (kind) => {
      await begin();
      await begin({ mrn: other.mrn });
      expect(await carersOf(own.id)).toBe(1);
      const noted = await entriesOf(world, changes[kind]);
      const ended = noted.filter(({ event }) => event === "care.ended");
      expect(ended.map(({ subject }) => subject).sort()).toEqual([own.id, other.id].sort());
      const object = `staff:${String(doctor.staff.id)}`;
      expect(ended).toMatchObject([
        { actor: "operator", object },
        { actor: "operator", object },
      ]);
      expect(await listed()).toEqual([]);
      expect(await carersOf(own.id)).toBe(0);
    },
  );

  it("stay in it from doctor to nurse", async () => {
    await begin();
    await site.desk.changeRole({ name: name(), role: "nurse", actor: "operator" });
    expect(await carersOf(own.id)).toBe(1);
  });

  it("do not come back with the old role", async () => {
    await begin();
    await changes.administrator();
    await site.desk.changeRole({ name: name(), role: "doctor", actor: "operator" });
    const again = await site.signIn(name(), "doctor");
    expect(await worklist(again)).toEqual([]);
    expect(await carersOf(own.id)).toBe(0);
  });

  it("do not count as cared for where such a relation is there all the same", async () => {
    await site.desk.disable(name(), "operator");
    await world.database.withTransaction((tx) =>
      site.access.beginCareWithin(tx, { staffId: doctor.staff.id, patientId: own.id }, "operator"),
    );
    expect(await carersOf(own.id)).toBe(0);
  });

  it("are not begun with one who has left", async () => {
    await site.desk.disable(name(), "operator");
    const payload = { mrn: randomUUID(), name: "Ada Invented", birthDate: "1950-07-01" };
    const register = (doctorName: string) =>
      site.ask(
        { method: "POST", url: "/api/patients", payload: { ...payload, doctor: doctorName } },
        administrator,
      );
    expect((await register(name())).status).toBe(409);
    await site.signIn("Dr. Staying", "doctor");
    expect((await register("Dr. Staying")).status).toBe(200);
  });
});

describe("a record number that nobody has (SR-58) [HS-312b]", () => {
  it.each([
    ["/api/care", "administrator"],
    ["/api/care/end", "administrator"],
    ["/api/access-log", "privacy-officer"],
  ] as const)("is refused on record by POST %s, without the number", async (url, role) => {
    const person = await site.signIn(`Somebody ${role}`, role);
    const named = url === "/api/access-log" ? {} : { staff: doctor.staff.name };
    const payload = { mrn: "TRIED-OUT", ...named };
    const noted = await entriesOf(world, async () => {
      expect((await site.ask({ method: "POST", url, payload }, person)).status).toBe(404);
    });
    expect(noted).toEqual([
      expect.objectContaining({
        ...{ event: "access.refused", outcome: "refused", subject: null, object: `POST ${url}` },
        actor: `staff:${String(person.staff.id)}`,
        role,
        details: { why: "patient-unknown" },
      }),
    ]);
  });
});
