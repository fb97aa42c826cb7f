import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createRecords, type Records } from "../records/index.ts";
import { createTestAccess, putInCare } from "../testing/access-world.ts";
import { addDevice, storeBatch } from "../testing/hospital-world.ts";
import {
  createLogInWorld,
  PASSWORD,
  setUpPassword,
  type LogInWorld,
} from "../testing/log-in-world.ts";
import { createOperator } from "../testing/operator-world.ts";
import { createProtocolWorld, newPatient, type ProtocolWorld } from "../testing/protocol-world.ts";

const PAGES = 3;

let world: ProtocolWorld;
let people: LogInWorld;
let server: FastifyInstance;
let afterPage: () => Promise<unknown>;
let pages: number;
let url: string;
let mrn: string;
let count = 0;
let name: string;
let authorization: string;

beforeAll(async () => {
  world = await createProtocolWorld();
  people = await createLogInWorld(world);
  const real = createRecords(world);
  const records: Records = {
    ...real,
    async range(patient, query) {
      const page = await real.range(patient, query);
      pages += 1;
      await afterPage();
      return page;
    },
  };
  server = createOperator(world, { records });
});
afterAll(async () => {
  await server.close();
  await people.server.close();
  await world.close();
});

beforeEach(async () => {
  afterPage = () => Promise.resolve();
  pages = 0;
  const patient = await newPatient(world);
  mrn = patient;
  const phone = await addDevice(world, patient);
  for (let batch = 0; batch < 2 * PAGES; batch += 1) {
    const start = world.clock.now() + batch * 3_600_000;
    const values = Array.from({ length: 2400 }, () => 60);
    const series = [{ kind: 1, start, step: 1000, values, origin: 0 }] as const;
    await storeBatch(world, phone, { receivedAt: start, series });
  }
  count += 1;
  name = `Dr. Reading ${String(count)}`;
  const typing = await setUpPassword(people, name);
  await putInCare(world, name, patient);
  await world.clock.advance(30_000);
  const payload = { name, password: PASSWORD, code: typing.code(world.clock.now()) };
  const opened = await server.inject({ method: "POST", url: "/operator/log-in/password", payload });
  authorization = `Bearer ${opened.json<{ token: string }>().token}`;
  url = `/operator/readings?mrn=${mrn}`;
});

/** The lines that came, and whether they came to an end. */
const read = async () => {
  try {
    const answer = await server.inject({ url, headers: { authorization } });
    return answer.statusCode === 200 ? "whole" : "refused";
  } catch {
    return "broken off";
  }
};

it("readings come page by page for as long as the person may read them", async () => {
  expect(await read()).toBe("whole");
  expect(pages).toBeGreaterThanOrEqual(PAGES);
});

it.each<[string, () => Promise<unknown>]>([
  ["the care ends", () => createTestAccess(world).endCare({ staff: name, mrn }, "operator")],
  ["the account is disabled", () => people.desk.disable(name, "operator")],
  [
    "the person gets another role",
    () => people.desk.changeRole({ name, role: "administrator", actor: "operator" }),
  ],
  ["the session is over", () => world.clock.advance(15 * 60_000)],
])("readings break off before the next page when %s (SR-18) [HS-308a3C]", async (_what, act) => {
  afterPage = act;
  expect(await read()).toBe("broken off");
  expect(pages).toBe(1);
});
