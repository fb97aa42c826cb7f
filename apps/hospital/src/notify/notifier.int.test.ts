import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { putInCare } from "../testing/access-world.ts";
import { entriesOf } from "../testing/audit-entries.ts";
import {
  createConsoleWorld,
  type ConsoleWorld,
  type TestPerson,
} from "../testing/console-world.ts";
import { addPatient, createHospitalWorld, type HospitalWorld } from "../testing/hospital-world.ts";
import { createNotifyWorld, type NotifyWorld } from "../testing/notify-world.ts";
import type { AlertToTell } from "./ports.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DOCTOR = "Dr. Caring";
const NURSE = "Nurse Caring";
const SECOND = "Dr. On Call";

let world: HospitalWorld;
let site: ConsoleWorld;
let told: NotifyWorld;
let patient: string;
let second: TestPerson;
let alerts = 0;

beforeAll(async () => {
  world = await createHospitalWorld();
  site = await createConsoleWorld(world);
  told = createNotifyWorld(world);
  await site.signIn(DOCTOR, "doctor");
  await site.signIn(NURSE, "nurse");
  second = await site.signIn(SECOND, "doctor");
});
afterAll(() => world.close());

beforeEach(async () => {
  patient = randomUUID();
  await addPatient(world, { id: patient, mrn: patient });
});
afterEach(() => world.tamper("DELETE FROM escalation_policies; DELETE FROM system_alerts"));

const alertOf = (more: Partial<AlertToTell> = {}): AlertToTell => {
  alerts += 1;
  return {
    ...{ id: alerts, patientId: patient, channel: "clinical", level: "urgent" },
    raised: world.clock.now(),
    ...more,
  };
};
const step = (to: readonly string[], urgentAfterMinutes = 5, warnAfterMinutes = 30) => ({
  ...{ urgentAfterMinutes, warnAfterMinutes },
  to: [...to],
});
const setPolicy = async (...steps: readonly ReturnType<typeof step>[]) => {
  const { version } = await told.desk.readEscalation();
  const wanted = { version, steps: [...steps], reason: "Agreed on the round" };
  const outcome = await told.desk.setEscalation(wanted, "staff:1");
  if (outcome.kind !== "set") throw new Error(outcome.kind);
};
const now = () => world.clock.now();

describe("who is told when an alert is raised (SR-66)", () => {
  it("is everybody who has the patient in their care, doctor and nurse", async () => {
    await putInCare(world, DOCTOR, patient);
    await putInCare(world, NURSE, patient);
    const alert = alertOf();
    expect(await told.raise(alert)).toMatchObject({ people: 2 });
    expect(await told.toldOf(alert.id)).toEqual(
      [DOCTOR, NURSE].map((to) => ({
        ...{ to, way: "console", step: 0, state: "waiting", at: now(), tries: 0 },
      })),
    );
  });

  it("is nobody whose relation has ended, is of another patient, or who is disabled", async () => {
    const other = randomUUID();
    await addPatient(world, { id: other, mrn: other });
    await putInCare(world, DOCTOR, other);
    const gone = await site.signIn("Dr. Gone", "doctor");
    await putInCare(world, gone.staff.name, patient);
    await site.desk.disable(gone.staff.name);
    await putInCare(world, NURSE, patient);
    await site.access.endCare({ staff: NURSE, mrn: patient }, "operator");
    const alert = alertOf();
    expect(await told.raise(alert)).toEqual({ people: 0, step: 0, nextStepAt: now() });
    expect(await told.toldOf(alert.id)).toEqual([]);
  });

  it("is nobody by a care relation that was altered in the database", async () => {
    await putInCare(world, DOCTOR, patient);
    await world.tamper("UPDATE care_relations SET staff_id = $1 WHERE patient_id = $2", [
      second.staff.id,
      patient,
    ]);
    expect(await told.raise(alertOf())).toMatchObject({ people: 0 });
  });

  it.each([
    ["a care relation", "UPDATE care_relations SET ends_at = 9e18 WHERE patient_id = $1"],
    ["an account", "UPDATE staff SET created_at = 9e18 WHERE name = 'Dr. Broken' AND $1 <> ''"],
  ])("is everybody else where %s holds what none of ours does", async (_name, sql) => {
    await site.signIn("Dr. Broken", "doctor");
    await putInCare(world, "Dr. Broken", patient);
    await world.tamper(sql, [patient]);
    await putInCare(world, NURSE, patient);
    const alert = alertOf();
    expect(await told.raise(alert)).toMatchObject({ people: 1 });
    expect(await told.toldOf(alert.id)).toMatchObject([{ to: NURSE }]);
    await world.tamper(
      "UPDATE staff SET name = 'Dr. Broken before' || id WHERE name = 'Dr. Broken'",
    );
  });

  it.each([
    ["urgent", 5],
    ["warn", 30],
  ] as const)("and the next step is due as the policy says: %s", async (level, minutes) => {
    await putInCare(world, DOCTOR, patient);
    await setPolicy(step([SECOND]));
    expect(await told.raise(alertOf({ level }))).toEqual({
      people: 1,
      step: 0,
      nextStepAt: now() + minutes * MINUTE,
    });
  });

  it("leaves nothing where its transaction is rolled back", async () => {
    await putInCare(world, DOCTOR, patient);
    const alert = alertOf();
    const failed = world.database.withTransaction(async (tx) => {
      await told.notifier.onRaised(tx, alert);
      throw new Error("not now");
    });
    await expect(failed).rejects.toThrow("not now");
    expect(await told.toldOf(alert.id)).toEqual([]);
  });
});

