import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { changeDevice } from "../enrolment/index.ts";
import { createAlertScene, type AlertScene } from "../testing/alert-scene.ts";
import { createTestAlerts } from "../testing/alert-world.ts";
import {
  addPatient,
  bindDevice,
  createHospitalWorld,
  type HospitalWorld,
} from "../testing/hospital-world.ts";
import type { Alerts } from "./index.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

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
  await alerts.job.run();
  scene = await createAlertScene(world, alerts);
});

describe("a patient whose device was revoked (SR-66)", () => {
  const revoke = () =>
    world.database.withTransaction((tx) =>
      changeDevice(tx, world.keyring, {
        device: scene.phone.device,
        change: { state: "revoked", code: null, endedAt: world.clock.now() },
      }),
    );

  it("is not told to be silent: nothing is expected of them", async () => {
    await scene.heart(70);
    await alerts.job.run();
    await revoke();
    await world.clock.advance(30 * HOUR);
    await alerts.job.run();
    expect(await scene.history()).toEqual([]);
  });

  it("is not silent any more where that was told", async () => {
    await scene.heart(70);
    await alerts.job.run();
    await world.clock.advance(14 * HOUR);
    await alerts.job.run();
    expect(Object.keys(await scene.open())).toEqual(["silent"]);
    await revoke();
    await world.clock.advance(5 * MINUTE);
    await alerts.job.run();
    expect(await scene.open()).toEqual({});
  });
});

describe("a patient of whom nothing was ever evaluated", () => {
  it("is watched: their device was heard of and has sent no reading", async () => {
    const { database, clock } = world;
    await database.query("INSERT INTO device_contacts (device_id, last_seen_at) VALUES ($1, $2)", [
      scene.phone.device.id,
      clock.now(),
    ]);
    await clock.advance(2 * MINUTE);
    await alerts.job.run();
    await alerts.job.run();
    await clock.advance(13 * HOUR);
    await alerts.job.run();
    expect((await scene.open())["silent"]).toMatchObject({ channel: "technical" });
  });

  it("is not watched before their device is theirs", async () => {
    const patientId = randomUUID();
    await addPatient(world, { id: patientId, mrn: patientId });
    await bindDevice(world, patientId, { confirmedAt: world.clock.now(), confirmedBy: "operator" });
    await world.clock.advance(2 * MINUTE);
    await alerts.job.run();
    const { rows } = await world.database.query("SELECT FROM alert_states WHERE patient_id = $1", [
      patientId,
    ]);
    expect(rows).toEqual([]);
  });
});

describe("a hospital that was away for a night", () => {
  const heard = (at: number) =>
    world.database.query(
      `INSERT INTO device_contacts (device_id, last_seen_at) VALUES ($1, $2)
       ON CONFLICT (device_id) DO UPDATE SET last_seen_at = excluded.last_seen_at`,
      [scene.phone.device.id, at],
    );

  it("tells of silence once devices have had time to be heard of again", async () => {
    await world.database.query("DELETE FROM device_contacts");
    await heard(world.clock.now());
    await scene.heart(70);
    await alerts.job.run();
    await world.clock.advance(15 * HOUR);
    const again = createTestAlerts(world);
    await again.job.run();
    expect(await scene.open()).toEqual({});
    await world.clock.advance(15 * MINUTE);
    await again.job.run();
    expect(Object.keys(await scene.open())).toEqual(["silent"]);
  });

  it("tells of nothing where they were", async () => {
    await heard(world.clock.now());
    await scene.heart(70);
    await alerts.job.run();
    await world.clock.advance(15 * HOUR);
    const again = createTestAlerts(world);
    await again.job.run();
    await heard(world.clock.now());
    await world.clock.advance(15 * MINUTE);
    await again.job.run();
    expect(await scene.history()).toEqual([]);
  });

  it("was only begun anew: who is silent is told at once", async () => {
    await heard(world.clock.now());
    await scene.heart(70);
    await alerts.job.run();
    await world.clock.advance(14 * HOUR);
    // Somebody else was heard of meanwhile.
    const other = await createAlertScene(world, alerts);
    await world.database.query(
      "INSERT INTO device_contacts (device_id, last_seen_at) VALUES ($1, $2)",
      [other.phone.device.id, world.clock.now() - MINUTE],
    );
    await createTestAlerts(world).job.run();
    expect(Object.keys(await scene.open())).toEqual(["silent"]);
  });
});

describe("a session that a device has left", () => {
  async function session(first: number): Promise<Uint8Array> {
    const sid = Uint8Array.from({ length: 16 }, (_, index) => first + index);
    const { database, clock, keys } = world;
    await database.query(
      `INSERT INTO sessions (sid, device_id, patient_id, hospital_key, gateway, created_at, expires_at)
       VALUES ($1, $2, $3, $4, 'g', $5, $6)`,
      [
        ...[sid, scene.phone.device.id, scene.patientId, keys.identity.id],
        ...[clock.now(), clock.now() + 24 * HOUR],
      ],
    );
    return sid;
  }
  async function use(sid: Uint8Array, ...seqs: readonly number[]): Promise<void> {
    for (const seq of seqs) {
      await world.database.query(
        "INSERT INTO session_seqs (sid, seq, envelope_hash, answer) VALUES ($1, $2, $1, $1)",
        [sid, seq],
      );
    }
  }

  it("misses nothing: what was not answered there came in the next one", async () => {
    await use(await session(1), 0, 1, 3);
    await scene.heart(70);
    await alerts.job.run();
    await world.clock.advance(MINUTE);
    const next = await session(101);
    await use(next, 0);
    await world.clock.advance(5 * MINUTE);
    await alerts.job.run();
    expect(await scene.open()).toEqual({});
    await use(next, 2);
    await world.clock.advance(5 * MINUTE);
    await scene.heart(70);
    await alerts.job.run();
    await world.clock.advance(6 * MINUTE);
    await alerts.job.run();
    expect((await scene.open())["gap"]).toMatchObject({ finding: { missing: 1 } });
  });
});
