import { randomUUID } from "node:crypto";
import {
  REASON_LENGTH,
  type AccessLog,
  type OpenedGlass,
  type PatientDetail,
  type PatientList,
  type Reviews,
} from "@siphms/api";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { entriesOf } from "../testing/audit-entries.ts";
import {
  createConsoleWorld,
  type ConsoleWorld,
  type TestPerson,
} from "../testing/console-world.ts";
import { putInCare } from "../testing/access-world.ts";
import { addPatient, createHospitalWorld, type HospitalWorld } from "../testing/hospital-world.ts";
import { BREAK_GLASS_MS, STEP_UP_LIMIT_MS } from "./index.ts";

const REASON = "Brought in unconscious, no doctor of hers is here";
const NOTE = "Asked the ward: it was as she says";

let world: HospitalWorld;
let site: ConsoleWorld;
let officer: TestPerson;
let nurse: TestPerson;
/** A patient in nobody's care, and another one; new for each test. */
let patient: { readonly id: string; readonly mrn: string };
let other: { readonly id: string; readonly mrn: string };
let count = 0;

const newPatient = async () => {
  const made = { id: randomUUID(), mrn: randomUUID() };
  await addPatient(world, made);
  return made;
};

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
});

beforeEach(async () => {
  count += 1;
  officer = await site.signIn("Otto Officer", "privacy-officer");
  nurse = await site.signIn(`Nurse Number ${String(count)}`, "nurse");
  patient = await newPatient();
  other = await newPatient();
});

afterAll(() => world.close());

const breakGlass = (more: Readonly<Record<string, string>> = {}, person = nurse) =>
  site.ask(
    {
      method: "POST",
      url: "/api/break-glass",
      payload: { mrn: patient.mrn, reason: REASON, ...more },
    },
    person,
  );

const look = (id: string, person = nurse) => site.ask({ url: `/api/patients/${id}` }, person);
const reviews = async () => (await site.ask({ url: "/api/reviews" }, officer)).json<Reviews>();
const reviewOf = async (id: string) => (await reviews()).reviews.find((review) => review.id === id);
const close = (id: string, more: Readonly<Record<string, string>> = {}, person = officer) =>
  site.ask(
    {
      method: "POST",
      url: "/api/reviews/close",
      payload: { id, verdict: "justified", note: NOTE, ...more },
    },
    person,
  );
const opened = async () => (await breakGlass()).json<OpenedGlass>();

/** Signs the nurse in anew: an hour is longer than her session's idle limit. */
const again = async () => {
  nurse = await site.signIn(nurse.staff.name, "nurse");
};

