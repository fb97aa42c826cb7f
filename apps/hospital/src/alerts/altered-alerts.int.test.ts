import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAlertScene, RACING, type AlertScene } from "../testing/alert-scene.ts";
import { createTestAlerts } from "../testing/alert-world.ts";
import { createHospitalWorld, type HospitalWorld } from "../testing/hospital-world.ts";
import type { Alerts } from "./index.ts";

const MINUTE = 60_000;

let world: HospitalWorld;
let alerts: Alerts;
let scene: AlertScene;

beforeAll(async () => {
  world = await createHospitalWorld();
  alerts = createTestAlerts(world);
});

afterAll(() => world.close());

beforeEach(async () => {
  await world.clock.advance(MINUTE);
  scene = await createAlertScene(world, alerts);
});

describe("an alert that was changed in the database [HS-312c1]", () => {
  const UPDATE = "UPDATE alerts SET";
  const OF = "WHERE patient_id = $1";

  it.each([
    ["acknowledged", `${UPDATE} acknowledged_at = 1, acknowledged_by = 'staff:1' ${OF}`],
    ["half acknowledged", `${UPDATE} acknowledged_at = 1 ${OF}`],
    ["resolved", `${UPDATE} resolved_at = 1 ${OF}`],
    [
      "resolved long ago",
      `${UPDATE} resolved_at = 1, resolved_by = 'staff:1', raised_at = 0 ${OF}`,
    ],
    ["of another level", `${UPDATE} level = 'warn' ${OF}`],
    ["made late", `${UPDATE} late = true, raised_at = 0 ${OF}`],
    ["never handed on", `${UPDATE} next_step_at = 9000000000000000 ${OF}`],
    ["beyond what a program reads", `${UPDATE} at = 9100000000000000000 ${OF}`],
    ["set aside", `${UPDATE} set_aside = true ${OF}`],
  ])("is raised anew: %s", async (_title, sql) => {
    await scene.heart(140);
    await alerts.job.run();
    await world.tamper(sql, [scene.patientId]);
    await world.clock.advance(2 * MINUTE);
    await alerts.job.run();
    expect((await scene.open())[RACING]).toMatchObject({
      level: "urgent",
      finding: { value: 140 },
    });
    await world.clock.advance(2 * MINUTE);
    await alerts.job.run();
    expect(await scene.events()).toMatchObject({ "alert.raised": 2, "alert.altered": 1 });
  });

  it.each([
    ["taken away", "DELETE FROM alerts WHERE patient_id = $1"],
    ["unreadable", "UPDATE alerts SET found = '\\x00' WHERE patient_id = $1"],
    [
      "another's",
      "UPDATE alerts SET patient_id = '00000000-0000-4000-8000-000000000000' WHERE patient_id = $1",
    ],
  ])("that cannot be read any more begins anew with the next value: %s", async (_title, sql) => {
    await scene.heart(140);
    await alerts.job.run();
    await world.tamper(sql, [scene.patientId]);
    await world.clock.advance(2 * MINUTE);
    await alerts.job.run();
    await scene.heart(145);
    await alerts.job.run();
    expect((await scene.open())[RACING]).toMatchObject({ finding: { value: 145 } });
    expect(await scene.events()).toMatchObject({ "alert.altered": 1 });
  });

  it("is raised anew before the next value is told, which finds it", async () => {
    await scene.heart(140);
    await alerts.job.run();
    await world.tamper("UPDATE alerts SET level = 'warn' WHERE patient_id = $1", [scene.patientId]);
    await scene.heart(70);
    await world.clock.advance(1000);
    await scene.heart(150);
    await alerts.job.run();
    expect((await scene.open())[RACING]).toMatchObject({
      level: "urgent",
      finding: { value: 150 },
    });
    expect(await scene.events()).toMatchObject({ "alert.altered": 1 });
  });

  it("cannot be acknowledged", async () => {
    await scene.heart(140);
    await alerts.job.run();
    const id = Number((await scene.open())[RACING]?.id);
    await world.tamper("UPDATE alerts SET level = 'warn' WHERE patient_id = $1", [scene.patientId]);
    const one = { id, patientId: scene.patientId, staffId: 1 };
    expect(await alerts.desk.acknowledge(one, "urgent")).toBe("unknown");
  });
});
