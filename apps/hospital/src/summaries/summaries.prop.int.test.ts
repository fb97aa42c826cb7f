import { randomUUID } from "node:crypto";
import { samplesOfRuns, type ApiSample, type SummarySeries, type SummarySpan } from "@siphms/api";
import type { QuarantinedSample, Series } from "@siphms/messages";
import type { Kind, WireValue } from "@siphms/vitals";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPatient, type Patient } from "../patients/index.ts";
import { createRecords } from "../records/index.ts";
import {
  addDevice,
  addPatient,
  createHospitalWorld,
  log,
  storeBatch,
  type HospitalWorld,
  type TestDevice,
} from "../testing/hospital-world.ts";
import { readSummary } from "./read-summary.ts";
import { createSummaryJob } from "./summary-job.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const END_OF_TIME = 2 ** 48;
const RUNS = 12;

let world: HospitalWorld;

beforeAll(async () => {
  world = await createHospitalWorld();
});

afterAll(() => world.close());

const value = (kind: Kind): fc.Arbitrary<WireValue> => {
  if (kind !== 2) return fc.integer({ min: 25, max: 250 });
  const parts = fc.tuple(
    fc.option(fc.integer({ min: 100, max: 200 })),
    fc.option(fc.integer({ min: 40, max: 90 })),
    // Some of them outside the pressures, so that they are dropped.
    fc.option(fc.integer({ min: 30, max: 210 })),
  );
  return parts.filter(([systolic, diastolic]) => systolic !== null || diastolic !== null);
};

const series: fc.Arbitrary<Series> = fc
  .record({
    kind: fc.constantFrom<Kind>(1, 2, 3),
    /** ms before now: from the open hour to four days ago. */
    age: fc.oneof(fc.integer({ min: 0, max: 3 * HOUR }), fc.integer({ min: 0, max: 4 * DAY })),
    count: fc.integer({ min: 1, max: 8 }),
  })
  .chain(({ kind, age, count }) =>
    fc
      .record({
        values: fc.array(value(kind), { minLength: count, maxLength: count }),
        step: fc.oneof(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 2 * DAY })),
      })
      .map(({ values, step }) => ({
        ...{ kind, values, origin: 0 as const },
        start: world.clock.now() - age,
        step: count === 1 ? 0 : step,
      })),
  );

interface Step {
  readonly series: readonly Series[];
  readonly late: boolean;
  /** Whose place in its first series goes into quarantine. */
  readonly bad: number | undefined;
  readonly whole: boolean;
  readonly device: 0 | 1;
  readonly runs: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  series: fc.array(series, { minLength: 1, maxLength: 3 }),
  late: fc.boolean(),
  bad: fc.option(fc.nat(3), { nil: undefined }),
  whole: fc.boolean(),
  device: fc.constantFrom(0, 1),
  runs: fc.boolean(),
});

const steps = fc.array(step, { minLength: 1, maxLength: 8 });

async function take(
  { series: all, late, bad, whole, ...rest }: Step,
  phones: readonly TestDevice[],
) {
  const phone = phones[rest.device];
  if (phone === undefined) throw new Error("no phone");
  const isThere = bad !== undefined && bad < (all[0]?.values.length ?? 0);
  const quarantined: readonly QuarantinedSample[] | undefined = isThere
    ? [[0, bad, "no-signal"]]
    : undefined;
  await storeBatch(world, phone, {
    ...{ series: all, late, receivedAt: world.clock.now() },
    ...(whole && bad === 0 ? { reason: "clock" } : quarantined && { quarantined }),
  });
  if (rest.runs) await createSummaryJob({ ...world, log, pause: () => Promise.resolve() }).run();
}

interface Point {
  readonly at: number;
  readonly value: number;
  readonly state: ApiSample["state"];
}

