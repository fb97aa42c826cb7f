import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createAlertScene,
  hearts,
  pressure,
  RACING,
  type AlertScene,
} from "../testing/alert-scene.ts";
import { createTestAlerts } from "../testing/alert-world.ts";
import {
  addDevice,
  createHospitalWorld,
  storeBatch,
  type HospitalWorld,
} from "../testing/hospital-world.ts";
import type { Alerts } from "./index.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STAFF = 7;

let world: HospitalWorld;
let alerts: Alerts;
let scene: AlertScene;

beforeAll(async () => {
  world = await createHospitalWorld();
  alerts = createTestAlerts(world);
});

afterAll(() => world.close());

beforeEach(async () => {
  await world.clock.advance(HOUR);
  // What other tests left due is no part of this one.
  await alerts.job.run();
  scene = await createAlertScene(world, alerts);
});

async function racing(): Promise<{ readonly id: number; readonly patientId: string }> {
  const alert = (await scene.open())[RACING];
  if (alert === undefined) throw new Error("nothing races");
  return { id: Number(alert.id), patientId: scene.patientId };
}

const acknowledge = async () =>
  alerts.desk.acknowledge({ ...(await racing()), staffId: STAFF }, "urgent");

describe("an alert (SR-66)", () => {
  it("is raised after the commit of what raised it, with what was found", async () => {
    await scene.heart(140);
    const now = world.clock.now();
    await alerts.job.run();
    expect((await scene.open())[RACING]).toMatchObject({
      ...{ patient: scene.patientId, channel: "clinical", level: "urgent", late: false },
      ...{ raised: now, at: now },
      finding: { type: "limit", kind: "heart-rate", side: "high", value: 140, limit: 131 },
    });
    expect(await scene.events()).toEqual({ "alert.raised": 1 });
  });

  it("is not raised by good values", async () => {
    await scene.heart(70, 71, 72);
    await alerts.job.run();
    expect(await scene.stand()).toMatchObject({ open: [], news2: { total: 0 } });
    expect(await scene.history()).toEqual([]);
  });

  it("is not raised by what stands in quarantine, nor by whoever is not confirmed as the patient", async () => {
    await scene.store(hearts(world.clock.now(), 0, 250), {
      quarantined: [
        [0, 0, "no-signal"],
        [0, 1, "no-signal"],
      ],
    });
    const stranger = await addDevice(world, scene.patientId);
    await storeBatch(world, stranger, {
      receivedAt: world.clock.now(),
      series: [hearts(world.clock.now(), 250)],
      reason: "binding-pending",
    });
    await alerts.job.run();
    expect(await scene.stand()).toEqual({ open: [], news2: null });
  });

  it("is brought up to date by newer values and not raised again", async () => {
    await scene.heart(140);
    await alerts.job.run();
    const raised = world.clock.now();
    await world.clock.advance(MINUTE);
    await scene.heart(150);
    await alerts.job.run();
    expect((await scene.open())[RACING]).toMatchObject({
      ...{ raised, updated: world.clock.now() },
      finding: { value: 150 },
    });
    expect(await scene.history()).toHaveLength(1);
    expect(await scene.events()).toEqual({ "alert.raised": 1 });
  });

  it("whose level rises is told again, and its acknowledgement is gone", async () => {
    await scene.heart(100, 101);
    await alerts.job.run();
    expect((await scene.open())[RACING]?.level).toBe("warn");
    expect(await acknowledge()).toBe("done");
    await world.clock.advance(MINUTE);
    await scene.heart(140);
    await alerts.job.run();
    const alert = (await scene.open())[RACING];
    expect(alert?.level).toBe("urgent");
    expect(alert).not.toHaveProperty("acknowledged");
    expect(await scene.events()).toEqual({ "alert.raised": 2, "alert.acknowledged": 1 });
  });

  it("stays open when it is over, until somebody acknowledges it", async () => {
    await scene.heart(140);
    await alerts.job.run();
    await world.clock.advance(MINUTE);
    await scene.heart(70);
    await alerts.job.run();
    expect((await scene.open())[RACING]).toMatchObject({ over: world.clock.now() });
    expect(await acknowledge()).toBe("done");
    expect(await scene.open()).toEqual({});
    const [alert] = await scene.history();
    expect(alert).toMatchObject({
      acknowledged: { by: `staff:${String(STAFF)}` },
      resolved: { at: world.clock.now() },
    });
    expect(alert?.resolved).not.toHaveProperty("by");
  });

  it("that somebody has acknowledged resolves by itself when it is over", async () => {
    await scene.heart(140);
    await alerts.job.run();
    await acknowledge();
    await world.clock.advance(MINUTE);
    await scene.heart(70);
    await alerts.job.run();
    expect(await scene.open()).toEqual({});
    expect(await scene.events()).toMatchObject({ "alert.resolved": 1 });
  });

  it("that somebody has resolved comes again when it begins anew, and not before", async () => {
    await scene.heart(140);
    await alerts.job.run();
    const one = { ...(await racing()), staffId: STAFF };
    expect(await alerts.desk.resolve(one, "Has been running")).toBe("done");
    await world.clock.advance(MINUTE);
    await scene.heart(150);
    await alerts.job.run();
    expect(await scene.open()).toEqual({});
    await scene.heart(70);
    await world.clock.advance(MINUTE);
    await scene.heart(140);
    await alerts.job.run();
    expect(Object.keys(await scene.open())).toEqual([RACING]);
    expect(await scene.history()).toHaveLength(2);
  });

  it("is raised by late values in the history alone", async () => {
    const at = world.clock.now() - 2 * HOUR;
    await scene.store(hearts(at, 140), { late: true });
    await alerts.job.run();
    expect(await scene.open()).toEqual({});
    const [alert] = await scene.history();
    expect(alert).toMatchObject({ late: true, at, raised: world.clock.now(), told: [] });
    expect(alert).not.toHaveProperty("nextStep");
    expect(await scene.events()).toEqual({ "alert.late": 1 });
    expect(
      await alerts.desk.acknowledge(
        {
          id: Number(alert?.id),
          patientId: scene.patientId,
          staffId: STAFF,
        },
        "urgent",
      ),
    ).toBe("unknown");
  });

  it("runs on the patient's clinical time, and is raised in real time", async () => {
    const start = world.clock.now();
    const anchor = start - 100 * 24 * HOUR;
    const replayed = await createAlertScene(world, alerts, { anchor, start, speed: 60 });
    await world.clock.advance(MINUTE);
    await replayed.store(hearts(anchor + HOUR, 140));
    await alerts.job.run();
    expect((await replayed.open())[RACING]).toMatchObject({
      at: anchor + HOUR,
      raised: world.clock.now(),
    });
  });
});

