import { fromBase64Url, toBase64Url } from "@siphms/cose";
import { parseInvitationLink } from "@siphms/messages";
import { createHealth, createMetrics } from "@siphms/server-kit";
import type { FastifyInstance } from "fastify";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createOperatorServer } from "../app.ts";
import type { Transaction } from "../database/index.ts";
import {
  changeDevice,
  createEnrolmentDesk,
  findDeviceByKid,
  INVITATION_LIFETIME_MS,
  lockInvitationByToken,
  type Device,
} from "../enrolment/index.ts";
import { countIngest } from "../ingest/index.ts";
import { createRecords } from "../records/index.ts";
import { createNoticeDesk } from "../notices/index.ts";
import { createKekDesk } from "./kek-desk.ts";
import { createKeyDesk } from "./key-desk.ts";
import { registrationOf } from "../registration.ts";
import { createStaffDesk } from "../staff/index.ts";
import { createTestAccess } from "../testing/access-world.ts";
import {
  addDevice,
  CONSOLE_ORIGIN,
  createHospitalWorld,
  HOSPITAL,
  log,
  storeBatch,
  type HospitalWorld,
  type TestDevice,
} from "../testing/hospital-world.ts";
import { logInMachine, type MachineHeaders } from "../testing/machine.ts";

const APP_ORIGIN = "http://localhost:8091";
const GATEWAY = "http://127.0.0.1:8080";

let world: HospitalWorld;
let told: string[];
let closeSessions: (tx: Transaction, deviceId: number) => Promise<void>;
let server: FastifyInstance;
let headers: MachineHeaders;

const createOperator = (demo: boolean): FastifyInstance => {
  const { database, keyring, crypto, clock, keys } = world;
  const enrolment = createEnrolmentDesk({
    ...{ database, keyring, crypto, clock, demo, keys },
    beginCare: createTestAccess(world).beginCareWithin,
    hospital: { id: HOSPITAL.hospitalId, name: HOSPITAL.hospitalName },
    gatewayUrl: GATEWAY,
    appOrigin: APP_ORIGIN,
    closeSessions: (tx, deviceId) => closeSessions(tx, deviceId),
    notifyActive: (_tx, deviceId) => {
      told.push(`active ${String(deviceId)}`);
      return Promise.resolve();
    },
    onPatient: () => told.push("patient"),
    onBinding: (_patient, state) => told.push(`binding ${state}`),
  });
  return createOperatorServer({
    ...{ log, database, keyring, clock, enrolment },
    staff: createStaffDesk({
      endLostCare: createTestAccess(world).endLostCare,
      ...{ database, keyring, crypto, clock, demo },
      consoleOrigin: CONSOLE_ORIGIN,
      hospitalId: HOSPITAL.hospitalId,
    }),
    access: createTestAccess(world),
    records: createRecords({ database, keyring }),
    health: createHealth([]),
    metrics: createMetrics(),
    registration: () => registrationOf({ ...world, installation: HOSPITAL }, APP_ORIGIN),
    check: () => Promise.resolve({ ok: true, findings: [], swept: {} }),
    counters: () => countIngest(database),
    witnesses: [],
    keys: createKeyDesk({ ...world, hospitalId: HOSPITAL.hospitalId }),
    kek: createKekDesk({
      ...{ database, keyring, clock, hospitalId: HOSPITAL.hospitalId, options: {} },
      source: { kind: "command", program: "/bin/false", arguments: [] },
    }),
    mergeEntries: () => Promise.resolve({ files: [] }),
    notices: createNoticeDesk({
      ...{ database, keyring, clock },
      queueNotice: () => Promise.resolve(true),
    }),
  });
};

beforeAll(async () => {
  world = await createHospitalWorld();
});

afterAll(() => world.close());

beforeEach(async () => {
  told = [];
  closeSessions = (_tx, deviceId) => {
    told.push(`closed ${String(deviceId)}`);
    return Promise.resolve();
  };
  server = createOperator(true);
  headers = await logInMachine(server, world);
});

afterEach(() => server.close());

const post = (url: string, payload: object) =>
  server.inject({ method: "POST", url, payload, headers: { ...headers } });
const get = (url: string) => server.inject({ method: "GET", url, headers: { ...headers } });

