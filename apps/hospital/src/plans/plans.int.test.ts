import { planTemplate } from "@siphms/alerts";
import {
  CONSOLE_PATHS,
  type AlertList,
  type PatientMessages,
  type PatientPlan,
  type PlanHistory,
  type PlanRules,
} from "@siphms/api";
import { METHODS } from "@siphms/messages";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { runCheck } from "../check/index.ts";
import { putInCare } from "../testing/access-world.ts";
import { entriesOf } from "../testing/audit-entries.ts";
import {
  createConsoleWorld,
  type ConsoleWorld,
  type TestPerson,
} from "../testing/console-world.ts";
import { bindDevice, storeBatch } from "../testing/hospital-world.ts";
import { responseOf, sealRequest } from "../testing/phone-messages.ts";
import { enrolActive } from "../testing/phone.ts";
import { createProtocolWorld, newPatient, type ProtocolWorld } from "../testing/protocol-world.ts";
import { createPlanDesk, loadPlan, loadPlans } from "./index.ts";

const DOCTOR = "Dr. Setting";
const REASON = "Trained rower, calm at forty-two";

let world: ProtocolWorld;
let site: ConsoleWorld;
let doctor: TestPerson;
let patient: string;

beforeAll(async () => {
  world = await createProtocolWorld();
  site = await createConsoleWorld(world);
});
afterAll(() => world.close());

beforeEach(async () => {
  doctor = await site.signIn(DOCTOR, "doctor");
  patient = await newPatient(world);
  await putInCare(world, DOCTOR, patient);
});

const get = async <T>(part: string): Promise<T> => {
  const answer = await site.ask({ url: `/api/patients/${patient}${part}` }, doctor);
  expect([part, answer.status]).toEqual([part, 200]);
  return answer.json<T>();
};
const current = () => get<PatientPlan>("/plan");
const history = async () => (await get<PlanHistory>("/plan/history")).plans;

/** The template for adults with another low limit of the heart rate. */
const rulesWith = (lowUrgent: number): PlanRules => {
  const rules = structuredClone(planTemplate("adult"));
  return {
    ...rules,
    changes: [...rules.changes],
    noData: [...rules.noData],
    limits: rules.limits.map((rule) =>
      rule.kind === "heart-rate" && rule.side === "low" ? { ...rule, urgent: lowUrgent } : rule,
    ),
  };
};

const put = (
  rules: PlanRules,
  more: { readonly version?: number; readonly reason?: string } = {},
) =>
  site.ask(
    {
      method: "PUT",
      url: `/api/patients/${patient}/plan`,
      payload: { version: 0, reason: REASON, ...more, rules },
    },
    doctor,
  );
const set = async (rules: PlanRules, version = 0) => {
  const answer = await put(rules, { version });
  expect(answer.status).toBe(200);
  return answer.json<PatientPlan>();
};
const check = () =>
  runCheck({
    ...world,
    kek: { kind: "command", program: "true", arguments: [] },
    dataFolder: "/nonexistent",
  });
const checked = async () => {
  const { findings } = await check();
  return findings.filter(({ subject }) => subject.includes(patient)).map(({ check: name }) => name);
};
const messages = async () =>
  (await get<PatientMessages>("/messages")).messages.map(({ kind }) => kind);