describe("access in an emergency [HS-312a2ii]", () => {
  it("opens one patient to one person, says so on the screen, and opens nobody else", async () => {
    expect((await look(patient.id)).status).toBe(404);
    const { patient: id, expires } = await opened();
    expect(id).toBe(patient.id);
    expect(expires).toBe(world.clock.now() + BREAK_GLASS_MS);
    const shown = await look(patient.id);
    expect(shown.json<PatientDetail>().breakGlassUntil).toBe(expires);
    const list = (await site.ask({ url: "/api/patients" }, nurse)).json<PatientList>();
    expect(list.patients.map((one) => [one.id, one.breakGlassUntil])).toEqual([
      [patient.id, expires],
    ]);
    expect((await look(other.id)).status).toBe(404);
    const colleague = await site.signIn("Nurse Colleague", "nurse");
    expect((await look(patient.id, colleague)).status).toBe(404);
  });

  it("ends by the clock, to the millisecond (SR-25)", async () => {
    await opened();
    world.clock.skewWall(BREAK_GLASS_MS - 1);
    await again();
    expect((await look(patient.id)).status).toBe(200);
    world.clock.skewWall(1);
    expect((await look(patient.id)).status).toBe(404);
    const list = (await site.ask({ url: "/api/patients" }, nurse)).json<PatientList>();
    expect(list.patients).toEqual([]);
    expect((await breakGlass()).status).toBe(200);
  });

  it("needs a fresh proof of who the person is (SR-20)", async () => {
    world.clock.skewWall(STEP_UP_LIMIT_MS);
    const answer = await breakGlass();
    expect(answer.status).toBe(403);
    expect(answer.body).toContain("urn:siphms:problem:step-up-required");
    expect((await look(patient.id)).status).toBe(404);
    await again();
    expect((await breakGlass()).status).toBe(200);
  });

  it.each([
    [400, { reason: "" }],
    [400, { reason: "x".repeat(REASON_LENGTH.min - 1) }],
    [400, { reason: `${" ".repeat(REASON_LENGTH.min)}x` }],
    [400, { reason: "x".repeat(REASON_LENGTH.max + 1) }],
    [400, { until: "9999999999999" }],
    [400, { patient: "p" }],
    [404, { mrn: "NOBODY" }],
  ])("is refused with %d for %j (SR-24)", async (status, change) => {
    expect((await breakGlass(change)).status).toBe(status);
    expect((await look(patient.id)).status).toBe(404);
  });

  it("is for doctors and nurses only", async () => {
    const administrator = await site.signIn("Ada Administrator", "administrator");
    for (const person of [administrator, officer]) {
      expect((await breakGlass({}, person)).status).toBe(403);
      expect((await look(patient.id, person)).status).toBe(403);
    }
    expect((await reviews()).reviews.map(({ mrn }) => mrn)).not.toContain(patient.mrn);
  });

  it("is not for a patient who is open to the person already, and one emergency is one review", async () => {
    await putInCare(world, nurse.staff.name, other.id);
    expect((await breakGlass({ mrn: other.mrn })).status).toBe(409);
    const answers = await Promise.all([breakGlass(), breakGlass(), breakGlass()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    const open = (await reviews()).reviews.filter(({ mrn }) => mrn === patient.mrn);
    expect(open).toHaveLength(1);
  });

  it("is noted with its purpose, and every look in it too (SR-58) [HS-312b]", async () => {
    const actor = `staff:${String(nurse.staff.id)}`;
    const entries = await entriesOf(world, async () => {
      await opened();
      await look(patient.id);
    });
    const purpose = "break-glass";
    expect(entries).toMatchObject([
      { event: "access.break-glass", actor, subject: patient.id, outcome: "done", purpose },
      { event: "data.disclosed", actor, subject: patient.id, object: "patient", purpose },
    ]);
  });

  it("stands at once in the patient's access log, with what was seen and what was refused [HS-312b, HP-528]", async () => {
    await look(patient.id);
    await opened();
    await look(patient.id);
    const payload = { mrn: patient.mrn };
    const answer = await site.ask({ method: "POST", url: "/api/access-log", payload }, officer);
    const { entries } = answer.json<AccessLog>();
    const who = nurse.staff.name;
    expect(entries).toMatchObject([
      { who: "Otto Officer", event: "looked", what: "access-log", purpose: "operations" },
      { who, event: "looked", what: "patient", purpose: "break-glass" },
      { who, event: "break-glass", purpose: "break-glass" },
      { who, event: "refused", what: "GET /api/patients/:patient" },
    ]);
  });

  it("is pushed out of the access log by no number of looks, nor is a refusal [HS-312b]", async () => {
    await look(patient.id);
    await opened();
    await world.database.query(
      `INSERT INTO audit_events (at, event, actor, subject, object, action, outcome, detail, entry)
       SELECT $1, 'data.disclosed', 'staff:1', $2, 'worklist', 'read', 'done', '{}', ''
       FROM generate_series(1, 1100)`,
      [world.clock.now(), patient.id],
    );
    const payload = { mrn: patient.mrn };
    const answer = await site.ask({ method: "POST", url: "/api/access-log", payload }, officer);
    const { entries } = answer.json<AccessLog>();
    expect(entries.map(({ event }) => event).slice(-2)).toEqual(["break-glass", "refused"]);
    expect(entries).toHaveLength(1002);
  });

  it("gives its reason to nobody who reads the database", async () => {
    const { id } = await opened();
    await close(id);
    const { rows } = await world.database.query(
      `SELECT (SELECT string_agg(b::text, ' ') FROM break_glass b)
         || (SELECT string_agg(a::text, ' ') FROM audit_events a) AS dump`,
    );
    const dump = rows[0]?.text("dump") ?? "";
    for (const text of [REASON, NOTE, patient.mrn]) {
      expect(dump).not.toContain(text);
      expect(dump).not.toContain(Buffer.from(text).toString("hex"));
    }
  });

  it.each([
    "UPDATE break_glass SET ends_at = ends_at + 86400000 WHERE patient_id = $1",
    "UPDATE break_glass SET began_at = began_at - 1 WHERE patient_id = $1",
    "UPDATE break_glass SET version = 2 WHERE patient_id = $1",
  ])("is not kept open, and opens nothing, after %s (SR-25, SR-26)", async (sql) => {
    await opened();
    await world.tamper(sql, [patient.id]);
    expect((await look(patient.id)).status).toBe(404);
    expect((await reviews()).altered).toBeGreaterThan(0);
    await world.tamper("DELETE FROM break_glass");
  });

  it("is moved to no other patient and no other person with SQL (SR-26)", async () => {
    await opened();
    const thief = await site.signIn("Nurse Thief", "nurse");
    await world.tamper("UPDATE break_glass SET patient_id = $1 WHERE patient_id = $2", [
      ...[other.id, patient.id],
    ]);
    expect((await look(other.id)).status).toBe(404);
    await world.tamper(
      "UPDATE break_glass SET patient_id = $1, staff_id = $2 WHERE patient_id = $3",
      [...[patient.id, thief.staff.id, other.id]],
    );
    expect((await look(patient.id, thief)).status).toBe(404);
    await world.tamper("DELETE FROM break_glass");
  });
});

describe("the review of an access in an emergency [HS-312a2ii]", () => {
  it("is open from the beginning, with who, whom, why and until when", async () => {
    const { id, expires } = await opened();
    expect(await reviewOf(id)).toEqual({
      ...{ id, staff: nurse.staff.name, role: "nurse", mrn: patient.mrn, reason: REASON },
      began: world.clock.now(),
      expires,
    });
  });

  it("stays open when the access is over, until a privacy officer closes it, once", async () => {
    const { id } = await opened();
    world.clock.skewWall(2 * BREAK_GLASS_MS);
    officer = await site.signIn("Otto Officer", "privacy-officer");
    expect(await reviewOf(id)).not.toHaveProperty("closed");
    expect((await close(id, { verdict: "not-justified" })).status).toBe(204);
    expect(await reviewOf(id)).toMatchObject({
      closed: { at: world.clock.now(), by: "Otto Officer", verdict: "not-justified", note: NOTE },
    });
    expect((await close(id)).status).toBe(409);
    expect(await reviewOf(id)).toMatchObject({ closed: { verdict: "not-justified" } });
  });

  it("stands in the audit log with its verdict", async () => {
    const { id } = await opened();
    const entries = await entriesOf(world, () => close(id));
    expect(entries).toMatchObject([
      {
        event: "access.reviewed",
        actor: `staff:${String(officer.staff.id)}`,
        subject: patient.id,
        object: `break-glass:${id}`,
        detail: '{"verdict": "justified"}',
      },
    ]);
  });

  it("is not closed by the person whom it is about, whatever they have become since", async () => {
    const { id } = await opened();
    const self = { ...nurse.staff, role: "privacy-officer" as const };
    const given = { id: Number(id), verdict: "justified" as const, note: NOTE };
    const entries = await entriesOf(world, async () => {
      const outcome = await site.access.closeReview(given, self, "POST /api/reviews/close");
      expect(outcome).toEqual({ kind: "own-review" });
    });
    expect(entries).toMatchObject([{ event: "access.refused", detail: '{"why": "own-review"}' }]);
    expect(await reviewOf(id)).not.toHaveProperty("closed");
  });

  it("is not closed by the person whom it is about in the database either", async () => {
    const { id } = await opened();
    const forged = world.tamper(
      `UPDATE break_glass SET reviewed_at = 1, reviewed_by = staff_id, verdict = 'justified',
         note = reason WHERE id = $1`,
      [id],
    );
    await expect(forged).rejects.toThrow("check constraint");
  });

  it("that was closed with SQL is not taken as closed (SR-26)", async () => {
    const { id } = await opened();
    await world.tamper(
      `UPDATE break_glass SET reviewed_at = 1, reviewed_by = $2, verdict = 'justified',
         note = reason WHERE id = $1`,
      [id, officer.staff.id],
    );
    const { reviews: list, altered } = await reviews();
    expect(list.map((review) => review.id)).not.toContain(id);
    expect(altered).toBe(1);
    expect((await close(id)).status).toBe(500);
    await world.tamper("DELETE FROM break_glass");
  });

  it("is closed by nobody but privacy officers, with a fresh proof of who they are (SR-20)", async () => {
    const { id } = await opened();
    const administrator = await site.signIn("Ada Administrator", "administrator");
    const doctor = await site.signIn("Dr. Colleague", "doctor");
    for (const person of [nurse, doctor, administrator]) {
      expect((await close(id, {}, person)).status).toBe(403);
      expect((await site.ask({ url: "/api/reviews" }, person)).status).toBe(403);
    }
    world.clock.skewWall(STEP_UP_LIMIT_MS);
    expect((await close(id)).body).toContain("urn:siphms:problem:step-up-required");
    expect(await reviewOf(id)).not.toHaveProperty("closed");
  });

  it.each([
    [400, { note: "short" }],
    [400, { note: `${" ".repeat(20)}x` }],
    [400, { verdict: "fine" }],
    [400, { id: "0" }],
    [400, { id: "1 OR 1=1" }],
    [400, { by: "1" }],
    [404, { id: "999999" }],
  ])("is refused with %d for %j (SR-24)", async (status, change) => {
    const { id } = await opened();
    expect((await close(id, change)).status).toBe(status);
    expect(await reviewOf(id)).not.toHaveProperty("closed");
  });
});