describe("no data", () => {
  const NO_PRESSURE = "no-data:blood-pressure";

  it("is none before the first reading, however much time passes", async () => {
    await scene.heart(70);
    await alerts.job.run();
    await world.clock.advance(12 * HOUR);
    await alerts.job.run();
    expect(await scene.open()).toEqual({});
  });

  it("is told once the plan's time has passed, and not a moment before", async () => {
    await scene.store(pressure(world.clock.now(), 120, 75));
    await alerts.job.run();
    // The heart is still heard of: the device is not silent.
    await world.clock.advance(14 * HOUR - 1);
    await scene.heart(70);
    await alerts.job.run();
    expect(await scene.open()).toEqual({});
    await world.clock.advance(250);
    await alerts.job.run();
    expect((await scene.open())[NO_PRESSURE]).toMatchObject({
      ...{ channel: "technical", level: "warn" },
      finding: { type: "no-data", kind: "blood-pressure", afterMs: 14 * HOUR },
    });
  });

  it("is not silenced by acknowledging a value's alert of the same kind", async () => {
    await scene.store(pressure(world.clock.now(), 200, 75));
    await alerts.job.run();
    const high = (await scene.open())["limit:blood-pressure:systolic:high"];
    const named = { id: Number(high?.id), patientId: scene.patientId, staffId: STAFF };
    expect(await alerts.desk.acknowledge(named, "urgent")).toBe("done");
    await world.clock.advance(13 * HOUR);
    await scene.heart(70);
    await alerts.job.run();
    await world.clock.advance(2 * HOUR);
    await alerts.job.run();
    expect((await scene.open())[NO_PRESSURE]).not.toHaveProperty("acknowledged");
  });

  it("ends by itself with the next value, whether or not anybody has acknowledged it", async () => {
    await scene.store(pressure(world.clock.now(), 120, 75));
    await alerts.job.run();
    await world.clock.advance(13 * HOUR);
    await scene.heart(70);
    await alerts.job.run();
    await world.clock.advance(2 * HOUR);
    await alerts.job.run();
    expect(await scene.open()).toHaveProperty(NO_PRESSURE);
    await scene.store(pressure(world.clock.now(), 120, 75));
    await alerts.job.run();
    expect(await scene.open()).toEqual({});
    expect((await scene.history())[0]).toMatchObject({ rule: NO_PRESSURE, resolved: {} });
  });

  it("at all is told as a silent device, not once for each kind", async () => {
    await scene.store([pressure(world.clock.now(), 120, 75), hearts(world.clock.now(), 70)]);
    await alerts.job.run();
    await world.clock.advance(20 * HOUR);
    await alerts.job.run();
    expect(Object.keys(await scene.open())).toEqual(["silent"]);
  });

  it("is no silence where a device was heard of without a reading", async () => {
    await scene.store(pressure(world.clock.now(), 120, 75));
    await alerts.job.run();
    await world.clock.advance(12.5 * HOUR);
    await world.database.query(
      "INSERT INTO device_contacts (device_id, last_seen_at) VALUES ($1, $2)",
      [scene.phone.device.id, world.clock.now()],
    );
    await world.clock.advance(2 * HOUR);
    await alerts.job.run();
    expect(Object.keys(await scene.open())).toEqual([NO_PRESSURE]);
  });
});

