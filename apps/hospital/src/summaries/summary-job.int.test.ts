import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LATE_AFTER_MS } from "../ingest/index.ts";
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
  MINUTE,
  newCarrier,
  type SummaryScene,
} from "../testing/summary-scene.ts";
import { createSummaryJob } from "./summary-job.ts";

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

/** Runs the job as of a time when the hour is not closed, so that it is marked and not made. */
async function markOnly(at: number): Promise<void> {
  const now = world.clock.now();
  world.clock.skewWall(at - now);
  await scene.job.run();
  world.clock.skewWall(now - at);
}

describe("a closed hour", () => {
  it("is summarised with everything that its readings were", async () => {
    await scene.store({
      late: true,
      series: [
        heartRate(day + HOUR, [70, 0, 75, 72]),
        {
          ...{ kind: 2, start: day + HOUR, step: 1000, origin: 1 },
          values: [
            [120, 80, 93],
            [130, null, null],
          ],
        },
        { kind: 5, start: day + HOUR, step: 0, values: [3675], origin: 0 },
        { kind: 9, start: day + HOUR, step: 0, values: [3], origin: 0 },
      ],
      quarantined: [[0, 1, "no-signal"]],
    });
    await scene.job.run();
    expect(await scene.madeRows()).toBe(2);
    const at = day + HOUR;
    const one = { start: [at], firstAt: [at], lastAt: [at], quarantined: [0] };
    const expected = [
      {
        ...{ kind: "heart-rate", unit: "/min", start: [at] },
        ...{ count: [3], min: [70], max: [75], mean: [72.333] },
        ...{ first: [70], firstAt: [at], last: [72], lastAt: [at + 3000] },
        ...{ late: [3], quarantined: [1] },
      },
      {
        ...{ kind: "blood-pressure", part: "systolic", unit: "mmHg", start: [at] },
        ...{ count: [2], min: [120], max: [130], mean: [125] },
        ...{ first: [120], firstAt: [at], last: [130], lastAt: [at + 1000] },
        ...{ late: [2], quarantined: [0] },
      },
      {
        ...{ kind: "blood-pressure", part: "diastolic", unit: "mmHg", ...one },
        ...{ count: [1], min: [80], max: [80], mean: [80], first: [80], last: [80], late: [1] },
      },
      {
        ...{ kind: "blood-pressure", part: "mean", unit: "mmHg", ...one },
        ...{ count: [1], min: [93], max: [93], mean: [93], first: [93], last: [93], late: [1] },
      },
      {
        ...{ kind: "body-temperature", unit: "°C", ...one, count: [1], late: [1] },
        ...{ min: [36.75], max: [36.75], mean: [36.75], first: [36.75], last: [36.75] },
      },
      {
        ...{ kind: "consciousness", unit: "ACVPU", ...one, count: [1], late: [1] },
        ...{ min: [3], max: [3], mean: [null], first: [3], last: [3] },
      },
    ];
    expect(await scene.read("hour")).toEqual({
      span: "hour",
      series: expected,
    });
    const days = expected.map((series) => ({ ...series, start: [day] }));
    expect((await scene.read("day")).series).toEqual(days);
  });

  it("is read from its summary, not from its messages", async () => {
    await scene.store({ series: [heartRate(day + HOUR, [70])] });
    await scene.job.run();
    await world.tamper("DELETE FROM batches WHERE device_id = $1", [phone.device.id]);
    expect(await scene.counts("hour")).toEqual([[1, 1, 70, 70]]);
    expect(await scene.counts("day")).toEqual([[0, 1, 70, 70]]);
  });

  it("is made anew when late readings come, and its day with it", async () => {
    await scene.store({ series: [heartRate(day + HOUR, [70])] });
    await scene.store({ series: [heartRate(day + 5 * HOUR, [80])] });
    await scene.job.run();
    await scene.store({ late: true, series: [heartRate(day + HOUR + MINUTE, [50, 51])] });
    await scene.job.run();
    expect(await scene.dueRows()).toBe(0);
    expect(await scene.counts("hour")).toEqual([
      [1, 3, 50, 70],
      [5, 1, 80, 80],
    ]);
    expect(await scene.counts("day")).toEqual([[0, 4, 50, 80]]);
  });

  it("is worked out from its messages as long as it is due", async () => {
    await scene.store({ series: [heartRate(day + HOUR, [70])] });
    await scene.job.run();
    await scene.store({ series: [heartRate(day + HOUR + MINUTE, [50])] });
    await markOnly(day + HOUR + MINUTE);
    expect(await scene.dueRows()).toBe(1);
    expect(await scene.counts("hour")).toEqual([[1, 2, 50, 70]]);
    expect(await scene.counts("day")).toEqual([[0, 2, 50, 70]]);
  });

  it("has its late readings in the answer before the job knows of them", async () => {
    await scene.store({ series: [heartRate(day + HOUR, [70])] });
    await scene.job.run();
    await scene.store({ series: [heartRate(day + HOUR + MINUTE, [50])] });
    await scene.store({ series: [heartRate(day + 3 * HOUR, [90])] });
    await scene.store({
      series: [
        heartRate(
          day - 9 * DAY,
          [1, 2].map((n) => n + 60),
          5 * DAY,
        ),
      ],
    });
    expect([await scene.dueRows(), await scene.madeRows()]).toEqual([0, 2]);
    expect(await scene.counts("hour")).toEqual([
      [1, 2, 50, 70],
      [3, 1, 90, 90],
    ]);
    const range = { from: day - 10 * DAY };
    expect(await scene.counts("day", range)).toEqual([
      [-9 * 24, 1, 61, 61],
      [-4 * 24, 1, 62, 62],
      [0, 3, 50, 90],
    ]);
  });

  it("that holds nothing but quarantine shows that and no value", async () => {
    await scene.store({ series: [heartRate(day + HOUR, [70, 71])], reason: "binding-pending" });
    await scene.job.run();
    const [series] = (await scene.read("hour")).series;
    expect(series).toMatchObject({
      ...{ count: [0], min: [null], max: [null], mean: [null], first: [null], firstAt: [null] },
      ...{ quarantined: [2], late: [0] },
    });
  });

  it("is told apart from the next by its last millisecond", async () => {
    await scene.store({ series: [heartRate(day + 2 * HOUR - 1, [70, 80], 1)] });
    await scene.job.run();
    expect(await scene.counts("hour")).toEqual([
      [1, 1, 70, 70],
      [2, 1, 80, 80],
    ]);
  });

  it("of a patient never holds another's", async () => {
    const other = await newCarrier(world);
    await scene.store({ series: [heartRate(day + HOUR, [99])] }, other.phone);
    await scene.job.run();
    expect((await scene.read("hour")).series).toEqual([]);
    expect((await scene.read("hour", {}, other.patient)).series).toHaveLength(1);
  });
});

