import { randomUUID } from "node:crypto";
import type { PatientMessages, SentMessage } from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { markSeen } from "../sessions/index.ts";
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
  bindDevice,
  createHospitalWorld,
  type HospitalWorld,
} from "../testing/hospital-world.ts";

const NURSE = "Nurse Writing";
let world: HospitalWorld;
let site: ConsoleWorld;
let nurse: TestPerson;
let patient: string;

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
});
afterAll(() => world.close());

beforeEach(async () => {
  nurse = await site.signIn(NURSE, "nurse");
  patient = randomUUID();
  await addPatient(world, { id: patient, mrn: patient });
  await putInCare(world, NURSE, patient);
});

const bind = async (patientId = patient) => {
  const { device } = await bindDevice(world, patientId, { state: "active" });
  return { id: device.id, kid: toBase64Url(device.kid) };
};
const send = (payload: object) =>
  site.ask({ method: "POST", url: `/api/patients/${patient}/messages`, payload }, nurse);
const list = async () =>
  (await site.ask({ url: `/api/patients/${patient}/messages` }, nurse)).json<PatientMessages>()
    .messages;

describe("messages to a patient", () => {
  it("go to every active device, and the list says what was sent and that nobody has seen it yet", async () => {
    const [first, second] = [await bind(), await bind()];
    const answer = await send({ kind: "message", text: "Sit down and measure again" });
    expect(answer.json<SentMessage>().devices).toEqual([first.kid, second.kid]);
    const listed = await list();
    expect(listed).toMatchObject(
      [second, first].map(({ kid }) => ({
        ...{ device: kid, deviceName: "kitchen phone", kind: "message" },
        ...{ text: "Sit down and measure again", created: world.clock.now() },
      })),
    );
    expect(listed.every(({ seen }) => seen === undefined)).toBe(true);
  });

  it("ask to measure, with kinds and an end or without", async () => {
    await bind();
    const until = world.clock.now() + 60_000;
    await send({ kind: "measure-now", kinds: ["blood-pressure", "spo2"], until });
    await send({ kind: "measure-now" });
    expect(await list()).toMatchObject([
      { kind: "measure-now" },
      { kind: "measure-now", kinds: ["blood-pressure", "spo2"], until },
    ]);
  });

  it("go to one device where one is named, and are shown as seen when it has said so", async () => {
    const [first, second] = [await bind(), await bind()];
    await send({ kind: "message", text: "Only you", device: second.kid });
    expect((await list()).map(({ device }) => device)).toEqual([second.kid]);
    expect(first.kid).not.toBe(second.kid);
    const { rows } = await world.database.query(
      "SELECT message_id FROM notices WHERE device_id = $1",
      [second.id],
    );
    const now = world.clock.now();
    await world.database.withTransaction((tx) =>
      markSeen(tx, {
        deviceId: second.id,
        messageIds: rows.map((row) => row.bytes("message_id")),
        now,
      }),
    );
    expect(await list()).toMatchObject([{ seen: now }]);
  });

  it("are noted: who sent, and who looked, without what was written", async () => {
    await bind();
    const noted = await entriesOf(world, async () => {
      await send({ kind: "message", text: "Nobody notes this" });
      await list();
    });
    const actor = `staff:${String(nurse.staff.id)}`;
    expect(noted).toMatchObject([
      { event: "notice.queued", actor, subject: patient },
      { event: "data.disclosed", actor, subject: patient, object: "messages" },
    ]);
    expect(JSON.stringify(noted)).not.toContain("Nobody notes");
  });

  it("are refused where there is no active device, or it is another patient's", async () => {
    await addDevice(world, patient);
    expect((await send({ kind: "message", text: "Hello" })).status).toBe(409);
    const other = randomUUID();
    await addPatient(world, { id: other, mrn: other });
    const { kid } = await bind(other);
    await bind();
    expect((await send({ kind: "message", text: "Hello", device: kid })).status).toBe(409);
    expect(await list()).toEqual([]);
  });

  it.each<[string, object]>([
    ["without a text", { kind: "message" }],
    ["with an empty text", { kind: "message", text: "" }],
    ["with a text that is too long", { kind: "message", text: "x".repeat(2001) }],
    ["with half a character", { kind: "message", text: "\ud800" }],
    ["with a vital sign that there is not", { kind: "measure-now", kinds: ["mood"] }],
    ["with no vital sign at all", { kind: "measure-now", kinds: [] }],
    ["with a text where none belongs", { kind: "measure-now", text: "now" }],
    ["of a kind that the hospital sends by itself", { kind: "binding-active" }],
    ["of a kind that there is not", { kind: "alarm" }],
  ])("are refused %s", async (_what, payload) => {
    await bind();
    expect((await send(payload)).status).toBe(400);
    expect(await list()).toEqual([]);
  });
});
