import { parseRecord } from "@siphms/audit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareLog } from "../testing/compare-log.ts";
import {
  createHospitalWorld,
  HOSPITAL,
  log,
  type HospitalWorld,
} from "../testing/hospital-world.ts";
import { createSequencer, ensureLog } from "./index.ts";

let world: HospitalWorld;
beforeAll(async () => {
  world = await createHospitalWorld();
});
afterAll(() => world.close());

describe("an installation from before there was a log", () => {
  it("keeps its rows, to whose number and hash the first entry commits [HS-312c1, HS-316b2i]", async () => {
    await world.tamper("DELETE FROM hospital_keys WHERE purpose = 'log'");
    await world.tamper("DELETE FROM audit_events");
    await world.tamper(
      `INSERT INTO audit_events (at, event, actor, action, outcome, detail, entry)
       SELECT n, 'earlier', 'operator', 'read', 'done', '{"why": "role"}', '' FROM generate_series(1, 2500) AS n`,
    );
    const input = { ...HOSPITAL, now: world.clock.now() };
    expect(await ensureLog(world.database, input, world)).toBe(true);
    expect(await ensureLog(world.database, input, world)).toBe(false);
    await createSequencer({ ...world, log }).run();
    const { rows } = await world.database.query("SELECT entry FROM audit_events WHERE entry <> ''");
    const entries = rows.map((row) => parseRecord(row.bytes("entry")));
    expect(entries).toMatchObject([{ event: "audit.began" }]);
    expect(entries[0]?.object).toMatch(/^rows:2500\/[0-9a-f]{64}$/);
    expect(await compareLog(world)).toMatchObject({ ok: true, size: 1, earlier: 2500 });
    expect(await compareLog(world, { pages: 1 })).toMatchObject({ ok: true, earlier: 2500 });
    await world.tamper("UPDATE audit_events SET actor = 'staff:1' WHERE at = 2400");
    const { findings } = await compareLog(world);
    expect(findings).toEqual([{ what: "earlier-altered", index: 0, event: null }]);
    expect((await compareLog(world, { pages: 1 })).findings).toEqual(findings);
  });
});
