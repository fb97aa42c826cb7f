import type { OperatorNotice, SentNotice } from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import { METHODS, NOTICES, parseNotice, type Notice } from "@siphms/messages";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readEntries } from "../testing/audit-entries.ts";
import { logInMachine, type MachineHeaders } from "../testing/machine.ts";
import { createOperator } from "../testing/operator-world.ts";
import { openAnswer, responseOf, sealRequest } from "../testing/phone-messages.ts";
import { enrolActive, enrolPending, type PhoneSession } from "../testing/phone.ts";
import { createProtocolWorld, newPatient, type ProtocolWorld } from "../testing/protocol-world.ts";

let world: ProtocolWorld;
let server: FastifyInstance;
let mrn: string;
let session: PhoneSession;
let headers: MachineHeaders;

beforeAll(async () => {
  world = await createProtocolWorld();
  server = createOperator(world);
  headers = await logInMachine(server, world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});
beforeEach(async () => {
  // The tests' patients have their id as record number.
  mrn = await newPatient(world);
  session = await enrolActive(world, mrn);
  world.delivered.length = 0;
});

const turn = () => new Promise((resolve) => setImmediate(resolve));
const kidOf = ({ phone }: PhoneSession) => toBase64Url(phone.credential.kid);
const send = (payload: object) =>
  server.inject({ method: "POST", url: "/operator/notices", payload, headers: { ...headers } });
const message = (more: object = {}) => ({ mrn, kind: "message", text: "please call us", ...more });

async function received(of: PhoneSession): Promise<Notice[]> {
  await turn();
  const mine = world.delivered.filter(({ sid }) => sid.join() === of.keys.sid.join());
  return Promise.all(
    mine.map(async ({ envelope }) => parseNotice((await openAnswer(of, envelope)).payload)),
  );
}

async function listed(): Promise<OperatorNotice[]> {
  const url = `/operator/notices?mrn=${mrn}`;
  return (await server.inject({ method: "GET", url, headers: { ...headers } })).json<{
    notices: OperatorNotice[];
  }>().notices;
}

describe("sending a notice", () => {
  it.each([
    ["message", { text: "bitte messen 🩺" }, { text: "bitte messen 🩺" }],
    [
      "measure-now",
      { kinds: ["blood-pressure", "spo2"], until: 1_800_000_000_000 },
      { kinds: [2, 3], until: 1_800_000_000_000 },
    ],
    ["measure-now", {}, {}],
    ["limits-changed", {}, {}],
  ] as const)("brings a `%s` to the device, signed and sealed", async (kind, content, body) => {
    const answer = await send({ mrn, kind, ...content });
    expect(answer.json<SentNotice>()).toEqual({ mrn, kind, devices: [kidOf(session)] });
    const [notice] = await received(session);
    expect(notice?.kind).toBe(kind);
    expect(NOTICES[kind].parse(notice!.body)).toEqual(body);
  });

  it("goes to every active device of the patient, or to the one that is named", async () => {
    const second = await enrolActive(world, mrn);
    const both = (await send(message())).json<SentNotice>().devices;
    expect([...both].sort()).toEqual([kidOf(session), kidOf(second)].sort());
    await turn();
    world.delivered.length = 0;
    await send(message({ device: kidOf(second) }));
    expect(await received(session)).toEqual([]);
    expect(await received(second)).toHaveLength(1);
  });

  it("stands in the audit log without its text", async () => {
    await send(message());
    const entries = await readEntries(world, "event = 'notice.queued' AND subject = $1", [mrn]);
    expect(entries.map(({ details }) => details)).toEqual([{ kind: "message" }]);
  });

  it("is refused for a patient whom nobody registered", async () => {
    expect((await send(message({ mrn: "nobody" }))).statusCode).toBe(404);
  });

  it("is refused for a patient without an active device, and nothing waits for a later one", async () => {
    mrn = await newPatient(world);
    const pending = await enrolPending(world, mrn);
    expect((await send(message())).statusCode).toBe(409);
    expect(await received(pending)).toEqual([]);
    expect(await listed()).toEqual([]);
  });

  it("is refused for a device of another patient, and does not reach it", async () => {
    const stranger = await enrolActive(world);
    expect((await send(message({ device: kidOf(stranger) }))).statusCode).toBe(409);
    expect(await received(stranger)).toEqual([]);
  });

  it.each([
    ["an unknown kind", { kind: "alarm" }],
    ["a kind that only the hospital itself sends", { kind: "binding-active" }],
    ["an announcement of a key", { kind: "key-rotation" }],
    ["no text", { kind: "message" }],
    ["an empty text", { kind: "message", text: "" }],
    ["a text that is too long", { kind: "message", text: "x".repeat(2001) }],
    ["half a character", { kind: "message", text: "\ud83e" }],
    ["a text beside a measurement", { kind: "measure-now", text: "x" }],
    ["a vital sign that there is not", { kind: "measure-now", kinds: ["mood"] }],
    ["no vital sign at all", { kind: "measure-now", kinds: [] }],
    ["a vital sign twice", { kind: "measure-now", kinds: ["spo2", "spo2"] }],
    ["a time that is none", { kind: "measure-now", until: -1 }],
    ["a kid that is none", { kind: "message", text: "x", device: "short" }],
    ["a member that there is not", { kind: "message", text: "x", urgent: true }],
  ])("is refused with %s", async (_what, body) => {
    expect((await send({ mrn, ...body })).statusCode).toBe(400);
    expect(await received(session)).toEqual([]);
  });
});

describe("the list of notices", () => {
  it("shows what was sent and whether the device has said that it was seen, without its text", async () => {
    await send(message());
    await world.clock.advance(1000);
    await send({ mrn, kind: "measure-now" });
    const [notice] = await received(session);
    const parameters = METHODS.seen.parameters.encode({ messageIds: [notice!.messageId] });
    const item = await sealRequest(session, { method: "seen", parameters });
    expect(await responseOf(session, await world.submit(item))).toMatchObject({ error: 0 });
    const now = world.clock.now();
    expect(await listed()).toEqual([
      { device: kidOf(session), kind: "measure-now", created: now },
      { device: kidOf(session), kind: "message", created: now - 1000, seen: now },
    ]);
  });

  it("shows nothing of another patient's", async () => {
    await send(message());
    mrn = await newPatient(world);
    expect(await listed()).toEqual([]);
  });

  it("is not there for a patient whom nobody registered, and not without a name", async () => {
    for (const query of ["?mrn=nobody", ""]) {
      const answer = await server.inject({
        method: "GET",
        url: `/operator/notices${query}`,
        headers: { ...headers },
      });
      expect([400, 404]).toContain(answer.statusCode);
    }
  });
});
