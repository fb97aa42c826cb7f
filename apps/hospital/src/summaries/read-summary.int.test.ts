import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Patient } from "../patients/index.ts";
import {
  createHospitalWorld,
  log,
  type HospitalWorld,
  type TestDevice,
} from "../testing/hospital-world.ts";
import {
  createSummaryScene,
  DAY,
  heartRate,
  HOUR,
  newCarrier,
  type SummaryScene,
} from "../testing/summary-scene.ts";
import { readSummary } from "./read-summary.ts";
import { storeSummaries } from "./stored-summaries.ts";
import { createSummaryJob } from "./summary-job.ts";
import { joinTallies } from "./tally.ts";

let world: HospitalWorld;
let scene: SummaryScene;
let day: number;
let patient: Patient;
let phone: TestDevice;

beforeAll(async () => {
  world = await createHospitalWorld();
});

afterAll(() => world.close());

beforeEach(async () => {
  scene = await createSummaryScene(world);
  ({ day, patient, phone } = scene);
});

describe("what cannot be read", () => {
  it("leaves its own day undone, no other, and is made when it can be read again", async () => {
    const other = await newCarrier(world);
    const flip = "UPDATE batches SET sealed = set_bit(sealed, 300, 1 - get_bit(sealed, 300)) ";
    await scene.store({ series: [heartRate(day + HOUR, [70])] });
    await scene.store({ series: [heartRate(day + HOUR, [90])] }, other.phone);
    await world.tamper(`${flip} WHERE device_id = $1`, [phone.device.id]);
    await scene.job.run();
    expect([await scene.madeRows(), await scene.dueRows()]).toEqual([0, 1]);
    expect(await scene.madeRows(other.patient)).toBe(2);
    await expect(scene.read("hour")).rejects.toMatchObject({ code: "CELL_UNAUTHENTIC" });
    await expect(scene.read("day")).rejects.toMatchObject({ code: "CELL_UNAUTHENTIC" });
    await world.tamper(`${flip} WHERE device_id = $1`, [phone.device.id]);
    await scene.job.run();
    expect(await scene.dueRows()).toBe(1);
    await world.clock.advance(HOUR + 1);
    await scene.job.run();
    expect([await scene.madeRows(), await scene.dueRows()]).toEqual([2, 0]);
  });

  it("is nothing that a long message could hold the others up with", async () => {
    const other = await newCarrier(world);
    await scene.store({ series: [heartRate(day - 10 * DAY, [60, 61], 5 * DAY)] });
    await scene.store({ series: [heartRate(day + HOUR, [90])] }, other.phone);
    await world.tamper("UPDATE batches SET sealed = answer WHERE device_id = $1", [
      phone.device.id,
    ]);
    await scene.job.run();
    expect(await scene.madeRows(other.patient)).toBe(2);
  });

  it("stays unread when the patient was erased", async () => {
    const other = await newCarrier(world);
    await scene.store({ series: [heartRate(day + HOUR, [70])] });
    await scene.job.run();
    await scene.store({ series: [heartRate(day + 2 * HOUR, [70])] });
    await scene.store({ series: [heartRate(day + HOUR, [90])] }, other.phone);
    await world.tamper("DELETE FROM keystore.patient_keys WHERE patient_id = $1", [patient.id]);
    const restarted = { ...world, keyring: world.reopenKeyring() };
    await createSummaryJob({ ...restarted, log }).run();
    expect([await scene.madeRows(), await scene.dueRows()]).toEqual([2, 1]);
    expect(await scene.madeRows(other.patient)).toBe(2);
    const query = { from: day, to: day + DAY, now: world.clock.now(), span: "day" } as const;
    await expect(readSummary(patient, query, restarted)).rejects.toMatchObject({
      code: "PATIENT_KEY_MISSING",
    });
  });

  const cells = "summaries WHERE patient_id = $1 AND span = 'hour'";
  it.each([
    [
      "with a bit of it flipped",
      `UPDATE summaries SET sealed = set_bit(sealed, 200, 1 - get_bit(sealed, 200)) WHERE patient_id = $1`,
    ],
    [
      "in another hour's place",
      `UPDATE summaries s SET sealed = o.sealed FROM summaries o
       WHERE s.patient_id = $1 AND o.patient_id = $1 AND s.span = 'hour' AND o.span = 'hour'
         AND s.start_at <> o.start_at`,
    ],
    [
      "as the day's",
      `UPDATE summaries SET sealed = (SELECT sealed FROM ${cells} LIMIT 1)
       WHERE patient_id = $1 AND span = 'day'`,
    ],
    [
      "with its hour changed",
      "UPDATE summaries SET start_at = start_at + 36000000 WHERE patient_id = $1",
    ],
  ])("is a summary %s", async (_what, sql) => {
    await scene.store({ series: [heartRate(day + HOUR, [70])] });
    await scene.store({ series: [heartRate(day + 2 * HOUR, [80])] });
    await scene.job.run();
    await world.tamper(sql, [patient.id]);
    const reading = Promise.all([scene.read("hour"), scene.read("day")]);
    await expect(reading).rejects.toMatchObject({ code: "CELL_UNAUTHENTIC" });
  });

  it("is another patient's summary under this one's name", async () => {
    const other = await newCarrier(world);
    await scene.store({ series: [heartRate(day + HOUR, [99])] }, other.phone);
    await scene.job.run();
    await world.tamper("UPDATE summaries SET patient_id = $1 WHERE patient_id = $2", [
      patient.id,
      other.patient.id,
    ]);
    await expect(scene.read("hour")).rejects.toMatchObject({ code: "CELL_UNAUTHENTIC" });
  });
});