let count = 0;
const register = async (more: object = {}) => {
  const mrn = `MRN-${String(++count)}`;
  const patient = { mrn, name: "Ada Invented", birthDate: "1950-07-01", ...more };
  const answer = await post("/operator/patients", patient);
  return { mrn, patient: answer.json<{ patient: string }>().patient, answer };
};

const withCode = async (code: string): Promise<{ mrn: string; phone: TestDevice }> => {
  const { mrn, patient } = await register();
  const phone = await addDevice(world, patient);
  await setCode(phone.device, code);
  return { mrn, phone };
};

const setCode = (device: Device, code: string) =>
  world.database.withTransaction((tx) =>
    changeDevice(tx, world.keyring, { device, change: { code } }),
  );

const stateOf = async ({ device }: TestDevice) =>
  (await findDeviceByKid(world.database, world.keyring, device.kid))?.state;

describe("registering a patient", () => {
  it("keeps everything that was said, and tells the screens", async () => {
    await post("/operator/staff", { name: "Dr. Invented", role: "doctor" });
    const said = {
      sex: "F",
      problem: "Heart failure",
      doctor: "dr. invented",
      lastVisit: "2026-01-02",
      demo: { anchor: 1, start: 2, speed: 0.1 },
      source: "recorded",
    };
    const { mrn, patient, answer } = await register(said);
    expect(answer.statusCode).toBe(200);
    expect((await get(`/operator/patients?mrn=${mrn}`)).json()).toEqual({
      patients: [
        {
          ...{ patient, mrn, name: "Ada Invented", birthDate: "1950-07-01" },
          ...said,
          doctor: "Dr. Invented",
          registered: world.clock.now(),
        },
      ],
    });
    expect(told).toEqual(["patient"]);
  });

  it("refuses a record number that is taken, also when two come at once", async () => {
    const twins = { mrn: "TWIN", name: "Ada Invented", birthDate: "1950-07-01" };
    const answers = await Promise.all([
      post("/operator/patients", twins),
      post("/operator/patients", twins),
    ]);
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409]);
    expect(told).toEqual(["patient"]);
  });

  it.each<[string, object, number]>([
    ["a date that the calendar lacks", { birthDate: "2026-02-30" }, 400],
    ["a date in words", { birthDate: "yesterday" }, 400],
    ["a doctor whom nobody knows", { doctor: "Dr. Nobody" }, 409],
    ["an empty name", { name: "" }, 400],
    ["an unknown member", { admin: true }, 400],
    ["a record number with a space in front", { mrn: " A" }, 400],
    ["a record number with a line break", { mrn: "A\nB" }, 400],
    ["a replay that stands still", { demo: { anchor: 0, start: 0, speed: 0 } }, 400],
  ])("refuses %s", async (_what, wrong, status) => {
    const { answer } = await register(wrong);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(told).toEqual([]);
  });

  it.each([{ demo: { anchor: 0, start: 0, speed: 1 } }, { source: "synthetic" }])(
    "refuses %j outside a demonstration",
    async (field) => {
      server = createOperator(false);
      const { answer } = await register(field);
      expect(answer.json()).toMatchObject({ type: "urn:siphms:problem:demo-only" });
    },
  );

  it("does not make a nurse a patient's doctor", async () => {
    await post("/operator/staff", { name: "Nurse Invented", role: "nurse" });
    expect((await register({ doctor: "Nurse Invented" })).answer.statusCode).toBe(409);
  });
});

describe("an invitation", () => {
  it("is a link that a device can read, good for a quarter of an hour", async () => {
    const { mrn, patient } = await register();
    const answer = await post("/operator/invitations", { mrn });
    const { link, expires } = answer.json<{ link: string; expires: number }>();
    expect(expires).toBe(world.clock.now() + INVITATION_LIFETIME_MS);
    expect(link.startsWith(`${APP_ORIGIN}/enrol#`)).toBe(true);
    const invitation = await parseInvitationLink(link, world.crypto);
    expect(invitation).toMatchObject({
      gatewayUrl: GATEWAY,
      hospitalId: HOSPITAL.hospitalId,
      hospitalName: HOSPITAL.hospitalName,
      expires,
    });
    expect(invitation.credential.bytes).toEqual(world.keys.identity.credential.bytes);
    const stored = await world.database.withTransaction((tx) =>
      lockInvitationByToken(tx, world.keyring, invitation.token),
    );
    expect(stored).toMatchObject({ patientId: patient, codesShown: 0, redeemedAt: null });
  });

  it("never has the same token twice, and none stands in the database", async () => {
    const { mrn } = await register();
    const links = await Promise.all([1, 2, 3].map(() => post("/operator/invitations", { mrn })));
    const tokens = await Promise.all(
      links.map(async (answer) => {
        const { link } = answer.json<{ link: string }>();
        return Buffer.from((await parseInvitationLink(link, world.crypto)).token).toString("hex");
      }),
    );
    expect(new Set(tokens).size).toBe(3);
    const { rows } = await world.database.query(
      "SELECT string_agg(i::text, ' ') AS dump FROM invitations i",
    );
    for (const token of tokens) expect(rows[0]?.text("dump")).not.toContain(token);
  });

  it("is not made for a patient whom nobody registered", async () => {
    expect((await post("/operator/invitations", { mrn: "NOBODY" })).statusCode).toBe(404);
  });
});

