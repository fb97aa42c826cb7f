import { randomUUID } from "node:crypto";
import {
  BACKGROUND_HEADER,
  SESSION_COOKIE,
  type ChangedDevice,
  type Invitation,
  type PatientDevices,
  type Registry,
} from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import { parseInvitationLink } from "@siphms/messages";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { auditNameOfDevice } from "../audit/index.ts";
import { INVITATION_LIFETIME_MS, type DeviceChange } from "../enrolment/index.ts";
import { putInCare } from "../testing/access-world.ts";
import { entriesOf } from "../testing/audit-entries.ts";
import {
  createConsoleWorld,
  type ConsoleWorld,
  type TestPerson,
} from "../testing/console-world.ts";
import {
  addPatient,
  bindDevice,
  createHospitalWorld,
  HOSPITAL,
  storeBatch,
  type HospitalWorld,
} from "../testing/hospital-world.ts";

const NURSE = "Nurse Registering";
let world: HospitalWorld;
let site: ConsoleWorld;
let nurse: TestPerson;
let administrator: TestPerson;
let patient: string;

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
  await site.desk.add({ name: "Dr. Named", role: "doctor" });
});
afterAll(() => world.close());

beforeEach(async () => {
  nurse = await site.signIn(NURSE, "nurse");
  administrator = await site.signIn("Ada Administrator", "administrator");
  patient = randomUUID();
  await addPatient(world, { id: patient, mrn: patient });
  await putInCare(world, NURSE, patient);
});

const post = (url: string, payload: object | undefined, person: TestPerson) =>
  site.ask({ method: "POST", url, ...(payload === undefined ? {} : { payload }) }, person);
const postTo = (part: string, payload?: object, person = nurse) =>
  post(`/api/patients/${patient}/${part}`, payload, person);
const devicesOf = async (person = nurse) => {
  const answer = await site.ask({ url: `/api/patients/${patient}/devices` }, person);
  expect(answer.status).toBe(200);
  return answer.json<PatientDevices>();
};
const registryOf = async () =>
  (await site.ask({ url: "/api/registry" }, administrator)).json<Registry>();

const bind = async (change: DeviceChange, patientId = patient) => {
  const bound = await bindDevice(world, patientId, change);
  return { ...bound, kid: toBase64Url(bound.device.kid) };
};

describe("registering a patient at the console", () => {
  const person = { name: "Cara Invented", birthDate: "1950-07-01" };
  const register = (more: object, who: TestPerson) =>
    post("/api/patients", { ...person, mrn: randomUUID(), ...more }, who);
  const carersOf = async (id: string) =>
    (await registryOf()).patients.find((one) => one.id === id)?.carers;

  it("puts the patient into the care of the nurse or doctor who does it", async () => {
    const answer = await register({ sex: "F", problem: "Heart failure" }, nurse);
    const { patient: id } = answer.json<{ patient: string }>();
    expect((await site.ask({ url: `/api/patients/${id}` }, nurse)).status).toBe(200);
    expect(await carersOf(id)).toBe(1);
  });

  it("names a doctor who registers as the doctor in charge", async () => {
    const doctor = await site.signIn("Dr. Named", "doctor");
    const { patient: id } = (await register({}, doctor)).json<{ patient: string }>();
    const listed = (await registryOf()).patients.find((one) => one.id === id);
    expect(listed).toMatchObject({ doctor: "Dr. Named", carers: 1 });
  });

  it("leaves the patient in nobody's care where an administrator names no doctor", async () => {
    const { patient: id } = (await register({}, administrator)).json<{ patient: string }>();
    expect(await carersOf(id)).toBe(0);
    const named = await register({ doctor: "Dr. Named" }, administrator);
    expect(await carersOf(named.json<{ patient: string }>().patient)).toBe(1);
  });

  it.each<[string, object, number]>([
    ["a date that the calendar has not", { birthDate: "2026-02-30" }, 400],
    ["no name", { name: "" }, 400],
    ["a record number of spaces", { mrn: " " }, 400],
    ["a demo's clock, which no person has", { demo: { anchor: 1, start: 1, speed: 1 } }, 400],
    ["a member that there is not", { carers: 7 }, 400],
    ["a doctor, who is the administrator's to name", { doctor: "Dr. Named" }, 400],
  ])("is refused with %s", async (_what, change, status) => {
    expect((await register(change, nurse)).status).toBe(status);
  });

  it("is refused with a record number that is taken, and for a doctor whom nobody knows", async () => {
    expect((await register({ mrn: patient }, nurse)).status).toBe(409);
    expect((await register({ doctor: "Dr. Nobody" }, administrator)).status).toBe(409);
    expect((await register({ doctor: NURSE }, administrator)).status).toBe(409);
  });
});

