import { randomUUID } from "node:crypto";
import type { Evidence, EvidenceFile } from "@siphms/api";
import { evidenceFileSchema, parseApi } from "@siphms/api";
import { toBase64Url, toHex, type Bytes } from "@siphms/cose";
import { parseEvidence, provenSamples, verifyEvidence } from "@siphms/evidence";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { STEP_UP_LIMIT_MS } from "../access/index.ts";
import { changeDevice } from "../enrolment/index.ts";
import { batchCell, rotateIdentity } from "../keys/index.ts";
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
  type TestBatch,
  type TestDevice,
} from "../testing/hospital-world.ts";

const NURSE = "Nurse Asking";
const patient = randomUUID();
const other = randomUUID();
let world: HospitalWorld;
let site: ConsoleWorld;
let nurse: TestPerson;
let phone: TestDevice;
let foreign: TestDevice;

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
  nurse = await site.signIn(NURSE, "nurse");
  await addPatient(world, { id: patient, mrn: "E-1" });
  await addPatient(world, { id: other, mrn: "E-2" });
  await putInCare(world, NURSE, patient);
  phone = await bind(patient);
  foreign = await bind(other);
});
afterAll(() => world.close());

const bind = (patientId: string): Promise<TestDevice> => {
  const confirmedBy = `staff:${String(nurse.staff.id)}`;
  const confirmed = { confirmedAt: world.clock.now(), confirmedBy };
  return bindDevice(world, patientId, { state: "active", ...confirmed });
};

const store = (more: Partial<TestBatch> = {}, from = phone): Promise<Bytes> => {
  const receivedAt = world.clock.now();
  const start = receivedAt - 60_000;
  const series = [{ kind: 1, start, step: 1000, values: [70, 72], origin: 0 }] as const;
  return storeBatch(world, from, { receivedAt, series, ...more });
};
const ask = (messageId: Bytes | string, end = "") => {
  const id = typeof messageId === "string" ? messageId : toBase64Url(messageId);
  return site.ask({ url: `/api/patients/${patient}/evidence/${id}${end}` }, nurse);
};
const read = async (messageId: Bytes): Promise<Evidence> => {
  const answer = await ask(messageId);
  expect(answer.status).toBe(200);
  return answer.json<Evidence>();
};
const take = async (messageId: Bytes): Promise<EvidenceFile> => {
  const answer = await ask(messageId, "/file");
  expect(answer.status).toBe(200);
  return parseApi(evidenceFileSchema, answer.json());
};
const verify = (file: EvidenceFile) => verifyEvidence(() => parseEvidence(file), world.crypto);