describe("what was told at the console", () => {
  it("is delivered once it was on the person's own screen, and nobody else's", async () => {
    await putInCare(world, DOCTOR, patient);
    await putInCare(world, NURSE, patient);
    const [alert, other] = [alertOf(), alertOf()];
    await told.raise(alert);
    await told.raise(other);
    const nurse = await site.signIn(NURSE, "nurse");
    const at = now() + 1;
    await world.database.withTransaction((tx) =>
      told.notifier.onSeen(tx, [alert.id], { staffId: nurse.staff.id, at }),
    );
    expect(await told.toldOf(alert.id)).toMatchObject([
      { to: DOCTOR, state: "waiting" },
      { to: NURSE, state: "delivered", at: at - 1, settled: at },
    ]);
    expect(await told.toldOf(other.id)).toMatchObject([{ state: "waiting" }, { state: "waiting" }]);
  });
});

describe("handing an alert on", () => {
  it("tells whom the policy names and gives them the patient for twelve hours, on record", async () => {
    await setPolicy(step([SECOND]), step([NURSE], 10));
    const alert = alertOf();
    const entries = await entriesOf(world, async () => {
      expect(await told.escalate(alert, 1)).toEqual({
        people: 1,
        step: 1,
        nextStepAt: now() + 10 * MINUTE,
      });
    });
    expect(entries).toMatchObject([
      {
        event: "care.begun",
        actor: "hospital",
        subject: patient,
        object: `staff:${String(second.staff.id)}`,
        detail: `{"until": ${String(now() + 12 * HOUR)}}`,
      },
    ]);
    expect(await told.toldOf(alert.id)).toMatchObject([{ to: SECOND, step: 1 }]);
    const answer = await site.ask({ url: `/api/patients/${patient}` }, second);
    expect(answer.status).toBe(200);
  });

  it("gives nobody care a second time who has it for as long already", async () => {
    await setPolicy(step([SECOND, DOCTOR]));
    await putInCare(world, DOCTOR, patient);
    const alert = alertOf();
    await told.escalate(alert, 1);
    const entries = await entriesOf(world, () => told.escalate(alert, 1));
    expect(entries).toEqual([]);
    expect(await site.access.listCare(patient)).toHaveLength(2);
  });

  it("passes at once over a step whose people are all gone", async () => {
    const gone = await site.signIn("Dr. Leaving", "doctor");
    await setPolicy(step([gone.staff.name]), step([SECOND]));
    await site.desk.disable(gone.staff.name);
    const alert = alertOf();
    expect(await told.escalate(alert, 1)).toEqual({ people: 0, step: 1, nextStepAt: now() });
    expect(await told.escalate(alert, 2)).toMatchObject({ people: 1, step: 2 });
    expect(await told.faults()).toEqual([]);
  });

  it("ends after the last step, and administrators are told that nobody has acknowledged it", async () => {
    await setPolicy(step([SECOND]));
    const alert = alertOf();
    await told.escalate(alert, 1);
    const entries = await entriesOf(world, async () => {
      expect(await told.escalate(alert, 2)).toEqual({ people: 0, step: 2, nextStepAt: null });
    });
    expect(entries).toMatchObject([{ event: "system-alert.opened", subject: null }]);
    const fault = { what: "nobody-to-tell", reason: "not-acknowledged", count: 1 };
    expect(await told.faults()).toMatchObject([fault]);
  });

  it.each([
    ["not-acknowledged", "nobody is named", true],
    ["nobody-named", "nobody is named, nor has the patient in care", false],
  ])(
    "alerts administrators: %s, where %s, and finds whom they name then",
    async (reason, _when, isInCare) => {
      if (isInCare) await putInCare(world, DOCTOR, patient);
      const alert = alertOf();
      await told.raise(alert);
      const again = { people: 0, step: 0, nextStepAt: now() + 10 * MINUTE };
      expect(await told.escalate(alert, 1)).toEqual(again);
      expect(await told.faults()).toMatchObject([{ what: "nobody-to-tell", reason, count: 1 }]);
      await setPolicy(step([SECOND]));
      expect(await told.escalate(alert, 1)).toMatchObject({ people: 1, step: 1 });
    },
  );

  it("begins again where everybody who was named is gone, and nobody was ever told", async () => {
    const gone = await site.signIn("Dr. Leaving Too", "doctor");
    await setPolicy(step([gone.staff.name]));
    await site.desk.disable(gone.staff.name);
    const alert = alertOf();
    expect(await told.escalate(alert, 1)).toEqual({ people: 0, step: 1, nextStepAt: now() });
    expect(await told.escalate(alert, 2)).toMatchObject({
      step: 0,
      nextStepAt: now() + 10 * MINUTE,
    });
    expect(await told.faults()).toMatchObject([{ reason: "nobody-named" }]);
  });

  it("comes to administrators without a policy too, after a time of its own", async () => {
    await putInCare(world, DOCTOR, patient);
    for (const [level, minutes] of [
      ["urgent", 10],
      ["warn", 60],
    ] as const) {
      const telling = await told.raise(alertOf({ level }));
      expect(telling.nextStepAt).toBe(now() + minutes * MINUTE);
    }
  });

  it("waits once more after the last step, as long as before it", async () => {
    await setPolicy(step([SECOND], 7));
    const telling = await told.escalate(alertOf(), 1);
    expect(telling.nextStepAt).toBe(now() + 7 * MINUTE);
  });

  it("counts the same fault on one open system alert, and opens a new one after it was closed", async () => {
    await told.escalate(alertOf(), 1);
    await told.escalate(alertOf(), 1);
    const [first] = await told.faults();
    expect(first).toMatchObject({ count: 2 });
    await told.desk.acknowledge(Number(first?.id), "staff:1");
    expect(await told.faults()).toEqual([]);
    await told.escalate(alertOf(), 1);
    const [next] = await told.faults();
    expect(next).toMatchObject({ count: 1 });
    expect(next?.id).not.toBe(first?.id);
  });
});

