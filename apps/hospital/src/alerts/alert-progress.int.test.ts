import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAuditWriter } from "../audit/index.ts";
import { openDatabase, withAudit } from "../database/index.ts";
import { createNotifier, type Notifier } from "../notify/index.ts";
import { createTestAccess } from "../testing/access-world.ts";
import { createAlertScene, hearts, RACING, type AlertScene } from "../testing/alert-scene.ts";
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

/** Stores a value and holds its transaction open before the commit. */
async function storeSlowly(value: number) {
  let commit = (): void => undefined;
  const held = new Promise<void>((resolve) => (commit = resolve));
  let written = (): void => undefined;
  const isWritten = new Promise<void>((resolve) => (written = resolve));
  const stored = scene.store(hearts(world.clock.now(), value), {
    beforeCommit: () => {
      written();
      return held;
    },
  });
  await isWritten;
  return {
    commit: () => {
      commit();
      return stored;
    },
  };
}

/** Evaluates until nothing is left that could be found now. */
async function runTwice(job: Alerts["job"]): Promise<void> {
  await job.run();
  await job.run();
}

function realNotifier(): Notifier {
  return createNotifier({
    ...{ ...world, ways: {}, onQueued: () => undefined },
    beginCare: createTestAccess(world).beginCareWithin,
  });
}

describe("what was stored (SR-66)", () => {
  it("is evaluated by the next program when one ends before it has looked", async () => {
    await scene.heart(140);
    await createTestAlerts(world).job.run();
    expect(await scene.open()).toHaveProperty([RACING]);
  });

  it("is evaluated once, however often it is looked for", async () => {
    await scene.heart(140);
    for (let run = 0; run < 4; run++) await alerts.job.run();
    await createTestAlerts(world).job.run();
    expect(await scene.events()).toEqual({ "alert.raised": 1 });
    const { rows } = await world.database.query(
      "SELECT done_id, cardinality(ahead) AS ahead FROM alert_progress",
    );
    const newest = await world.database.query(
      "SELECT max(id) AS id FROM audit_events WHERE event = 'readings.stored'",
    );
    expect(rows[0]?.number("done_id")).toBeGreaterThanOrEqual(newest.rows[0]?.number("id") ?? 0);
    expect(rows[0]?.number("ahead")).toBe(0);
  });

  it("raises each alert once with two programs at once", async () => {
    const keyring = world.reopenKeyring();
    const writer = createAuditWriter({ keyring, crypto: world.crypto });
    const database = withAudit(await openDatabase({ url: world.test.url }), writer);
    const other = createTestAlerts({ database, keyring, clock: world.clock });
    const scenes = [];
    for (let count = 0; count < 6; count++) scenes.push(await createAlertScene(world, alerts));
    for (const [index, one] of scenes.entries()) {
      await one.heart(140 + index);
      await Promise.all([alerts.job.run(), other.job.run(), alerts.job.run(), other.job.run()]);
    }
    await Promise.all([alerts.job.run(), other.job.run()]);
    await alerts.job.run();
    await database.close();
    for (const one of scenes) {
      expect(Object.keys(await one.open())).toEqual([RACING]);
      expect(await one.events()).toEqual({ "alert.raised": 1 });
    }
  });

  it("does not wait for another transaction, and that is found when it is committed", async () => {
    const slow = await storeSlowly(140);
    const quick = await createAlertScene(world, alerts);
    await quick.heart(150);
    await runTwice(alerts.job);
    expect(await quick.open()).toHaveProperty([RACING]);
    expect(await scene.open()).toEqual({});
    await slow.commit();
    await runTwice(alerts.job);
    expect(await scene.open()).toHaveProperty([RACING]);
    expect(await quick.events()).toEqual({ "alert.raised": 1 });
  });

  it("is found behind more than is read at once, and beside what nobody can read", async () => {
    await world.tamper(
      `INSERT INTO audit_events (at, event, actor, subject, object, action, outcome, detail, entry)
       VALUES (1, 'readings.stored', 'operator', $1, 'none', 'create', 'done', '{}', '')`,
      [scene.patientId],
    );
    await world.tamper(
      `INSERT INTO audit_events (at, event, actor, subject, object, action, outcome, detail, entry)
       SELECT 1, 'plan.set', 'staff:1', $1::uuid, 'plan', 'create', 'done', '{}', ''
       FROM generate_series(1, 450)`,
      [scene.patientId],
    );
    await scene.heart(140);
    const other = await createAlertScene(world, alerts);
    await other.heart(140);
    await alerts.job.run();
    expect(await scene.open()).toHaveProperty([RACING]);
    expect(await other.open()).toHaveProperty([RACING]);
  });

  it("is evaluated by nobody while another program has the lock, and afterwards", async () => {
    await scene.heart(140);
    await world.database.withTransaction(async (tx) => {
      await tx.query("SELECT done_id FROM alert_progress FOR UPDATE");
      await alerts.job.run();
      expect(await scene.open()).toEqual({});
    });
    await alerts.job.run();
    expect(await scene.open()).toHaveProperty([RACING]);
  });
});