describe("the evidence of a reading", () => {
  it("is the signed original as it is stored, and passes every check [HS-312c2]", async () => {
    const messageId = await store();
    const evidence = await read(messageId);
    expect(evidence.checks.every(({ ok }) => ok)).toBe(true);
    const { rows } = await world.database.query(
      "SELECT sealed, answer FROM batches WHERE message_id = $1",
      [messageId],
    );
    const cipher = await world.keyring.patientCipher(world.database, patient);
    const [row] = rows;
    const open = (column: "answer" | "sealed") =>
      cipher.open(
        batchCell(column, phone.device.id, messageId),
        row?.bytes(column) ?? new Uint8Array(),
      );
    const file = await take(messageId);
    expect(file.message).toBe(toBase64Url(open("sealed")));
    expect(file.receipt).toBe(toBase64Url(open("answer")));
    expect(file.device).toBe(toBase64Url(phone.credential.bytes));
  });

  it("names the device, who confirmed it, the hospital's key and what became of the samples", async () => {
    const evidence = await read(await store({ quarantined: [[0, 1, "no-signal"]] }));
    expect(evidence).toMatchObject({
      device: {
        ...{ name: "kitchen phone", state: "active", confirmed: { by: NURSE } },
        thumbprint: toHex(phone.credential.thumbprint),
      },
      hospital: {
        ...{ id: HOSPITAL.hospitalId, name: HOSPITAL.hospitalName },
        keys: [{ uses: ["message", "receipt", "statement"] }],
      },
      message: { outcome: "some-quarantined", received: world.clock.now() },
      runs: [
        { state: "stored", values: [70] },
        { state: "quarantined", reason: "no-signal", values: [72] },
      ],
    });
  });

  it("is downloaded as a file that stands for itself, under a name that says nothing", async () => {
    const messageId = await store();
    const headers = await site.server.inject({
      url: `/api/patients/${patient}/evidence/${toBase64Url(messageId)}/file`,
      headers: { host: "localhost:8090", "sec-fetch-site": "same-origin" },
      cookies: { "__Host-siphms": nurse.token },
    });
    expect(headers.headers["content-disposition"]).toBe(
      `attachment; filename="${toBase64Url(messageId)}.siphms-evidence.json"`,
    );
    const file = parseApi(evidenceFileSchema, headers.json());
    const { evidence } = await verify(file);
    if (evidence === undefined) throw new Error("refused");
    expect(evidence.statement.patient).toMatchObject({ mrn: "E-1", name: "Ada Invented" });
    expect(evidence.statement.binding.confirmed?.by).toBe(NURSE);
    expect(provenSamples(evidence).map(({ value }) => value)).toEqual([70, 72]);
  });

  it("leaves as a whole only with a fresh proof, and nothing of it is in a look (SR-20)", async () => {
    const messageId = await store();
    const file = await take(messageId);
    const look = (await ask(messageId)).body;
    for (const bytes of [file.message, file.receipt, file.statement, file.device]) {
      expect(look).not.toContain(bytes);
    }
    world.clock.skewWall(STEP_UP_LIMIT_MS);
    const answer = await ask(messageId, "/file");
    expect([answer.status, answer.body.includes("step-up-required")]).toEqual([403, true]);
    expect(answer.body).not.toContain(file.message);
    expect((await ask(messageId)).status).toBe(200);
    nurse = await site.signIn(NURSE, "nurse");
  });

  it("is noted, the look and the file apart (SR-58) [HS-312b]", async () => {
    const messageId = await store();
    const noted = await entriesOf(world, async () => {
      await ask(messageId);
      await ask(messageId, "/file");
    });
    expect(noted.map(({ event, object, subject }) => [event, object, subject])).toEqual([
      ["data.disclosed", "evidence", patient],
      ["data.disclosed", "evidence-file", patient],
    ]);
  });

  it("says what a doctor decided, beside a receipt that stays as it was", async () => {
    const messageId = await store({ quarantined: [[0, 1, "out-of-range"]] });
    const before = (await take(messageId)).receipt;
    const doctor = await site.signIn("Dr. Releasing", "doctor");
    await putInCare(world, "Dr. Releasing", patient);
    const item = {
      device: toBase64Url(phone.device.kid),
      messageId: toBase64Url(messageId),
      reason: "out-of-range",
    };
    const decided = await site.ask(
      {
        method: "POST",
        url: `/api/patients/${patient}/quarantine/decisions`,
        payload: { items: [item], decision: "released", why: "Seen on the ward's monitor" },
      },
      doctor,
    );
    expect(decided.status).toBe(204);
    const { runs } = await read(messageId);
    const file = await take(messageId);
    expect(file.receipt).toBe(before);
    expect(runs[1]).toMatchObject({ state: "stored", decision: { by: "Dr. Releasing" } });
    const { evidence } = await verify(file);
    expect(evidence?.statement.decisions).toMatchObject([
      { reason: "out-of-range", kind: "released", by: "Dr. Releasing" },
    ]);
  });

  it("says that a device was taken away since", async () => {
    const lost = await bind(patient);
    const messageId = await store({}, lost);
    await world.database.withTransaction((tx) =>
      changeDevice(tx, world.keyring, {
        device: lost.device,
        change: { state: "revoked", endedAt: world.clock.now() },
      }),
    );
    const evidence = await read(messageId);
    expect(evidence.checks.every(({ ok }) => ok)).toBe(true);
    expect(evidence.device).toMatchObject({ state: "revoked", ended: world.clock.now() });
  });

  it("of before a new key of the hospital's is signed by both, and good", async () => {
    const messageId = await store();
    const now = world.clock.now();
    await world.database.withTransaction((tx) =>
      rotateIdentity(tx, { hospitalId: HOSPITAL.hospitalId, now, validUntil: now + 1 }, world),
    );
    await world.keys.refresh();
    const evidence = await read(messageId);
    expect(evidence.checks.every(({ ok }) => ok)).toBe(true);
    expect(evidence.hospital.keys.map(({ uses }) => uses)).toEqual([
      ["message", "receipt"],
      ["statement"],
    ]);
  });
});

describe("there is no evidence", () => {
  it.each([
    ["of a message that nobody sent", "A".repeat(22)],
    ["of something that is no id", "latest"],
    ["of an id with bits that stand for nothing", "B".repeat(22)],
    ["of an id that leaves its place", "..%2F..%2Fsession"],
  ])("%s", async (_what, id) => {
    expect((await ask(id)).status).toBe(404);
  });

  it("of another patient's message under this patient's address (SR-23)", async () => {
    const messageId = await store({}, foreign);
    const noted = await entriesOf(world, async () => {
      expect((await ask(messageId)).status).toBe(404);
    });
    expect(noted).toContainEqual(
      expect.objectContaining({
        ...{ event: "access.refused", outcome: "refused", subject: patient },
        ...{ object: "GET /api/patients/:patient/evidence/:messageId" },
        detail: '{"why": "not-of-patient"}',
      }),
    );
  });

  it("of a device that is not this patient's", async () => {
    const messageId = await store();
    const kid = toBase64Url(foreign.device.kid);
    expect((await ask(messageId, `?device=${kid}`)).status).toBe(404);
    expect((await ask(messageId, `?device=${toBase64Url(phone.device.kid)}`)).status).toBe(200);
    expect((await ask(messageId, "?device=x")).status).toBe(400);
  });

  it("of a message that was changed in the database, only a fault (SR-26) [HS-312c2]", async () => {
    const messageId = await store();
    await world.tamper("UPDATE batches SET sealed = answer WHERE message_id = $1", [messageId]);
    const answer = await ask(messageId);
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain("Ada Invented");
    await world.tamper("DELETE FROM batches WHERE message_id = $1", [messageId]);
  });
});