describe("a policy that was altered in the database", () => {
  it.each([
    [
      "who is named",
      () =>
        `UPDATE escalation_policies SET steps = replace(steps, '[${String(second.staff.id)}]', '[1]')`,
    ],
    ["what is no policy", () => "UPDATE escalation_policies SET steps = '{}'"],
    ["a time that no row of ours has", () => "UPDATE escalation_policies SET set_at = 9e18"],
    ["who set it", () => "UPDATE escalation_policies SET set_by = 'staff:9'"],
  ])("opens nothing, and administrators hear of it: %s", async (_name, sql) => {
    await setPolicy(step([SECOND]));
    await world.tamper(sql());
    const alert = alertOf();
    const entries = await entriesOf(world, async () => {
      const again = { people: 0, step: 0, nextStepAt: now() + 10 * MINUTE };
      expect(await told.escalate(alert, 1)).toEqual(again);
    });
    expect(entries.map(({ event }) => event)).toEqual(["system-alert.opened"]);
    expect(await told.toldOf(alert.id)).toEqual([]);
    expect(await told.faults()).toMatchObject([{ reason: "escalation-altered" }]);
    expect(await told.desk.readEscalation()).toMatchObject({ steps: [], altered: true });
  });

  it("does not bring back the one before it, and setting it anew mends it", async () => {
    await setPolicy(step([DOCTOR]));
    await setPolicy(step([SECOND]));
    await world.tamper("UPDATE escalation_policies SET set_at = set_at + 1 WHERE version = 2");
    expect(await told.escalate(alertOf(), 1)).toMatchObject({ people: 0 });
    await setPolicy(step([SECOND]));
    expect(await told.escalate(alertOf(), 1)).toMatchObject({ people: 1 });
  });
});