describe("a patient who cannot be evaluated holds up nobody", () => {
  async function faults(): Promise<readonly string[]> {
    const { rows } = await world.database.query(
      "SELECT reason FROM system_alerts WHERE what = 'evaluation-failed' ORDER BY reason",
    );
    return rows.map((row) => row.text("reason"));
  }

  beforeEach(() => world.tamper("DELETE FROM system_alerts"));

  it("because their key was erased", async () => {
    const fresh = createTestAlerts({ ...world, keyring: world.reopenKeyring() });
    await scene.heart(140);
    const other = await createAlertScene(world, alerts);
    await other.heart(140);
    await world.tamper("DELETE FROM keystore.patient_keys WHERE patient_id = $1", [
      scene.patientId,
    ]);
    await fresh.job.run();
    expect(await other.open()).toHaveProperty([RACING]);
    expect(fresh.job.counts()).toMatchObject({ skipped: 1 });
    expect(await faults()).toEqual(["key-missing"]);
  });

  it("because their row was altered: it is evaluated in real time", async () => {
    await scene.heart(140);
    await world.tamper(
      "UPDATE patients SET demo_speed = 9, demo_anchor = 1, demo_start = 1 WHERE id = $1",
      [scene.patientId],
    );
    const other = await createAlertScene(world, alerts);
    await other.heart(140);
    await alerts.job.run();
    expect(await other.open()).toHaveProperty([RACING]);
    expect(await scene.open()).toHaveProperty([RACING]);
    expect(await faults()).toEqual(["patient-altered"]);
  });

  it("because a message of theirs was altered: what the others say counts", async () => {
    await scene.heart(140);
    await world.tamper("UPDATE batches SET sealed = answer WHERE patient_id = $1", [
      scene.patientId,
    ]);
    await scene.store({ ...hearts(world.clock.now(), 88), kind: 3 });
    await alerts.job.run();
    expect(Object.keys(await scene.open())).toEqual(["limit:spo2:value:low"]);
    expect(await faults()).toEqual(["message-altered"]);
  });

  it("because what is remembered of them was altered: it begins anew", async () => {
    await scene.heart(140);
    await alerts.job.run();
    await world.tamper("UPDATE alert_states SET state = '\\x00' WHERE patient_id = $1", [
      scene.patientId,
    ]);
    await scene.heart(145);
    await alerts.job.run();
    expect((await scene.open())[RACING]).toMatchObject({ finding: { value: 145 } });
    expect(await scene.history()).toHaveLength(1);
    expect(await faults()).toEqual(["state-altered"]);
  });

  it("because nobody can be told: it is tried again and again, and administrators are told", async () => {
    let tries = 0;
    const notifier: Notifier = {
      ...realNotifier(),
      onRaised: (tx, alert) => {
        if (alert.patientId !== scene.patientId) return realNotifier().onRaised(tx, alert);
        tries += 1;
        return Promise.reject(new Error("invented"));
      },
    };
    const failing = createTestAlerts(world, { notifier });
    await scene.heart(140);
    const other = await createAlertScene(world, alerts);
    await other.heart(140);
    await failing.job.run();
    expect(await other.open()).toHaveProperty([RACING]);
    expect(await faults()).toEqual([]);
    for (let run = 0; run < 3; run++) await failing.job.run();
    expect(tries).toBe(1);
    for (let run = 0; run < 5; run++) {
      await world.clock.advance(MINUTE);
      await failing.job.run();
    }
    expect(tries).toBe(6);
    expect(await faults()).toEqual(["evaluation-failed"]);
    expect(await other.events()).toEqual({ "alert.raised": 1 });
    // Whoever starts anew finds it undone.
    await alerts.job.run();
    expect(await scene.open()).toHaveProperty([RACING]);
  });

  it("and works again: what failed once is raised the next time", async () => {
    let isBroken = true;
    const notifier: Notifier = {
      ...realNotifier(),
      onRaised: (tx, alert) =>
        isBroken ? Promise.reject(new Error("invented")) : realNotifier().onRaised(tx, alert),
    };
    const failing = createTestAlerts(world, { notifier });
    await scene.heart(140);
    await failing.job.run();
    expect(await scene.open()).toEqual({});
    isBroken = false;
    await world.clock.advance(1000);
    await failing.job.run();
    expect(await scene.open()).toHaveProperty([RACING]);
    expect(await faults()).toEqual([]);
  });
});