describe("a query", () => {
  beforeEach(async () => {
    await scene.store({
      series: [heartRate(day + HOUR, [70]), { ...heartRate(day, [98]), kind: 11 }],
    });
    await scene.store({ series: [heartRate(day + 3 * HOUR, [80])] });
    await scene.job.run();
  });

  it("gets the whole periods that its range touches", async () => {
    const range = { from: day + HOUR + 5, to: day + 3 * HOUR + 1 };
    expect(await scene.counts("hour", range)).toEqual([
      [1, 1, 70, 70],
      [3, 1, 80, 80],
    ]);
    expect(await scene.counts("hour", { ...range, to: day + 3 * HOUR })).toEqual([[1, 1, 70, 70]]);
    expect(await scene.counts("day", range)).toEqual([[0, 2, 70, 80]]);
  });

  it.each([
    ["that is empty", { from: 5, to: 5 }],
    ["before everything", { from: 0, to: 1 }],
    ["beyond all time", { from: Number.MAX_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER }],
  ])("gets nothing for a range %s", async (_what, range) => {
    expect((await scene.read("hour", range)).series).toEqual([]);
    expect((await scene.read("day", range)).series).toEqual([]);
  });

  it("gets everything for the longest range", async () => {
    const all = { from: 0, to: Number.MAX_SAFE_INTEGER };
    expect(await scene.counts("day", all)).toEqual([[0, 2, 70, 80]]);
  });

  it("gets only the kinds that it names", async () => {
    const { series } = await scene.read("hour", { kinds: ["pulse-rate"] });
    expect(series.map(({ kind }) => kind)).toEqual(["pulse-rate"]);
    expect((await scene.read("hour", { kinds: ["glucose"] })).series).toEqual([]);
  });

  it("is refused while more is to be worked out than one answer may cost", async () => {
    const now = world.clock.now();
    const query = { from: day, to: day + 2 * DAY, now, span: "hour" } as const;
    const ask = async (maxMessages: number) =>
      (await readSummary(patient, { ...query, maxMessages }, world)).kind;
    await scene.store({ series: [heartRate(now, [70])] });
    await scene.store({ series: [heartRate(now, [71])] });
    await scene.job.run();
    expect(await ask(2)).toBe("summary");
    expect(await ask(1)).toBe("not-ready");
  });

  it("is refused while more was stored than one answer can look at", async () => {
    const query = { from: day, to: day + DAY, now: world.clock.now(), span: "day" } as const;
    const ask = async (maxMessages: number) =>
      (await readSummary(patient, { ...query, maxMessages }, world)).kind;
    for (const hour of [5, 6]) await scene.store({ series: [heartRate(day - hour * HOUR, [70])] });
    expect(await ask(2)).toBe("summary");
    expect(await ask(1)).toBe("not-ready");
  });

  it("is refused for more periods than one answer holds", async () => {
    const cipher = await world.keyring.patientCipher(world.database, patient.id);
    const tallies = joinTallies([{ kind: 1, part: 0, quarantined: 1 }]);
    const hours = Array.from({ length: 2499 }, (_, index) => day - (index + 1) * HOUR);
    const periods = new Map(hours.map((hour) => [hour, tallies]));
    const owner = { patientId: patient.id, cipher };
    await world.database.withTransaction((tx) =>
      storeSummaries(tx, owner, { span: "hour", periods, now: 0 }),
    );
    const query = { from: 0, to: day + HOUR, now: world.clock.now(), span: "hour" } as const;
    // Those, and the hour with the pulse rate.
    expect(await readSummary(patient, query, world)).toMatchObject({ kind: "summary" });
    const outcome = readSummary(patient, { ...query, to: day + 2 * HOUR }, world);
    await expect(outcome).resolves.toEqual({ kind: "too-many" });
  });
});