describe("a patient's plan", () => {
  it("is the template for adults until somebody sets one", async () => {
    const entries = await entriesOf(world, current);
    expect(await current()).toEqual({ version: 0, rules: planTemplate("adult") });
    expect(await history()).toEqual([]);
    expect(entries).toMatchObject([{ event: "data.disclosed", object: "plan", subject: patient }]);
  });

  it("holds from the moment it is set, with who set it, when and why", async () => {
    const rules = rulesWith(38);
    const entries = await entriesOf(world, () => set(rules));
    const expected = { version: 1, rules, setBy: DOCTOR, setAt: world.clock.now(), reason: REASON };
    expect(await current()).toEqual(expected);
    expect(await loadPlan(world.database, world.keyring, patient)).toEqual(rules);
    expect(entries).toMatchObject([
      {
        event: "plan.set",
        actor: `staff:${String(doctor.staff.id)}`,
        subject: patient,
        object: `plan:${patient}/1`,
      },
    ]);
    expect(JSON.stringify(entries)).not.toContain("rower");
  });

  it("keeps every version it ever had, newest first [HS-312c1]", async () => {
    await set(rulesWith(38));
    await world.clock.advance(1000);
    await set(rulesWith(36), 1);
    const versions = await history();
    expect(versions.map(({ version }) => version)).toEqual([2, 1]);
    expect(versions.map(({ rules }) => rules)).toEqual([rulesWith(36), rulesWith(38)]);
    expect(await current()).toEqual(versions[0]);
  });

  it("lies in the database as ciphertext [HS-312a2iv]", async () => {
    await set(rulesWith(38));
    const { rows } = await world.database.query(
      "SELECT t::text AS dump FROM patient_plans t WHERE patient_id = $1",
      [patient],
    );
    const dump = rows[0]?.text("dump") ?? "";
    expect(dump).toContain(patient);
    for (const secret of [REASON, "heart-rate", "adult"]) {
      expect(dump).not.toContain(secret);
      expect(dump).not.toContain(Buffer.from(secret).toString("hex"));
    }
  });

  it("can be begun from templates, of which the one for adults is the first", async () => {
    const answer = await site.ask({ url: "/api/plan-templates" }, doctor);
    const { templates } = answer.json<{ templates: PlanRules[] }>();
    expect(templates.map(({ template }) => template)).toContain("heart-failure");
    expect(templates[0]).toEqual(planTemplate("adult"));
  });

  it("of many patients is found at once, each with their own or the template's", async () => {
    await set(rulesWith(38));
    const other = await newPatient(world);
    const plans = await loadPlans(world.database, world.keyring, [patient, other]);
    expect(plans.get(patient)).toEqual({ plan: rulesWith(38), isAltered: false });
    expect(plans.get(other)).toEqual({ plan: planTemplate("adult"), isAltered: false });
  });
});