describe("how far the log is gone through", () => {
  const reasons = async (): Promise<readonly string[]> => {
    const { rows } = await world.database.query("SELECT reason FROM system_alerts ORDER BY reason");
    return rows.map((row) => row.text("reason"));
  };

  beforeEach(() => world.tamper("DELETE FROM system_alerts"));

  it.each([
    ["is gone", "DELETE FROM alert_progress"],
    ["is ahead of the log", "UPDATE alert_progress SET done_id = 9000000000000000"],
  ])("is mended where it %s, and administrators are told", async (_title, sql) => {
    await world.tamper(sql);
    await scene.heart(140);
    await world.clock.advance(2 * MINUTE);
    for (let run = 0; run < 2; run++) await alerts.job.run();
    expect(await scene.open()).toHaveProperty([RACING]);
    expect(await reasons()).toContain("progress-altered");
  });

  it("is told where another program never lets go of it", async () => {
    await world.database.withTransaction(async (tx) => {
      await tx.query("SELECT done_id FROM alert_progress FOR UPDATE");
      await alerts.job.run();
      await world.clock.advance(2 * MINUTE);
      await alerts.job.run();
    });
    expect(await reasons()).toContain("progress-locked");
  });

  it("stands still for nobody's plan, and what is overdue is handed on while evaluating fails", async () => {
    const steps: string[] = [];
    const notifier: Notifier = {
      ...realNotifier(),
      onRaised: (_tx, { raised }) =>
        Promise.resolve({ people: 1, step: 0, nextStepAt: raised + MINUTE }),
      escalate: (_tx, { patientId }) => {
        steps.push(patientId);
        return Promise.resolve({ people: 1, step: 1, nextStepAt: null });
      },
    };
    const failing = createTestAlerts(world, { notifier });
    await scene.heart(140);
    await failing.job.run();
    await world.tamper(
      "ALTER TABLE alert_states ADD CONSTRAINT never CHECK (next_at = -1) NOT VALID",
    );
    await scene.heart(145);
    await world.clock.advance(MINUTE);
    await expect(failing.job.run()).rejects.toThrow();
    await world.tamper("ALTER TABLE alert_states DROP CONSTRAINT never");
    expect(steps).toContain(scene.patientId);
    expect(await reasons()).toContain("evaluation-failed");
  });
});

describe("an alert that nobody acknowledges", () => {
  it("is handed on at its time, step by step, and not before", async () => {
    const steps: number[] = [];
    const notifier: Notifier = {
      ...realNotifier(),
      onRaised: (_tx, { raised }) =>
        Promise.resolve({ people: 1, step: 0, nextStepAt: raised + MINUTE }),
      escalate: (_tx, { patientId }, step) => {
        if (patientId === scene.patientId) steps.push(step);
        const nextStepAt = step === 2 ? null : world.clock.now() + MINUTE;
        return Promise.resolve({ people: step === 2 ? 0 : 1, step, nextStepAt });
      },
    };
    const escalating = createTestAlerts(world, { notifier });
    await scene.heart(140);
    await escalating.job.run();
    await world.clock.advance(MINUTE - 1);
    await escalating.job.run();
    expect(steps).toEqual([]);
    await world.clock.advance(1);
    await Promise.all([escalating.job.run(), createTestAlerts(world, { notifier }).job.run()]);
    expect(steps).toEqual([1]);
    expect((await scene.open())[RACING]).toMatchObject({
      step: 1,
      nextStep: world.clock.now() + MINUTE,
    });
    await world.clock.advance(MINUTE);
    await escalating.job.run();
    await world.clock.advance(60 * MINUTE);
    await escalating.job.run();
    expect(steps).toEqual([1, 2]);
    expect(await scene.events()).toMatchObject({ "alert.escalated": 1 });
  });

  it("is not handed on once somebody has", async () => {
    const steps: number[] = [];
    const notifier: Notifier = {
      ...realNotifier(),
      onRaised: (_tx, { raised }) =>
        Promise.resolve({ people: 1, step: 0, nextStepAt: raised + MINUTE }),
      escalate: (_tx, { patientId }, step) => {
        if (patientId === scene.patientId) steps.push(step);
        return Promise.resolve({ people: 1, step: 1, nextStepAt: null });
      },
    };
    const escalating = createTestAlerts(world, { notifier });
    await scene.heart(140);
    await escalating.job.run();
    const id = Number((await scene.open())[RACING]?.id);
    await escalating.desk.acknowledge({ id, patientId: scene.patientId, staffId: 1 }, "urgent");
    await world.clock.advance(10 * MINUTE);
    await escalating.job.run();
    expect(steps).toEqual([]);
  });

  it("is tried again where handing it on failed, and administrators are told", async () => {
    let isBroken = true;
    const notifier: Notifier = {
      ...realNotifier(),
      onRaised: (_tx, { raised }) =>
        Promise.resolve({ people: 1, step: 0, nextStepAt: raised + MINUTE }),
      escalate: () =>
        isBroken
          ? Promise.reject(new Error("invented"))
          : Promise.resolve({ people: 1, step: 1, nextStepAt: null }),
    };
    const escalating = createTestAlerts(world, { notifier });
    await scene.heart(140);
    await escalating.job.run();
    await world.clock.advance(MINUTE);
    await escalating.job.run();
    expect((await scene.open())[RACING]?.step).toBe(0);
    isBroken = false;
    await world.clock.advance(MINUTE);
    await escalating.job.run();
    expect((await scene.open())[RACING]?.step).toBe(1);
  });
});
