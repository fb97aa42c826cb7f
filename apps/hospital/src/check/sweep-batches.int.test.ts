import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  addDevice,
  addPatient,
  createHospitalWorld,
  storeBatch,
  type HospitalWorld,
  type TestDevice,
} from "../testing/hospital-world.ts";
import { sweepBatches } from "./sweep-batches.ts";

const EACH = 12;
const MINUTE_MS = 60_000;
/** That none of so many windows holds one message of twelve has a chance of less than 10^-9. */
const TRIES = 400;

let world: HospitalWorld;
const senders: TestDevice[] = [];

beforeAll(async () => {
  world = await createHospitalWorld();
  for (const mrn of ["A-1", "A-2"]) {
    const id = randomUUID();
    await addPatient(world, { id, mrn });
    senders.push(await addDevice(world, id));
  }
  for (let sent = 0; sent < EACH; sent++) {
    await world.clock.advance(MINUTE_MS);
    for (const sender of senders) await storeBatch(world, sender, batch());
  }
  await world.clock.advance(MINUTE_MS);
});
afterAll(() => world.close());

const batch = () => {
  const now = world.clock.now();
  const series = [{ kind: 1, start: now, step: 0, values: [70], origin: 0 }] as const;
  return { receivedAt: now, series };
};
const sweep = (most: number) => sweepBatches(world, world.clock.now(), most);
const damage = (which: "max" | "min") =>
  world.tamper(
    `UPDATE batches SET answer = sealed WHERE (device_id, message_id) IN
       (SELECT device_id, (array_agg(message_id ORDER BY message_id ${which === "max" ? "DESC" : "ASC"}))[1]
        FROM batches GROUP BY device_id)`,
  );

describe("the sweep of messages", () => {
  it("opens all of them once where there are no more than it takes", async () => {
    const { swept, findings } = await sweep(2000);
    expect([swept, findings]).toEqual([2 * EACH, []]);
  });

  it("opens no more than so many of the newest and so many older ones, however many there are", async () => {
    for (let time = 0; time < 20; time++) {
      const { swept } = await sweep(6);
      expect(swept).toBeGreaterThanOrEqual(6);
      expect(swept).toBeLessThanOrEqual(12);
    }
  });

  it("finds in time an old one that was changed, at another check than the next [HS-312c1, HS-312c2]", async () => {
    await damage("min");
    const found = new Set<string>();
    let clean = 0;
    for (let time = 0; time < TRIES && (found.size < 2 || clean === 0); time++) {
      const { findings } = await sweep(2);
      for (const { subject } of findings) found.add(subject);
      if (findings.length === 0) clean += 1;
    }
    expect(found.size).toBe(2);
    expect(clean).toBeGreaterThan(0);
  });

  it("finds the newest one of each device at every check [HS-312c1, HS-312c2]", async () => {
    await damage("max");
    for (let time = 0; time < 5; time++) {
      expect((await sweep(2)).findings.length).toBeGreaterThanOrEqual(2);
    }
  });

  it("draws some of the devices where there are more than it takes messages", async () => {
    const { swept } = await sweep(1);
    expect(swept).toBeGreaterThanOrEqual(1);
    expect(swept).toBeLessThanOrEqual(2);
  });
});
