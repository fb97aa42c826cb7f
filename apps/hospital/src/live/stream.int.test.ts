import { randomUUID } from "node:crypto";
import http from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { SESSION_COOKIE } from "@siphms/api";
import { samples, type Series } from "@siphms/messages";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsoleServer } from "../app.ts";
import type { StoredEvent } from "../ingest/index.ts";
import { createRecords } from "../records/index.ts";
import type { AccessDesk } from "../access/index.ts";
import { createStaffDesk, IDLE_LIMIT_MS, type StaffDesk } from "../staff/index.ts";
import { createTestAccess, putInCare } from "../testing/access-world.ts";
import { createTestDesks } from "../testing/console-desks.ts";
import {
  addDevice,
  addPatient,
  createHospitalWorld,
  log,
  storeBatch,
  type HospitalWorld,
  type TestDevice,
} from "../testing/hospital-world.ts";
import { createBroadcast, createLiveHub, type Broadcast, type LiveHub } from "./index.ts";

let world: HospitalWorld;
let desk: StaffDesk;
let access: AccessDesk;
let hub: LiveHub;
let broadcast: Broadcast;
let server: FastifyInstance;
let origin: string;
let phone: TestDevice;
/** A patient in nobody's care. */
const STRANGER = randomUUID();
const DOCTOR = "Somebody in role doctor";

const freePort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
};

beforeAll(async () => {
  world = await createHospitalWorld();
  const { database, keyring, crypto, clock } = world;
  const port = await freePort();
  origin = `http://127.0.0.1:${String(port)}`;
  desk = createStaffDesk({
    endLostCare: createTestAccess(world).endLostCare,
    database,
    keyring,
    crypto,
    clock,
    demo: true,
    consoleOrigin: origin,
  });
  hub = createLiveHub("run");
  const records = createRecords({ database, keyring });
  broadcast = createBroadcast({ hub, records, log });
  access = createTestAccess(world, {
    onChanged: (staffId) => {
      hub.accessChanged(staffId);
    },
    onBreakGlass: (id) => {
      broadcast.breakGlass({ id: String(id) });
    },
  });
  server = await createConsoleServer({
    ...createTestDesks(world),
    ...{ log, origin, database, keyring, clock, desk, access, records, hub },
    demo: true,
    files: new Map(),
    recheckMs: 10,
  });
  await server.listen({ host: "127.0.0.1", port });
  const id = randomUUID();
  await addPatient(world, { id, mrn: "A-1" });
  phone = await addDevice(world, id);
  await addPatient(world, { id: STRANGER, mrn: "A-2" });
  await desk.add({ name: DOCTOR, role: "doctor" });
  await putInCare(world, DOCTOR, id);
});

afterAll(async () => {
  hub.close();
  await server.close();
  await world.close();
});

type TestRole = "administrator" | "doctor" | "nurse" | "privacy-officer";

const signIn = async (role: TestRole = "doctor", name = `Somebody in role ${role}`) => {
  const made = await desk.add({ name, role });
  if (made.kind !== "added") throw new Error(made.kind);
  const opened = await desk.open(new URL(made.link).hash.slice(1), undefined);
  if (opened.kind !== "opened") throw new Error(opened.kind);
  return opened.token;
};

const openStream = async (headers: Record<string, string>) => {
  const request = http.get(`${origin}/api/live`, { headers });
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", reject);
  });
  response.setEncoding("utf8");
  let text = "";
  const waiting: { readonly pattern: RegExp; readonly found: () => void }[] = [];
  response.on("data", (part: string) => {
    text += part;
    for (const { pattern, found } of waiting) if (pattern.test(text)) found();
  });
  const ended = new Promise<void>((resolve) => response.once("close", () => resolve()));
  return {
    response,
    ended,
    text: () => text,
    until: (pattern: RegExp) =>
      new Promise<void>((found) => {
        waiting.push({ pattern, found });
        if (pattern.test(text)) found();
      }),
    close: () => request.destroy(),
  };
};

const cookieOf = (token: string) => ({ cookie: `${SESSION_COOKIE}=${token}` });
const asBrowser = (token: string) => ({ ...cookieOf(token), "sec-fetch-site": "same-origin" });

const store = async (at: number, value: number): Promise<StoredEvent> => {
  const series: Series = { kind: 1, start: at, step: 0, values: [value], origin: 0 };
  const messageId = await storeBatch(world, phone, { receivedAt: at, series: [series] });
  const stored: ReturnType<StoredEvent["samples"]> = [...samples(series)].map((sample) => ({
    kind: 1,
    at: sample.at,
    value: sample.value,
    origin: 0,
    late: false,
  }));
  return {
    patientId: phone.device.patientId,
    deviceId: phone.device.id,
    kid: phone.device.kid,
    messageId,
    receivedAt: at,
    sampleCount: stored.length,
    quarantinedSamples: 0,
    newest: stored.slice(-1),
    samples: () => stored,
  };
};

