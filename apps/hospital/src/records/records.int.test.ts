import { randomUUID } from "node:crypto";
import { samplesOfRuns } from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import type { Series } from "@siphms/messages";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findPatient, type Patient } from "../patients/index.ts";
import {
  addDevice,
  addPatient,
  createHospitalWorld,
  storeBatch,
  type HospitalWorld,
  type TestDevice,
} from "../testing/hospital-world.ts";
import { LATE_AFTER_MS } from "../ingest/index.ts";
import { createRecords, type Records } from "./index.ts";

const HOUR = 3_600_000;
const T0 = Date.UTC(2026, 0, 5, 8);

let world: HospitalWorld;
let records: Records;
let patient: Patient;
let phone: TestDevice;

beforeAll(async () => {
  world = await createHospitalWorld();
});

afterAll(() => world.close());

beforeEach(async () => {
  const id = randomUUID();
  await addPatient(world, { id, mrn: id });
  phone = await addDevice(world, id);
  const found = await findPatient(world.database, world.keyring, id);
  if (found === undefined) throw new Error("no patient");
  patient = found;
  records = createRecords(world);
});

const heartRate = (start: number, values: readonly number[], step = 1000): Series => ({
  kind: 1,
  start,
  step: values.length === 1 ? 0 : step,
  values,
  origin: 0,
});

const pressure = (start: number, value: readonly [number, number, number | null]): Series => ({
  kind: 2,
  start,
  step: 0,
  values: [value],
  origin: 1,
});

const range = async (from: number, to: number, limit = 1000, kinds?: readonly string[]) => {
  const query = { from, to, limit, ...(kinds === undefined ? {} : { kinds }) };
  const { runs, ...rest } = await records.range(patient, query);
  return { samples: samplesOfRuns(runs), ...rest };
};

const times = (answer: { readonly samples: readonly { readonly at: number }[] }) =>
  answer.samples.map(({ at }) => at);