describe("the administrator's list", () => {
  it("says who is registered and what is bound to them, and nothing clinical (SR-24)", async () => {
    const phone = await bind({ code: "123456" });
    const now = world.clock.now();
    const series = [{ kind: 1, start: now, step: 0, values: [70], origin: 0 }] as const;
    await storeBatch(world, phone, { receivedAt: now, series });
    const answer = await site.ask({ url: "/api/registry" }, administrator);
    for (const secret of ["Heart failure", "heart-rate", "123456"]) {
      expect(answer.body).not.toContain(secret);
    }
    const listed = answer.json<Registry>().patients.find(({ id }) => id === patient);
    expect(listed).toEqual({
      ...{ id: patient, mrn: patient, name: "Ada Invented", birthDate: "1950-07-01" },
      registered: now,
      carers: 1,
      devices: [
        { kid: phone.kid, name: "kitchen phone", state: "pending", enrolled: now, code: "shown" },
      ],
      // The test's device has an invitation that nobody redeemed and that is nearly over.
      invitedUntil: now + 1,
    });
  });

  it("leaves out what is over", async () => {
    await bind({ state: "revoked", endedAt: world.clock.now() });
    const listed = (await registryOf()).patients.find(({ id }) => id === patient);
    expect(listed?.devices).toEqual([]);
  });

  it("is noted for each patient, for the hospital's operations", async () => {
    const noted = await entriesOf(world, registryOf);
    const { rows } = await world.database.query("SELECT count(*) AS all FROM patients");
    expect(noted).toHaveLength(rows[0]?.number("all") ?? 0);
    expect(noted[0]).toMatchObject({ object: "registry", purpose: "operations" });
  });
});

describe("a patient's devices", () => {
  it("are shown with who confirmed them, what waits first", async () => {
    const confirmedBy = `staff:${String(nurse.staff.id)}`;
    const active = await bind({ state: "active", confirmedAt: world.clock.now(), confirmedBy });
    const pending = await bind({});
    const { patient: identity, devices } = await devicesOf();
    expect(identity).toEqual({
      ...{ id: patient, mrn: patient, name: "Ada Invented", birthDate: "1950-07-01" },
    });
    expect(devices).toMatchObject([
      { kid: pending.kid, state: "pending", code: "waiting" },
      { kid: active.kid, state: "active", confirmed: { by: NURSE } },
    ]);
  });

  it("tell their sensors and batteries to who has the patient in care, and to nobody else", async () => {
    const phone = await bind({ state: "active" });
    const receivedAt = world.clock.now();
    const sensor = { manufacturer: "Invented", model: "Cuff 7", batteryPercent: 40 };
    const send = (start: number, batteryPercent: number) =>
      storeBatch(world, phone, {
        receivedAt,
        series: [
          {
            ...{ kind: 1, start, step: 1, values: [70, 71], origin: 0 },
            sensor: { ...sensor, batteryPercent },
          },
        ],
      });
    await send(receivedAt - 1000, 40);
    await send(receivedAt - 2000, 90);
    expect((await devicesOf()).devices[0]?.sensors).toEqual([
      { name: "Invented Cuff 7", batteryPercent: 40, at: receivedAt - 999 },
    ]);
    expect((await devicesOf(administrator)).devices[0]?.sensors).toBeUndefined();
  });

  it("are not somebody else's (SR-23)", async () => {
    const stranger = await site.signIn("Nurse Stranger", "nurse");
    const answer = await site.ask({ url: `/api/patients/${patient}/devices` }, stranger);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain("Ada Invented");
  });
});