describe("the live stream", () => {
  it("shows a stored batch with the patient's new latest values", async () => {
    const stream = await openStream(asBrowser(await signIn()));
    expect(stream.response.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
    });
    const event = await store(world.clock.now(), 77);
    broadcast.stored(event);
    await stream.until(/event: reading\ndata: .*\n\n/);
    const data: unknown = JSON.parse(/event: reading\ndata: (.*)\n/.exec(stream.text())?.[1] ?? "");
    expect(data).toMatchObject({
      patient: event.patientId,
      latest: [{ kind: "heart-rate", value: 77, unit: "/min", late: false }],
      runs: [{ values: [77], step: 0, state: "stored" }],
      lastContact: event.receivedAt,
      quarantinedSamples: 0,
    });
    expect(stream.text()).toMatch(/id: run-\d+\nevent: reading/);
    stream.close();
  });

  it("goes on where the browser stood", async () => {
    const token = await signIn();
    const { patientId: patient } = phone.device;
    broadcast.enrolment({ patient, state: "pending" });
    const stream = await openStream(asBrowser(token));
    broadcast.enrolment({ patient, state: "active" });
    await stream.until(/active/);
    const id = /id: (run-\d+)\nevent: enrolment\ndata: .*"active"/.exec(stream.text())?.[1];
    stream.close();
    broadcast.enrolment({ patient, state: "revoked" });
    const again = await openStream({ ...asBrowser(token), "last-event-id": id ?? "" });
    await again.until(/revoked/);
    expect(again.text()).not.toContain("active");
    expect(again.text()).not.toContain("pending");
    again.close();
  });

  it("ends when the same browser opens another", async () => {
    const token = await signIn();
    const first = await openStream(asBrowser(token));
    const second = await openStream(asBrowser(token));
    await first.ended;
    second.close();
  });

  it("ends when its session is signed out (SR-49)", async () => {
    const token = await signIn();
    const stream = await openStream(asBrowser(token));
    await desk.end(token);
    await stream.ended;
  });

  it("ends at the idle limit, which it does not extend (SR-17) [HS-312a2iii]", async () => {
    const stream = await openStream(asBrowser(await signIn()));
    world.clock.skewWall(IDLE_LIMIT_MS);
    await stream.ended;
  });

  it.each<[string, (token: string) => Record<string, string>, number]>([
    ["without a cookie", () => ({ "sec-fetch-site": "same-origin" }), 401],
    ["with somebody's guess", () => asBrowser("A".repeat(43)), 401],
    ["without proof of where it comes from", cookieOf, 403],
    [
      "from another site",
      (token) => ({ ...asBrowser(token), "sec-fetch-site": "cross-site" }),
      403,
    ],
    [
      "with a foreign Origin",
      (token) => ({ ...asBrowser(token), origin: "http://evil.example" }),
      403,
    ],
  ])("is refused %s (SR-49)", async (_what, headers, status) => {
    const stream = await openStream(headers(await signIn()));
    expect(stream.response.statusCode).toBe(status);
    stream.close();
  });

  it("is not for administrators", async () => {
    const stream = await openStream(asBrowser(await signIn("administrator")));
    expect(stream.response.statusCode).toBe(403);
    stream.close();
  });
});