/** What summaries have to say, worked out from the readings as staff see them. */
function summarise(samples: readonly ApiSample[], span: SummarySpan): Map<string, object> {
  const length = span === "hour" ? HOUR : DAY;
  const periods = new Map<string, Point[]>();
  for (const { kind, at, value: whole, state } of samples) {
    const start = Math.floor(at / length) * length;
    const parts = typeof whole === "number" ? { "": whole } : partsOf(whole);
    for (const [part, one] of Object.entries(parts)) {
      if (one === null) continue;
      const key = `${kind} ${part} ${start}`;
      periods.set(key, [...(periods.get(key) ?? []), { at, value: one, state }]);
    }
  }
  return new Map([...periods].map(([key, points]) => [key, describePoints(points)]));
}

function partsOf([systolic, diastolic, mean]: readonly (number | null)[]) {
  return { systolic: systolic ?? null, diastolic: diastolic ?? null, mean: mean ?? null };
}

function describePoints(points: readonly Point[]): object {
  const good = points.filter(({ state }) => state !== "quarantined");
  const values = good.map(({ value: one }) => one);
  const [firstAt, lastAt] = [
    Math.min(...good.map(({ at }) => at)),
    Math.max(...good.map(({ at }) => at)),
  ];
  const at = (time: number) =>
    good.filter((point) => point.at === time).map((point) => point.value);
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const known = {
    ...{ min: Math.min(...values), max: Math.max(...values), firstAt, lastAt },
    ...{ first: Math.min(...at(firstAt)), last: Math.max(...at(lastAt)) },
  };
  const none = { min: null, max: null, firstAt: null, lastAt: null, first: null, last: null };
  return {
    ...(good.length === 0 ? none : known),
    // To the thousandth that is shown, give or take what floating point makes of it.
    mean: good.length === 0 ? null : (expect.closeTo(mean, 2) as unknown),
    count: good.length,
    late: good.filter(({ state }) => state === "late").length,
    quarantined: points.length - good.length,
  };
}

function flatten(all: readonly SummarySeries[]): Map<string, object> {
  return new Map(
    all.flatMap(({ kind, part = "", unit, start, ...columns }) =>
      start.map((its, index) => {
        const row = Object.entries(columns).map(([name, column]) => [name, column[index]]);
        expect(unit).not.toBe("");
        return [`${kind} ${part} ${its}`, Object.fromEntries(row) as object] as const;
      }),
    ),
  );
}

describe("summaries", () => {
  it("say what the readings say, in whatever order and how late these came", async () => {
    let [settled, compared] = [0, 0];
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (all, runsAtEnd) => {
        const id = randomUUID();
        await addPatient(world, { id, mrn: id });
        const phones = [await addDevice(world, id), await addDevice(world, id)];
        for (const one of all) await take(one, phones);
        if (runsAtEnd)
          await createSummaryJob({ ...world, log, pause: () => Promise.resolve() }).run();
        const patient = await findPatient(world.database, world.keyring, id);
        if (patient === undefined) throw new Error("no patient");
        const range = { from: 0, to: END_OF_TIME };
        const { runs } = await createRecords(world).range(patient, { ...range, limit: 1e6 });
        for (const span of ["hour", "day"] as const) {
          const query = { ...range, span, now: world.clock.now() };
          const outcome = await readSummary(patient, query, world);
          if (outcome.kind !== "summary") throw new Error(outcome.kind);
          const found = flatten(outcome.summary.series);
          expect(found).toEqual(summarise(samplesOfRuns(runs), span));
          compared += found.size;
        }
        settled += await madeRows(patient);
      }),
      { numRuns: RUNS },
    );
    expect(compared).toBeGreaterThan(100);
    expect(settled).toBeGreaterThan(50);
  });
});

async function madeRows({ id }: Patient): Promise<number> {
  const { rows } = await world.database.query(
    "SELECT count(*) AS count FROM summaries WHERE patient_id = $1",
    [id],
  );
  return rows[0]?.number("count") ?? 0;
}