describe("an invitation", () => {
  it.each(["nurse", "administrator"] as const)(
    "is made by the %s, shown once, and ends",
    async (who) => {
      const person = who === "nurse" ? nurse : administrator;
      const { link, expires } = (await postTo("invitations", undefined, person)).json<Invitation>();
      expect(expires).toBe(world.clock.now() + INVITATION_LIFETIME_MS);
      const invitation = await parseInvitationLink(link, world.crypto);
      expect(invitation.hospitalId).toBe(HOSPITAL.hospitalId);
      expect((await devicesOf()).invitedUntil).toBe(expires);
      expect((await registryOf()).patients.find(({ id }) => id === patient)?.invitedUntil).toBe(
        expires,
      );
      world.clock.skewWall(INVITATION_LIFETIME_MS);
      nurse = await site.signIn(NURSE, "nurse");
      expect((await devicesOf()).invitedUntil).toBeUndefined();
    },
  );
});

describe("a screen that stays open", () => {
  const look = (part: string, person: TestPerson, background = true) =>
    site.server.inject({
      url: `/api/${part}`,
      headers: {
        ...{ host: "localhost:8090", "sec-fetch-site": "same-origin" },
        ...(background ? { [BACKGROUND_HEADER]: "1" } : {}),
      },
      cookies: { [SESSION_COOKIE]: person.token },
    });
  const notedOf = async (part: string, person: TestPerson, background?: boolean) =>
    (
      await entriesOf(world, async () => {
        expect((await look(part, person, background)).statusCode).toBe(200);
      })
    ).filter(({ subject }) => subject === patient);

  it.each(["devices", "messages", "registry"])(
    "is one look for five minutes, and what a person does is noted each time: %s (SR-58)",
    async (what) => {
      const part = what === "registry" ? what : `patients/${patient}/${what}`;
      const person = what === "registry" ? administrator : nurse;
      expect(await notedOf(part, person)).toMatchObject([
        { event: "data.disclosed", object: what },
      ]);
      expect(await notedOf(part, person)).toEqual([]);
      expect(await notedOf(part, person, false)).toHaveLength(1);
      const other = await site.signIn(person.staff.name, person.staff.role as "nurse");
      expect(await notedOf(part, other)).toHaveLength(1);
      // An administrator's session would end if nothing were done for so long.
      world.clock.skewWall(150_000);
      expect(await notedOf(part, person, false)).toHaveLength(1);
      expect(await notedOf(part, person)).toEqual([]);
      world.clock.skewWall(150_000);
      expect(await notedOf(part, person)).toHaveLength(1);
    },
  );
});