describe("a person's live stream", () => {
  /** A nurse of her own with one patient of her own, and a stream that is open. */
  const openNurse = async (name: string) => {
    const patient = randomUUID();
    const kept = randomUUID();
    await addPatient(world, { id: patient, mrn: `${name}-1` });
    await addPatient(world, { id: kept, mrn: `${name}-2` });
    const token = await signIn("nurse", name);
    await putInCare(world, name, patient);
    await putInCare(world, name, kept);
    const stream = await openStream(asBrowser(token));
    const tell = (id: string) => {
      broadcast.patient({ patient: id });
    };
    /** Waits until one more event about the other patient has come, behind everything that was told before. */
    const settle = async () => {
      const times = stream.text().split(kept).length;
      tell(kept);
      await stream.until(new RegExp(`(${kept}[^]*){${String(times)}}`));
    };
    return { patient, kept, token, stream, tell, settle, mrn: `${name}-1` };
  };

  it("shows nothing of a patient in nobody's or in somebody else's care (SR-23) [HS-312a1]", async () => {
    const { stream, settle, tell } = await openNurse("Nurse Own");
    tell(STRANGER);
    tell(phone.device.patientId);
    broadcast.enrolment({ patient: STRANGER, state: "active" });
    broadcast.stored(await store(world.clock.now(), 78));
    await settle();
    expect(stream.text()).not.toContain(STRANGER);
    expect(stream.text()).not.toContain(phone.device.patientId);
    expect(stream.text()).not.toContain("enrolment");
    stream.close();
  });

  it("shows nothing more from the moment at which a relation ends (SR-25) [HS-312a1]", async () => {
    const { stream, settle, tell, patient, mrn } = await openNurse("Nurse Ending");
    tell(patient);
    await stream.until(new RegExp(patient));
    await access.endCare({ staff: "Nurse Ending", mrn }, "operator");
    tell(patient);
    await stream.until(/event: reload/);
    tell(patient);
    await settle();
    expect(stream.text().split(patient)).toHaveLength(2);
    stream.close();
  });

  it("shows nothing more when a relation has ended by the clock (SR-25)", async () => {
    const { stream, settle, tell } = await openNurse("Nurse Shift");
    const until = world.clock.now() + 1000;
    const opened = await access.beginCare({ staff: "Nurse Shift", mrn: "A-2", until }, "operator");
    expect(opened.kind).toBe("begun");
    await stream.until(/event: reload/);
    tell(STRANGER);
    await stream.until(new RegExp(STRANGER));
    world.clock.skewWall(1000);
    tell(STRANGER);
    await settle();
    expect(stream.text().split(STRANGER)).toHaveLength(2);
    stream.close();
  });

  it("shows nothing more of a relation that was altered in the database (SR-25, SR-26)", async () => {
    const { stream, settle, tell, patient } = await openNurse("Nurse Altered");
    await world.tamper("UPDATE care_relations SET made_by = 'somebody' WHERE patient_id = $1", [
      patient,
    ]);
    await stream.until(/event: reload/);
    tell(patient);
    await settle();
    expect(stream.text()).not.toContain(patient);
    stream.close();
  });

  it("is not opened to another patient by a row moved in the database (SR-26)", async () => {
    const { stream, settle, tell, patient } = await openNurse("Nurse Moved");
    await world.tamper("UPDATE care_relations SET patient_id = $1 WHERE patient_id = $2", [
      STRANGER,
      patient,
    ]);
    await stream.until(/event: reload/);
    tell(STRANGER);
    await settle();
    expect(stream.text()).not.toContain(STRANGER);
    stream.close();
  });

  it("sends what was kept for it and nothing of others when it comes back (SR-23)", async () => {
    const { stream, settle, tell, token, patient } = await openNurse("Nurse Back");
    await settle();
    const id = /id: (run-\d+)\n/.exec(stream.text())?.[1] ?? "";
    stream.close();
    await stream.ended;
    tell(STRANGER);
    tell(patient);
    const again = await openStream({ ...asBrowser(token), "last-event-id": id });
    await again.until(new RegExp(patient));
    expect(again.text()).not.toContain(STRANGER);
    again.close();
  });

  it("begins to show a patient who comes into their care, and says that the list is another", async () => {
    const { stream, tell } = await openNurse("Nurse Taking");
    await putInCareAt("Nurse Taking", "A-2");
    await stream.until(/event: reload/);
    tell(STRANGER);
    await stream.until(new RegExp(STRANGER));
    stream.close();
  });

  const putInCareAt = async (staff: string, mrn: string) => {
    const outcome = await access.beginCare({ staff, mrn }, "operator");
    expect(outcome.kind).toBe("begun");
  };

  it("ends when the person's role was altered in the database (SR-26)", async () => {
    const { stream } = await openNurse("Nurse Promoted");
    await world.tamper("UPDATE staff SET role = 'doctor' WHERE name = 'Nurse Promoted'");
    await stream.ended;
    await world.tamper("UPDATE staff SET role = 'nurse' WHERE name = 'Nurse Promoted'");
  });

  it("is noted for each patient whom it may show, once [HS-312b]", async () => {
    const { stream, settle, patient } = await openNurse("Nurse Noted");
    await settle();
    const { rows } = await world.database.query(
      `SELECT purpose FROM audit_events
       WHERE subject = $1 AND event = 'data.disclosed' AND object = 'live'`,
      [patient],
    );
    expect(rows.map((row) => row.text("purpose"))).toEqual(["treatment"]);
    stream.close();
  });

  it("tells privacy officers at once of a record opened in an emergency, and nobody else [HS-312a2ii]", async () => {
    const { stream: nurse, settle } = await openNurse("Nurse Breaking");
    const officer = await openStream(asBrowser(await signIn("privacy-officer")));
    const doctor = await openStream(asBrowser(await signIn()));
    const staff = (await desk.list()).find(({ name }) => name === "Nurse Breaking");
    if (staff === undefined) throw new Error("no such nurse");
    const wanted = { mrn: "A-2", reason: "Found unconscious on the stairs" };
    const outcome = await access.breakGlass(wanted, staff, "test");
    if (outcome.kind !== "opened") throw new Error(outcome.kind);
    await officer.until(
      new RegExp(`event: break-glass\\ndata: \\{"id":"${String(outcome.access.id)}"\\}`),
    );
    await nurse.until(/event: reload/);
    await settle();
    broadcast.patient({ patient: phone.device.patientId });
    await doctor.until(new RegExp(phone.device.patientId));
    expect(officer.text()).not.toContain(phone.device.patientId);
    for (const stream of [nurse, doctor]) expect(stream.text()).not.toContain("break-glass");
    for (const stream of [nurse, doctor, officer]) stream.close();
  });
});