describe("what is known of devices", () => {
  it("is the charge that a sensor told last", async () => {
    const sensor = { manufacturer: "Invented", model: "Pulse", serial: "1" };
    const at = world.clock.now();
    await scene.store({ ...hearts(at, 70), sensor: { ...sensor, batteryPercent: 9 } });
    await alerts.job.run();
    expect((await scene.open())["battery"]).toMatchObject({ finding: { percent: 9 } });
    await scene.store({ ...hearts(at, 70), sensor: { ...sensor, batteryPercent: 101 } });
    await alerts.job.run();
    expect(await scene.open()).toHaveProperty("battery");
    await scene.store({ ...hearts(at, 70), sensor: { ...sensor, batteryPercent: 90 } });
    await alerts.job.run();
    expect(await scene.open()).toEqual({});
  });

  it("is which numbers of a running session are missing, once they cannot be on their way any more", async () => {
    const sid = Uint8Array.from({ length: 16 }, (_, index) => index + 1);
    const { database, clock, keys } = world;
    await database.query(
      `INSERT INTO sessions (sid, device_id, patient_id, hospital_key, gateway, created_at, expires_at)
       VALUES ($1, $2, $3, $4, 'g', $5, $6)`,
      [
        sid,
        scene.phone.device.id,
        scene.patientId,
        keys.identity.id,
        clock.now(),
        clock.now() + 24 * HOUR,
      ],
    );
    const use = (seq: number) =>
      database.query(
        "INSERT INTO session_seqs (sid, seq, envelope_hash, answer) VALUES ($1, $2, $1, $1)",
        [sid, seq],
      );
    for (const seq of [0, 1, 3]) await use(seq);
    await scene.heart(70);
    await alerts.job.run();
    expect(await scene.open()).toEqual({});
    await clock.advance(5 * MINUTE);
    await alerts.job.run();
    expect((await scene.open())["gap"]).toMatchObject({ finding: { missing: 1 } });
    await use(2);
    await clock.advance(5 * MINUTE);
    await alerts.job.run();
    expect(await scene.open()).toEqual({});
  });
});

describe("a plan that was changed", () => {
  it("is applied to what is known without anything new", async () => {
    await scene.heart(140);
    await alerts.job.run();
    expect(await scene.open()).toHaveProperty([RACING]);
    await acknowledge();
    await world.tamper(
      `INSERT INTO audit_events (at, event, actor, subject, object, action, outcome, detail, entry)
       VALUES (1, 'plan.set', 'staff:1', $1, 'plan', 'create', 'done', '{}', '')`,
      [scene.patientId],
    );
    const before = alerts.job.counts().evaluated;
    await alerts.job.run();
    expect(alerts.job.counts().evaluated).toBe(before + 1);
    expect(await scene.events()).toMatchObject({ "alert.raised": 1 });
  });
});