describe("the six digits", () => {
  const confirm = (code: string, person = nurse) => postTo("enrolments/confirm", { code }, person);

  it("make the device active whose they are, and say who compared them", async () => {
    const phone = await bind({ code: "123456" });
    const noted = await entriesOf(world, async () => {
      const answer = await confirm("123456");
      expect(answer.json<ChangedDevice>()).toEqual({ kid: phone.kid, state: "active" });
    });
    const actor = `staff:${String(nurse.staff.id)}`;
    expect(noted).toMatchObject([{ event: "device.confirmed", actor, outcome: "done" }]);
    expect((await devicesOf()).devices[0]).toMatchObject({
      state: "active",
      confirmed: { by: NURSE },
    });
  });

  it("that are others are refused and counted, and leave everything as it is", async () => {
    await bind({ code: "123456" });
    const noted = await entriesOf(world, async () => {
      const answer = await confirm("654321");
      expect(answer.status).toBe(422);
      expect(answer.body).toContain("code-refused");
    });
    expect(noted).toMatchObject([
      { event: "device.confirmed", outcome: "refused", subject: patient },
    ]);
    expect((await devicesOf()).devices[0]?.state).toBe("pending");
  });

  it("that are wrong for the fifth time drop the device: the right ones come too late (SR-10) [HS-312d]", async () => {
    const elsewhere = await bind({ code: "111111" });
    for (let tried = 1; tried <= 4; tried += 1) {
      expect((await confirm("654321")).status).toBe(422);
    }
    const phone = await bind({ code: "123456" });
    const noted = await entriesOf(world, async () => {
      const answer = await confirm("654321");
      expect([answer.status, answer.body.includes("new invitation")]).toEqual([409, true]);
    });
    expect(noted.map(({ event, outcome, object }) => [event, outcome, object])).toEqual([
      ["device.confirmed", "refused", auditNameOfDevice(elsewhere.device.kid)],
      ["device.dropped", "done", auditNameOfDevice(elsewhere.device.kid)],
      ["device.confirmed", "refused", auditNameOfDevice(phone.device.kid)],
    ]);
    expect((await confirm("111111")).status).toBe(422);
    // The other one was tried twice only.
    expect((await confirm("123456")).status).toBe(200);
    expect((await devicesOf()).devices.map(({ state }) => state)).toEqual(["active", "dropped"]);
  });

  it("are guessed no more often by many at once", async () => {
    await bind({ code: "123456" });
    const guesses = Array.from({ length: 8 }, (_, at) => confirm(`00000${String(at)}`));
    const statuses = (await Promise.all(guesses)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 422)).toHaveLength(4);
    expect(statuses.filter((status) => status === 409)).toHaveLength(4);
  });

  it("are refused before the phone shows any, where nothing waits, and of another patient's phone", async () => {
    expect((await confirm("123456")).status).toBe(409);
    await bind({});
    expect((await confirm("123456")).status).toBe(422);
    const other = randomUUID();
    await addPatient(world, { id: other, mrn: other });
    await bind({ code: "123456" }, other);
    expect((await confirm("123456")).status).toBe(422);
  });

  it.each(["12345", "1234567", "12345a", ""])("are six digits, not %j", async (code) => {
    expect((await confirm(code)).status).toBe(400);
  });

  it("are shown to nobody of staff", async () => {
    await bind({ code: "123456" });
    const answer = await site.ask({ url: `/api/patients/${patient}/devices` }, nurse);
    expect(answer.body).not.toContain("123456");
  });
});

describe("a lost phone", () => {
  it("is taken away after an identity check, and another is invited", async () => {
    const phone = await bind({ state: "active" });
    const noted = await entriesOf(world, async () => {
      const facts = ["record-number", "birth-date"];
      expect((await postTo("identity-checks", { facts })).status).toBe(204);
      expect((await postTo("devices/revoke", { kid: phone.kid })).json()).toEqual({
        ...{ kid: phone.kid, state: "revoked" },
      });
      expect((await postTo("invitations")).status).toBe(200);
    });
    expect(noted.map(({ event }) => event)).toEqual([
      "patient.identity-checked",
      "device.revoked",
      "invitation.made",
    ]);
    expect(noted[0]).toMatchObject({
      subject: patient,
      detail: '{"facts": "birth-date record-number"}',
    });
  });

  it.each<[string, object]>([
    ["one fact alone", { facts: ["name"] }],
    ["one fact twice", { facts: ["name", "name"] }],
    ["a fact that there is not", { facts: ["name", "shoe-size"] }],
    ["what was said", { facts: ["name", "address"], said: "1 Main Street" }],
  ])("is nobody's after %s", async (_what, body) => {
    expect((await postTo("identity-checks", body)).status).toBe(400);
  });

  it("of another patient is not taken away under this patient's address (SR-23)", async () => {
    const other = randomUUID();
    await addPatient(world, { id: other, mrn: other });
    const phone = await bind({ state: "active" }, other);
    for (const person of [nurse, administrator]) {
      expect((await postTo("devices/revoke", { kid: phone.kid }, person)).status).toBe(404);
    }
    const noted = await entriesOf(world, async () => {
      expect((await postTo("devices/revoke", { kid: "A".repeat(11) })).status).toBe(404);
    });
    expect(noted).toMatchObject([
      { event: "access.refused", subject: patient, detail: '{"why": "not-of-patient"}' },
    ]);
    const { rows } = await world.database.query("SELECT state FROM devices WHERE id = $1", [
      phone.device.id,
    ]);
    expect(rows[0]?.text("state")).toBe("active");
  });
});