describe("readings in a range of time", () => {
  it("come in clinical units with where they are from", async () => {
    const messageId = await storeBatch(world, phone, {
      receivedAt: T0 + 2000,
      series: [heartRate(T0, [71]), pressure(T0 + 1000, [120, 80, 93])],
    });
    const device = toBase64Url(phone.device.kid);
    expect(await range(T0, T0 + HOUR)).toEqual({
      samples: [
        {
          kind: "heart-rate",
          at: T0,
          value: 71,
          unit: "/min",
          origin: "sensor",
          state: "stored",
          device,
          messageId: toBase64Url(messageId),
        },
        {
          kind: "blood-pressure",
          at: T0 + 1000,
          value: [120, 80, 93],
          unit: "mmHg",
          origin: "typed",
          state: "stored",
          device,
          messageId: toBase64Url(messageId),
        },
      ],
    });
  });

  it("hold the first instant and not the last", async () => {
    await storeBatch(world, phone, { receivedAt: T0, series: [heartRate(T0, [70, 71, 72])] });
    expect(times(await range(T0, T0 + 2000))).toEqual([T0, T0 + 1000]);
    expect(times(await range(T0 + 1, T0 + 2001))).toEqual([T0 + 1000, T0 + 2000]);
    expect(times(await range(T0 + 3000, T0 + HOUR))).toEqual([]);
  });

  it("find a batch that began up to a day before, and one that lasts for days", async () => {
    const DAY = 24 * HOUR;
    await storeBatch(world, phone, {
      receivedAt: T0,
      series: [heartRate(T0 - 20 * HOUR, [60, 61], 20 * HOUR)],
    });
    await storeBatch(world, phone, {
      receivedAt: T0,
      series: [heartRate(T0 - 5 * DAY, [62, 63, 64], 2.5 * DAY)],
    });
    const { samples } = await range(T0 - HOUR, T0 + HOUR);
    expect(samples.map(({ value }) => value).sort()).toEqual([61, 64]);
  });

  it("name only the kinds that are asked for", async () => {
    await storeBatch(world, phone, {
      receivedAt: T0,
      series: [heartRate(T0, [70]), pressure(T0, [120, 80, null])],
    });
    const { samples } = await range(T0, T0 + 1, 10, ["blood-pressure"]);
    expect(samples.map(({ kind }) => kind)).toEqual(["blood-pressure"]);
    expect((await range(T0, T0 + 1, 10, ["glucose"])).samples).toEqual([]);
  });

  it("come in pages that together hold each sample once", async () => {
    for (let batch = 0; batch < 30; batch++) {
      const start = T0 + batch * 700;
      await storeBatch(world, phone, {
        receivedAt: start,
        series: [heartRate(start, [60, 61, 62])],
      });
    }
    const whole = times(await range(T0, T0 + HOUR));
    const pages: number[] = [];
    for (let from: number | undefined = T0; from !== undefined;) {
      const page = await range(from, T0 + HOUR, 7);
      expect(page.samples.length).toBeLessThanOrEqual(7);
      pages.push(...times(page));
      from = page.next;
    }
    expect(whole).toHaveLength(90);
    expect(pages).toEqual(whole);
  });

  it("are not torn apart where one instant holds more than a page", async () => {
    for (let count = 0; count < 5; count++) {
      await storeBatch(world, phone, { receivedAt: T0 + count, series: [heartRate(T0, [60])] });
    }
    await storeBatch(world, phone, { receivedAt: T0, series: [heartRate(T0 + 5, [61])] });
    const page = await range(T0, T0 + HOUR, 2);
    expect(page).toMatchObject({ next: T0 + 1 });
    expect(page.samples).toHaveLength(5);
    expect(times(await range(T0 + 1, T0 + HOUR, 2))).toEqual([T0 + 5]);
  });

  it("mark what was late, sample by sample", async () => {
    await storeBatch(world, phone, {
      receivedAt: T0,
      late: true,
      series: [heartRate(T0 - LATE_AFTER_MS - 1, [60, 61], 1)],
    });
    const { samples } = await range(T0 - HOUR, T0);
    expect(samples.map(({ state }) => state)).toEqual(["late", "stored"]);
  });

  it("mark what the receipt put into quarantine, with its reason", async () => {
    await storeBatch(world, phone, {
      receivedAt: T0,
      series: [heartRate(T0, [70, 0, 72])],
      quarantined: [[0, 1, "no-signal"]],
    });
    const { samples } = await range(T0, T0 + HOUR);
    expect(samples.map(({ state, reason }) => [state, reason])).toEqual([
      ["stored", undefined],
      ["quarantined", "no-signal"],
      ["stored", undefined],
    ]);
  });

  it("mark a whole batch that is in quarantine", async () => {
    await storeBatch(world, phone, {
      receivedAt: T0,
      series: [heartRate(T0, [70, 71])],
      reason: "binding-pending",
    });
    const { samples } = await range(T0, T0 + HOUR);
    expect(samples.map(({ reason }) => reason)).toEqual(["binding-pending", "binding-pending"]);
    expect(await records.quarantine(patient.id)).toEqual({
      total: 2,
      reasons: { "binding-pending": 2 },
    });
  });

  it("leave out a mean pressure that cannot be", async () => {
    await storeBatch(world, phone, { receivedAt: T0, series: [pressure(T0, [120, 80, 40])] });
    const { samples } = await range(T0, T0 + HOUR);
    expect(samples[0]).toMatchObject({ value: [120, 80, null], state: "stored" });
  });

  it("of one patient never hold another's [HS-312a1]", async () => {
    const other = randomUUID();
    await addPatient(world, { id: other, mrn: other });
    const theirs = await addDevice(world, other);
    await storeBatch(world, theirs, { receivedAt: T0, series: [heartRate(T0, [99])] });
    expect((await range(T0, T0 + HOUR)).samples).toEqual([]);
  });
});