describe("confirming an enrolment", () => {
  it("makes the binding active, tells the device and takes the digits away", async () => {
    const { mrn, phone } = await withCode("012345");
    const device = toBase64Url(phone.device.kid);
    const waiting = (await get("/operator/enrolments")).json<object[]>();
    expect(waiting).toContainEqual({ device, mrn, code: "012345", state: "pending" });
    const answer = await post("/operator/enrolments/confirm", { mrn, code: "012345" });
    expect(answer.json()).toEqual({ device, mrn, state: "active" });
    expect(told).toEqual(["patient", `active ${String(phone.device.id)}`, "binding active"]);
    const after = (await get("/operator/enrolments")).json<object[]>();
    expect(after).toContainEqual({ device, mrn, code: "", state: "active" });
  });

  it.each(["012346", "543210", "000000"])(
    "with the other digits %s changes nothing",
    async (code) => {
      const { mrn, phone } = await withCode("012345");
      const answer = await post("/operator/enrolments/confirm", { mrn, code });
      expect(answer.statusCode).toBe(422);
      expect(await stateOf(phone)).toBe("pending");
      expect(told).toEqual(["patient"]);
    },
  );

  it("of another patient with the right digits changes nothing", async () => {
    const { phone } = await withCode("111111");
    const other = await withCode("222222");
    const wrong = { mrn: other.mrn, code: "111111" };
    expect((await post("/operator/enrolments/confirm", wrong)).statusCode).toBe(422);
    expect(await stateOf(phone)).toBe("pending");
    expect(await stateOf(other.phone)).toBe("pending");
  });

  it("before there are digits is refused", async () => {
    const { mrn, patient } = await register();
    const phone = await addDevice(world, patient);
    const answer = await post("/operator/enrolments/confirm", { mrn, code: "000000" });
    expect(answer.statusCode).toBe(422);
    expect(await stateOf(phone)).toBe("pending");
  });

  it("twice is refused the second time", async () => {
    const { mrn } = await withCode("012345");
    await post("/operator/enrolments/confirm", { mrn, code: "012345" });
    const again = await post("/operator/enrolments/confirm", { mrn, code: "012345" });
    expect(again.statusCode).toBe(409);
  });

  it("does nothing at all where the device cannot be told", async () => {
    const { mrn, phone } = await withCode("012345");
    await world.tamper("UPDATE devices SET name = code WHERE id = $1", [phone.device.id]);
    const answer = await post("/operator/enrolments/confirm", { mrn, code: "012345" });
    expect(answer.statusCode).toBe(500);
    expect(told).toEqual(["patient"]);
    await world.tamper("DELETE FROM devices WHERE id = $1", [phone.device.id]);
  });

  it.each(["12345", "1234567", "12345a", "１２３４５６", 123456])(
    "with %j for digits is refused as malformed",
    async (code) => {
      const { mrn } = await register();
      const answer = await post("/operator/enrolments/confirm", { mrn, code });
      expect(answer.statusCode).toBe(400);
    },
  );
});