describe("an hour that is not closed", () => {
  it("is not made, and in the answer up to the newest reading", async () => {
    const now = world.clock.now();
    await scene.store({ series: [heartRate(now - 2000, [70, 71, 72])] });
    await scene.store({ series: [{ ...heartRate(now - 5 * HOUR, [98]), kind: 11 }] });
    await scene.job.run();
    // The closed hour and its day.
    expect([await scene.madeRows(), await scene.dueRows()]).toEqual([2, 2]);
    await scene.store({ series: [heartRate(now, [73])] });
    const hour = (now - (now % HOUR) - day) / HOUR;
    const [whole] = (await scene.counts("day")).slice(-1);
    expect(whole?.slice(1)).toEqual([4, 70, 73]);
    expect((await scene.counts("hour")).at(-1)).toEqual([hour, 2, 72, 73]);
  });

  it("is made once it has been over for as long as readings may take", async () => {
    const now = world.clock.now();
    const hour = now - (now % HOUR);
    await scene.store({ series: [heartRate(hour, [70])] });
    await world.clock.advance(hour + HOUR + LATE_AFTER_MS - 1 - now);
    await scene.job.run();
    expect(await scene.madeRows()).toBe(0);
    await world.clock.advance(1);
    await scene.job.run();
    expect(await scene.madeRows()).toBe(2);
    expect((await scene.counts("hour")).at(-1)?.slice(1)).toEqual([1, 70, 70]);
  });

  it("of a demo closes when its replay has passed it", async () => {
    const now = world.clock.now();
    const anchor = day - 30 * DAY;
    const replayed = await newCarrier(world, { anchor, start: now, speed: 60 });
    await scene.store({ series: [heartRate(anchor, [70])] }, replayed.phone);
    await scene.job.run();
    expect(await scene.madeRows(replayed.patient)).toBe(0);
    const range = { from: anchor, to: anchor + DAY };
    expect((await scene.read("hour", range, replayed.patient)).series[0]?.count).toEqual([1]);
    await world.clock.advance(2 * MINUTE);
    await scene.job.run();
    expect(await scene.madeRows(replayed.patient)).toBe(2);
    expect((await scene.read("hour", range, replayed.patient)).series[0]?.count).toEqual([1]);
  });
});