describe("a batch that was changed in the database [HS-312c1, HS-312c2]", () => {
  const cell = "WHERE device_id = $1";

  beforeEach(async () => {
    await storeBatch(world, phone, { receivedAt: T0, series: [heartRate(T0, [70])] });
    await storeBatch(world, phone, { receivedAt: T0 + 1, series: [heartRate(T0 + 1, [71])] });
  });

  it.each([
    [
      "with one bit of it flipped",
      `UPDATE batches SET sealed = set_bit(sealed, 300, 1 - get_bit(sealed, 300)) ${cell}`,
    ],
    ["with its receipt in its place", `UPDATE batches SET sealed = answer ${cell}`],
    [
      "with the bytes of another of its device",
      `UPDATE batches b SET sealed = o.sealed FROM batches o
       WHERE b.device_id = $1 AND o.device_id = $1 AND o.message_id <> b.message_id`,
    ],
    [
      "under another message's id",
      `UPDATE batches SET message_id = set_bit(message_id, 127, 1 - get_bit(message_id, 127)) ${cell}`,
    ],
  ])("%s is not shown", async (_what, sql) => {
    await world.tamper(sql, [phone.device.id]);
    await expect(range(T0, T0 + HOUR)).rejects.toMatchObject({ code: "CELL_UNAUTHENTIC" });
  });

  it("is not shown as another patient's", async () => {
    const other = randomUUID();
    await addPatient(world, { id: other, mrn: other });
    await world.tamper(`UPDATE batches SET patient_id = $2 ${cell}`, [phone.device.id, other]);
    const victim = await findPatient(world.database, world.keyring, other);
    if (victim === undefined) throw new Error("no patient");
    await expect(
      records.range(victim, { from: T0, to: T0 + HOUR, limit: 10 }),
    ).rejects.toMatchObject({ code: "CELL_UNAUTHENTIC" });
  });

  it("is not shown as another device's", async () => {
    const other = await addDevice(world, patient.id);
    await world.tamper(`UPDATE batches SET device_id = $2 ${cell}`, [
      phone.device.id,
      other.device.id,
    ]);
    await expect(range(T0, T0 + HOUR)).rejects.toMatchObject({ code: "CELL_UNAUTHENTIC" });
  });
});

describe("the latest values", () => {
  it("are nothing for a patient who has sent nothing", async () => {
    expect(await records.latest(patient)).toEqual({
      values: [],
      quarantinedSamples: 0,
      lastContact: null,
    });
  });

  it("are the newest good one of each kind, whatever came last", async () => {
    await storeBatch(world, phone, {
      receivedAt: T0,
      series: [heartRate(T0 - 2000, [70, 71, 0])],
      quarantined: [[0, 2, "no-signal"]],
    });
    await storeBatch(world, phone, {
      receivedAt: T0 + 5000,
      late: true,
      series: [heartRate(T0 - HOUR, [50]), pressure(T0 - HOUR, [120, 80, null])],
    });
    const latest = await records.latest(patient);
    expect(latest.values.map(({ kind, at, value, late }) => [kind, at, value, late])).toEqual([
      ["heart-rate", T0 - 1000, 71, false],
      ["blood-pressure", T0 - HOUR, [120, 80, null], true],
    ]);
    expect(latest).toMatchObject({ lastContact: T0 + 5000, quarantinedSamples: 1 });
  });

  it("look past batches that hold nothing good", async () => {
    await storeBatch(world, phone, { receivedAt: T0, series: [heartRate(T0, [70])] });
    for (let count = 1; count <= 12; count++) {
      await storeBatch(world, phone, {
        receivedAt: T0 + count,
        series: [heartRate(T0 + count, [0])],
        quarantined: [[0, 0, "no-signal"]],
      });
    }
    expect((await records.latest(patient)).values[0]).toMatchObject({ at: T0, value: 70 });
  });

  it("are the same whether they were loaded or came live", async () => {
    await records.latest(patient);
    const batch = {
      receivedAt: T0,
      series: [heartRate(T0, [70, 0])],
      quarantined: [[0, 1, "no-signal"]] as const,
    };
    await storeBatch(world, phone, batch);
    const { samples } = await range(T0, T0 + HOUR);
    const live = await records.apply({
      patientId: patient.id,
      samples,
      hasQuarantined: samples.some(({ state }) => state === "quarantined"),
      receivedAt: T0,
    });
    expect(live).toEqual(await createRecords(world).latest(patient));
    const twice = await records.apply({
      patientId: patient.id,
      samples,
      hasQuarantined: samples.some(({ state }) => state === "quarantined"),
      receivedAt: T0,
    });
    expect(twice).toEqual(live);
  });
});
