import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  addDevice,
  addPatient,
  createHospitalWorld,
  storeBatch,
  type HospitalWorld,
} from "../testing/hospital-world.ts";
import { countLost } from "./drill-lost.ts";

let world: HospitalWorld;
let entries: number;

beforeAll(async () => {
  world = await createHospitalWorld();
  for (const [mrn, messages] of [
    ["A-1", 4],
    ["A-2", 1],
    ["A-3", 0],
  ] as const) {
    const id = randomUUID();
    await addPatient(world, { id, mrn });
    const sender = await addDevice(world, id);
    for (let sent = 0; sent < messages; sent++) {
      const now = world.clock.now();
      const series = [{ kind: 1, start: now, step: 0, values: [70], origin: 0 }] as const;
      await storeBatch(world, sender, { receivedAt: now, series });
    }
  }
  const { rows } = await world.database.query("SELECT count(*) AS count FROM audit_events");
  entries = rows[0]?.number("count") ?? 0;
});
afterAll(() => world.close());

describe("what a backup lacks", () => {
  it.each([1, 2, 3, 100_000])(
    "is counted by statements of %i rows at most [HS-308a7D]",
    async (page) => {
      const tables = { "public.batches": 2, "public.audit_events": entries - 1 };
      const asked: string[] = [];
      const query: typeof world.database.query = (text, values) => {
        asked.push(text);
        return world.database.query(text, values);
      };
      const database = { ...world.database, query };
      expect(await countLost(database, tables, page)).toEqual({ messages: 3, auditEntries: 1 });
      expect(asked.filter((text) => text.includes("count(*)") && !text.includes("LIMIT"))).toEqual(
        [],
      );
    },
  );

  it("is nothing where the backup has more than the hospital", async () => {
    const tables = { "public.batches": 9, "public.audit_events": entries + 9 };
    expect(await countLost(world.database, tables)).toEqual({ messages: 0, auditEntries: 0 });
  });
});