describe("what was stored", () => {
  it("is found although it was committed after what came later", async () => {
    let commit = (): void => undefined;
    const held = new Promise<void>((resolve) => (commit = resolve));
    let written = (): void => undefined;
    const isWritten = new Promise<void>((resolve) => (written = resolve));
    const slow = scene.store({
      series: [heartRate(day + HOUR, [50])],
      beforeCommit: () => {
        written();
        return held;
      },
    });
    await isWritten;
    await scene.store({ series: [heartRate(day + 2 * HOUR, [80])] });
    let pauses = 0;
    const waiting = createSummaryJob({
      ...{ ...world, log },
      pause: async () => {
        pauses += 1;
        commit();
        await slow;
      },
    });
    await waiting.run();
    expect(pauses).toBe(1);
    expect(await scene.counts("hour")).toEqual([
      [1, 1, 50, 50],
      [2, 1, 80, 80],
    ]);
    expect(await scene.dueRows()).toBe(0);
  });

  it("is not passed over while a transaction goes on for ever, and found when that ends", async () => {
    let commit = (): void => undefined;
    const held = new Promise<void>((resolve) => (commit = resolve));
    let written = (): void => undefined;
    const isWritten = new Promise<void>((resolve) => (written = resolve));
    const slow = scene.store({
      series: [heartRate(day + HOUR, [50])],
      beforeCommit: () => {
        written();
        return held;
      },
    });
    await isWritten;
    await scene.job.run();
    expect(await scene.madeRows()).toBe(0);
    commit();
    await slow;
    await scene.job.run();
    expect(await scene.counts("hour")).toEqual([[1, 1, 50, 50]]);
    expect(await scene.madeRows()).toBe(2);
  });

  it("is found by the next program when one dies after the commit", async () => {
    await scene.store({ series: [heartRate(day + HOUR, [70])] });
    await createSummaryJob({ ...world, log }).run();
    expect(await scene.madeRows()).toBe(2);
  });

  it("is made by the next program when one dies between marking and making", async () => {
    await scene.store({ series: [heartRate(day + HOUR, [70])] });
    await markOnly(day + HOUR + 1);
    expect([await scene.dueRows(), await scene.madeRows()]).toEqual([1, 0]);
    await createSummaryJob({ ...world, log }).run();
    expect([await scene.dueRows(), await scene.madeRows()]).toEqual([0, 2]);
  });

  it("is found once for all, whatever stands in the log beside it", async () => {
    await scene.store({ series: [heartRate(day + HOUR, [70])] });
    await world.tamper(
      `INSERT INTO audit_events (at, event, actor, object, action, outcome, detail, entry) VALUES
         (1, 'readings.stored', 'device:xyz', 'none', 'create', 'done', '{}', ''),
         (1, 'readings.stored', 'operator', NULL, 'create', 'done', '{}', ''),
         (1, 'readings.stored', 'device:0000000000000000', repeat('0', 32), 'create', 'done', '{}', '')`,
    );
    await scene.store({ series: [heartRate(day + 2 * HOUR, [80])] });
    await scene.job.run();
    expect(await scene.counts("hour")).toHaveLength(2);
    await world.tamper("DELETE FROM summaries WHERE patient_id = $1", [patient.id]);
    await scene.job.run();
    expect(await scene.madeRows()).toBe(0);
  });

  it("is made by one of two programs, and not at all while a third holds the lock", async () => {
    for (let hour = 0; hour < 6; hour++) {
      await scene.store({ series: [heartRate(day + hour * HOUR, [60 + hour])] });
    }
    const other = createSummaryJob({ ...world, log, pause: () => Promise.resolve() });
    await world.database.withTransaction(async (tx) => {
      await tx.query("SELECT done_id FROM summary_progress FOR UPDATE");
      await Promise.all([scene.job.run(), other.run()]);
    });
    expect([await scene.madeRows(), await scene.dueRows()]).toEqual([0, 0]);
    await Promise.all([scene.job.run(), other.run(), scene.job.run(), other.run()]);
    await scene.job.run();
    expect(await scene.dueRows()).toBe(0);
    expect(await scene.counts("day")).toEqual([[0, 6, 60, 65]]);
  });

  it("over many days is put only into the hours that hold a sample", async () => {
    const values = [60, 61, 62];
    await scene.store({ series: [heartRate(day - 40 * DAY, values, 20 * DAY)] });
    await scene.job.run();
    expect(await scene.madeRows()).toBe(6);
    const range = { from: day - 50 * DAY };
    expect(await scene.counts("day", range)).toEqual([
      [-40 * 24, 1, 60, 60],
      [-20 * 24, 1, 61, 61],
      [0, 1, 62, 62],
    ]);
  });
});