describe("setting a plan is refused, and nothing has changed,", () => {
  const expectNothing = async () => {
    expect(await history()).toEqual([]);
    expect(await current()).toEqual({ version: 0, rules: planTemplate("adult") });
  };

  it.each(["", "  ", " a               ", "x".repeat(501)])(
    "without a reason: %j",
    async (reason) => {
      expect((await put(rulesWith(38), { reason })).status).toBe(400);
      await expectNothing();
    },
  );

  it("where it contradicts itself: urgent inside the warning", async () => {
    expect((await put(rulesWith(70))).status).toBe(400);
    await expectNothing();
  });

  it("where it changes another version than the one that holds", async () => {
    for (const version of [1, 2, 1_000_000]) {
      expect((await put(rulesWith(38), { version })).status).toBe(409);
    }
    await expectNothing();
    await set(rulesWith(38));
    expect((await put(rulesWith(36), { version: 0 })).status).toBe(409);
    expect(await history()).toHaveLength(1);
  });

  it("to all but one of those who set it at the same moment", async () => {
    const answers = await Promise.all([36, 37, 38].map((low) => put(rulesWith(low))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
    expect(await history()).toHaveLength(1);
  });

  it.each([
    ["a kind that is none", { ...rulesWith(38), noData: [{ kind: "mood", afterMs: 1 }] }],
    ["a member that is none", { ...rulesWith(38), silent: true }],
    [
      "a device that may be silent for longer than time can be told",
      { ...rulesWith(38), device: { silentAfterMs: 1e19, batteryBelow: null, gaps: true } },
    ],
    ["a template that is none", { ...rulesWith(38), template: "none" }],
  ])("with %s", async (_, rules) => {
    const payload = { version: 0, reason: REASON, rules };
    const url = `/api/patients/${patient}/plan`;
    expect((await site.ask({ method: "PUT", url, payload }, doctor)).status).toBe(400);
    await expectNothing();
  });

  it("to a nurse, who reads it", async () => {
    const nurse = await site.signIn("Nurse Reading", "nurse");
    await putInCare(world, "Nurse Reading", patient);
    const url = `/api/patients/${patient}/plan`;
    const payload = { version: 0, reason: REASON, rules: rulesWith(38) };
    expect((await site.ask({ method: "PUT", url, payload }, nurse)).status).toBe(403);
    expect((await site.ask({ url }, nurse)).json<PatientPlan>().version).toBe(0);
  });

  it("where the patient's devices cannot be told: the plan and the notice stand together", async () => {
    await enrolActive(world, patient);
    const desk = createPlanDesk({
      ...world,
      notices: { sendWithin: () => Promise.reject(new Error("no notice")) },
      onSet: () => {
        throw new Error("nobody is to be told");
      },
    });
    const wanted = { version: 0, rules: rulesWith(38), reason: REASON };
    const setting = desk.set(wanted, { patientId: patient, actor: "staff:1" });
    await expect(setting).rejects.toThrow("no notice");
    await expectNothing();
  });
});

describe("a plan's row that was changed in the database (SR-26)", () => {
  beforeEach(async () => {
    await set(rulesWith(38));
    await set(rulesWith(36), 1);
  });

  it.each([
    [
      "its rules",
      "UPDATE patient_plans n SET rules = o.rules FROM patient_plans o WHERE n.patient_id = $1 AND o.patient_id = $1 AND n.version = 2 AND o.version = 1",
    ],
    [
      "its reason",
      "UPDATE patient_plans SET reason = set_byte(reason, 20, get_byte(reason, 20) # 1) WHERE patient_id = $1 AND version = 2",
    ],
    [
      "who set it",
      "UPDATE patient_plans SET set_by = 'staff:999' WHERE patient_id = $1 AND version = 2",
    ],
    ["when", "UPDATE patient_plans SET set_at = set_at + 1 WHERE patient_id = $1 AND version = 2"],
    [
      "when, beyond all numbers",
      "UPDATE patient_plans SET set_at = 9223372036854775807 WHERE patient_id = $1 AND version = 2",
    ],
    ["its version", "UPDATE patient_plans SET version = 3 WHERE patient_id = $1 AND version = 2"],
    [
      "an older one put in its place",
      "INSERT INTO patient_plans SELECT patient_id, 3, set_at, set_by, rules, reason, mac FROM patient_plans WHERE patient_id = $1 AND version = 1",
    ],
  ])("brings the template's limits back, and is reported: %s", async (_, sql) => {
    await world.tamper(sql, [patient]);
    expect(await loadPlan(world.database, world.keyring, patient)).toEqual(planTemplate("adult"));
    expect(await current()).toMatchObject({ altered: true, rules: planTemplate("adult") });
    expect((await history())[0]).toMatchObject({ altered: true });
    expect(await checked()).toContain("patient_plans");
  });

  it("is told to the administrators by the evaluation of alerts", async () => {
    const told = () =>
      world.count(
        "SELECT coalesce(sum(count), 0)::bigint AS count FROM system_alerts WHERE reason = 'plan-altered'",
      );
    // What the other tests altered is told with it.
    await site.alerts.job.run();
    await set(rulesWith(37), 2);
    const before = await told();
    await site.alerts.job.run();
    expect(await told()).toBe(before);
    await set(rulesWith(38), 3);
    await world.tamper("UPDATE patient_plans SET set_by = 'x' WHERE patient_id = $1", [patient]);
    await site.alerts.job.run();
    expect(await told()).toBe(before + 1);
  });

  it("of another patient holds for nobody else", async () => {
    const other = await newPatient(world);
    await world.tamper(
      "INSERT INTO patient_plans SELECT $2::uuid, version, set_at, set_by, rules, reason, mac FROM patient_plans WHERE patient_id = $1",
      [patient, other],
    );
    expect(await loadPlan(world.database, world.keyring, other)).toEqual(planTemplate("adult"));
    expect(await loadPlan(world.database, world.keyring, patient)).toEqual(rulesWith(36));
  });

  it("does not keep a doctor from setting one anew", async () => {
    await world.tamper("UPDATE patient_plans SET set_by = 'x' WHERE patient_id = $1", [patient]);
    const { version } = await current();
    expect(await set(rulesWith(37), version)).toMatchObject({ version: 3, rules: rulesWith(37) });
    expect(await loadPlan(world.database, world.keyring, patient)).toEqual(rulesWith(37));
    expect((await history()).map(({ altered }) => altered)).toEqual([undefined, true, true]);
  });

  it("or taken away is missed", async () => {
    expect(await checked()).toEqual([]);
    await world.tamper("DELETE FROM patient_plans WHERE patient_id = $1 AND version = 2", [
      patient,
    ]);
    expect(await checked()).toEqual(["plans"]);
  });
});

describe("a new plan is held against what was measured before (SR-66)", () => {
  const openAlerts = async () => {
    await site.alerts.job.run();
    const answer = await site.ask({ url: CONSOLE_PATHS.alerts }, doctor);
    expect(answer.status).toBe(200);
    return answer.json<AlertList>().stands[patient]?.open ?? [];
  };
  const highUrgent = (bound: number): PlanRules => {
    const rules = rulesWith(40);
    return {
      ...rules,
      limits: rules.limits.map((rule) =>
        rule.kind === "heart-rate" && rule.side === "high"
          ? { ...rule, warn: null, urgent: bound }
          : rule,
      ),
    };
  };

  it("so that a limit that is passed already alerts, and one that is given up ends its alert", async () => {
    const phone = await bindDevice(world, patient, {
      ...{ state: "active", confirmedAt: world.clock.now(), confirmedBy: "operator" },
    });
    const receivedAt = world.clock.now();
    const series = [{ kind: 1, start: receivedAt, step: 0, values: [70], origin: 0 }] as const;
    await storeBatch(world, phone, { receivedAt, series });
    expect(await openAlerts()).toEqual([]);
    await set(highUrgent(70));
    const finding = { type: "limit", value: 70, limit: 70 };
    expect(await openAlerts()).toMatchObject([
      { rule: "limit:heart-rate:value:high", level: "urgent", late: false, finding },
    ]);
    await set(highUrgent(80), 1);
    expect((await openAlerts()).map(({ over }) => typeof over)).toEqual(["number"]);
  });
});

describe("a patient's devices", () => {
  it("are told the limits of the plan that holds", async () => {
    const session = await enrolActive(world, patient);
    const ask = async () => {
      const item = await sealRequest(session, { method: "limits" });
      const { error, result } = await responseOf(session, await world.submit(item));
      expect(error).toBe(0);
      return METHODS.limits.result.parse(result).limits;
    };
    const urgent = async () => (await ask()).find(({ kind, level }) => kind === 1 && level === 1);
    expect(await urgent()).toMatchObject({ part: 0, low: 40 });
    await set(rulesWith(38));
    expect(await urgent()).toMatchObject({ part: 0, low: 38 });
  });

  it("hear in the same moment that their limits are others now", async () => {
    await enrolActive(world, patient);
    await set(rulesWith(38));
    expect(await messages()).toContain("limits-changed");
  });

  it("hear nothing where their limits stayed as they were", async () => {
    await enrolActive(world, patient);
    await set({ ...rulesWith(40), news2: null });
    expect(await messages()).not.toContain("limits-changed");
  });
});