describe("revoking a device", () => {
  it("ends the binding and its sessions together", async () => {
    const { mrn, phone } = await withCode("012345");
    const kid = toBase64Url(phone.device.kid);
    const answer = await post("/operator/devices/revoke", { kid });
    expect(answer.json()).toEqual({ kid, mrn, state: "revoked" });
    expect(told).toContain(`closed ${String(phone.device.id)}`);
    expect(await stateOf(phone)).toBe("revoked");
    expect((await get(`/operator/devices?mrn=${mrn}`)).json()).toMatchObject({
      devices: [{ kid, name: "kitchen phone", state: "revoked" }],
    });
  });

  it("leaves the binding as it was where its sessions cannot be closed", async () => {
    const { phone } = await withCode("012345");
    closeSessions = () => Promise.reject(new Error("no"));
    const kid = toBase64Url(phone.device.kid);
    expect((await post("/operator/devices/revoke", { kid })).statusCode).toBe(500);
    expect(await stateOf(phone)).toBe("pending");
  });

  it("is a conflict, and changes nothing, where a row changes in the same moment", async () => {
    const { phone } = await withCode("012345");
    // As it was read before the code came: by now the row is another one.
    const stale = { device: phone.device, change: { state: "dropped" } } as const;
    closeSessions = async (tx) => {
      await changeDevice(tx, world.keyring, stale);
    };
    const answer = await post("/operator/devices/revoke", { kid: toBase64Url(phone.device.kid) });
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ type: "urn:siphms:problem:conflict" });
    expect(await stateOf(phone)).toBe("pending");
  });

  it("twice is no error, and closes nothing again", async () => {
    const { phone } = await withCode("012345");
    const kid = toBase64Url(phone.device.kid);
    await post("/operator/devices/revoke", { kid });
    told = [];
    expect((await post("/operator/devices/revoke", { kid })).statusCode).toBe(200);
    expect(told).toEqual([]);
  });

  it("of a device that nobody knows is refused", async () => {
    const kid = toBase64Url(fromBase64Url("AAAAAAAAAAA"));
    expect((await post("/operator/devices/revoke", { kid })).statusCode).toBe(404);
  });

  it("makes its code useless", async () => {
    const { mrn, phone } = await withCode("012345");
    await post("/operator/devices/revoke", { kid: toBase64Url(phone.device.kid) });
    const answer = await post("/operator/enrolments/confirm", { mrn, code: "012345" });
    expect(answer.statusCode).toBe(409);
    expect(await stateOf(phone)).toBe("revoked");
  });
});

describe("readings for the operator", () => {
  it("come one to a line, all of them", async () => {
    const { mrn, phone } = await withCode("012345");
    const at = world.clock.now();
    const values = Array.from({ length: 600 }, (_, index) => 60 + (index % 40));
    for (let batch = 0; batch < 10; batch++) {
      const start = at + batch * 600_000;
      const series = [{ kind: 1, start, step: 1000, values, origin: 0 }] as const;
      await storeBatch(world, phone, { receivedAt: start, series });
    }
    const answer = await get(`/operator/readings?mrn=${mrn}`);
    expect(answer.headers["content-type"]).toBe("application/x-ndjson");
    const lines = answer.body.trimEnd().split("\n");
    expect(lines).toHaveLength(6000);
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      ...{ kind: "heart-rate", at, value: 60, unit: "/min" },
      ...{ origin: "sensor", state: "stored" },
    });
    const some = await get(
      `/operator/readings?mrn=${mrn}&from=${String(at)}&to=${String(at + 2000)}`,
    );
    expect(some.body.trimEnd().split("\n")).toHaveLength(2);
    const none = await get(`/operator/readings?mrn=${mrn}&kind=glucose&kind=spo2`);
    expect(none.body).toBe("");
  });

  it.each(["mrn=NOBODY", "mrn=MRN-1&kind=mood", "mrn=MRN-1&from=-1", "mrn=MRN-1&limit=5", ""])(
    "are refused for the query %j",
    async (query) => {
      expect((await get(`/operator/readings?${query}`)).statusCode).toBeGreaterThanOrEqual(400);
    },
  );

  it("stand in the audit log as shown, before they are [HS-312b]", async () => {
    const { mrn, patient } = await register();
    await get(`/operator/readings?mrn=${mrn}`);
    const { rows } = await world.database.query(
      "SELECT event, actor, object FROM audit_events WHERE subject = $1 ORDER BY id",
      [patient],
    );
    expect(rows.map((row) => row.text("event"))).toEqual(["patient.registered", "data.disclosed"]);
    // Who did it, not that it was done at the socket.
    for (const row of rows) expect(row.text("actor")).toMatch(/^staff:\d+$/);
  });
});
