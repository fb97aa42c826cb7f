import { randomUUID } from "node:crypto";
import { TREND_STEP_MS, TREND_STEPS, trendsPath, type Trends } from "@siphms/api";
import type { Series } from "@siphms/messages";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
  createHospitalWorld,
  storeBatch,
  type HospitalWorld,
  type TestBatch,
  type TestDevice,
} from "../testing/hospital-world.ts";

const NURSE = "Nurse Watching";
const [own, other, empty] = [randomUUID(), randomUUID(), randomUUID()];
let world: HospitalWorld;
let site: ConsoleWorld;
let nurse: TestPerson;
let phone: TestDevice;
/** Where the last step begins. */
let step: number;

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
  nurse = await site.signIn(NURSE, "nurse");
  for (const id of [own, other, empty]) await addPatient(world, { id, mrn: id });
  for (const id of [own, empty]) await putInCare(world, NURSE, id);
  phone = await addDevice(world, own);
  const stranger = await addDevice(world, other);
  const now = world.clock.now();
  step = now - (now % TREND_STEP_MS);
  await store([rate(step, [60, 62])]);
  await store([rate(step - 2 * TREND_STEP_MS, [80])]);
  await store([rate(step - (TREND_STEPS - 1) * TREND_STEP_MS - 1, [200])]);
  await store([rate(step, [250])], { quarantined: [[0, 0, "no-contact"]] });
  await store([{ kind: 2, start: step, step: 0, values: [[120, 80, null]], origin: 0 }]);
  await store([{ kind: 6, start: step, step: 0, values: [1000], origin: 0 }]);
  await store([{ kind: 5, start: step, step: 0, values: [3675], origin: 0 }]);
  await store([rate(step, [99])], {}, stranger);
});
afterAll(() => world.close());

const rate = (start: number, values: readonly number[]): Series => ({
  ...{ kind: 1, start, values, origin: 0 },
  step: values.length === 1 ? 0 : 1000,
});
const store = (series: readonly Series[], more: Partial<TestBatch> = {}, from = phone) =>
  storeBatch(world, from, { receivedAt: world.clock.now(), series, ...more });
const ask = (ids: readonly string[]) => site.ask({ url: trendsPath(ids) }, nurse);

describe("the worklist's small curves", () => {
  it("hold six hours in steps of ten minutes: means of what is good, and gaps as gaps", async () => {
    const { trends } = (await ask([own])).json<Trends>();
    const curve = (filled: readonly [number, number][]) => {
      const values = Array.from({ length: TREND_STEPS }, (): number | null => null);
      for (const [at, value] of filled) values[at] = value;
      return values;
    };
    expect(trends).toEqual([
      {
        patient: own,
        start: step - (TREND_STEPS - 1) * TREND_STEP_MS,
        stepMs: TREND_STEP_MS,
        series: [
          {
            kind: "heart-rate",
            values: curve([
              [TREND_STEPS - 1, 61],
              [TREND_STEPS - 3, 80],
            ]),
          },
          { kind: "blood-pressure", values: curve([[TREND_STEPS - 1, 120]]) },
          { kind: "body-temperature", values: curve([[TREND_STEPS - 1, 36.8]]) },
        ],
      },
    ]);
  });

  it("are empty for a patient who has sent nothing", async () => {
    expect((await ask([empty])).json<Trends>().trends).toMatchObject([
      { patient: empty, series: [] },
    ]);
  });

  it("leave out who is not the person's; each is noted, shown or refused (SR-23, SR-58)", async () => {
    const nobody = randomUUID();
    const noted = await entriesOf(world, async () => {
      const { trends } = (await ask([own, other, nobody, "nobody"])).json<Trends>();
      expect(trends.map(({ patient }) => patient)).toEqual([own]);
    });
    const refused = { event: "access.refused", object: "GET /api/trends", outcome: "refused" };
    expect(noted).toMatchObject([
      { ...refused, subject: other },
      { ...refused, subject: nobody },
      { ...refused, subject: null },
      { event: "data.disclosed", object: "trends", subject: own },
    ]);
  });

  it.each([
    ["nobody is named", "/api/trends"],
    ["too many are named", trendsPath(Array.from({ length: 51 }, () => own))],
    ["something else is asked", "/api/trends?days=7"],
  ])("are refused where %s", async (_what, url) => {
    expect((await site.ask({ url }, nurse)).status).toBe(400);
  });
});
