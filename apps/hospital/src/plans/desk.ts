import { checkPlan, planTemplate, TEMPLATE_NAMES } from "@siphms/alerts";
import { REASON_LENGTH, type PatientPlan, type PlanTemplates, type SetPlan } from "@siphms/api";
import type { Clock } from "@siphms/server-kit";
import { appendAudit } from "../audit/index.ts";
import type { Database, Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import type { NoticeDesk } from "../notices/index.ts";
import { readCurrentPlan } from "./current-plan.ts";
import { describeCurrent, describeHistory, describeRules } from "./describe.ts";
import { limitsForDevice } from "./device-limits.ts";
import { auditNameOfPlan, insertPlan } from "./plan-rows.ts";

/** The event under which new plans stand in the audit log. The evaluation of alerts goes by it. */
const PLAN_SET = "plan.set";

/** What setting a plan came to; but for `set` nothing has changed. */
export type SetPlanOutcome =
  | { readonly kind: "set"; readonly plan: PatientPlan }
  /** What holds is no longer the version that was to be changed. */
  | { readonly kind: "stale" }
  | { readonly kind: "reason-short" }
  /** It contradicts itself. */
  | { readonly kind: "unsound" };

/** Who sets whose plan. */
export interface PlanSetter {
  readonly patientId: string;
  /** As the audit log names them. */
  readonly actor: string;
}

/** What is watched about patients, and how it is changed. */
export interface PlanDesk {
  /** The plan that holds. */
  current(patientId: string): Promise<PatientPlan>;
  /** Every plan that was ever set, newest first. */
  history(patientId: string): Promise<PatientPlan[]>;
  /** What a plan can be begun from. */
  templates(): PlanTemplates;
  /** Sets a new version, tells the patient's devices where their limits are others now, and has it evaluated. */
  set(wanted: SetPlan, setter: PlanSetter): Promise<SetPlanOutcome>;
}

/** What the desk needs of the rest. */
export interface PlanDeskPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly notices: Pick<NoticeDesk, "sendWithin">;
  /** Told after the commit. */
  readonly onSet: (patientId: string) => void;
}

/** Joins the plans with their storage. */
export function createPlanDesk(ports: PlanDeskPorts): PlanDesk {
  return {
    current: (patientId) => describeCurrent(patientId, ports),
    history: (patientId) => describeHistory(patientId, ports),
    templates: () => ({
      templates: TEMPLATE_NAMES.map((name) => describeRules(planTemplate(name))),
    }),
    set: (wanted, setter) => set(wanted, setter, ports),
  };
}

async function set(
  wanted: SetPlan,
  setter: PlanSetter,
  ports: PlanDeskPorts,
): Promise<SetPlanOutcome> {
  const reason = wanted.reason.trim();
  if (reason.length < REASON_LENGTH.min) return { kind: "reason-short" };
  if (checkPlan(wanted.rules) !== undefined) return { kind: "unsound" };
  const isSet = await ports.database.withTransaction((tx) =>
    store(tx, { wanted: { ...wanted, reason }, setter }, ports),
  );
  if (!isSet) return { kind: "stale" };
  return { kind: "set", plan: await describeCurrent(setter.patientId, ports) };
}

async function store(
  tx: Transaction,
  { wanted, setter }: { readonly wanted: SetPlan; readonly setter: PlanSetter },
  { keyring, clock, notices, onSet }: PlanDeskPorts,
): Promise<boolean> {
  const { patientId, actor } = setter;
  const before = await readCurrentPlan(tx, keyring, patientId);
  if (before.version !== wanted.version) return false;
  const { rules, reason } = wanted;
  const plan = { patientId, version: before.version + 1, setAt: clock.now(), setBy: actor };
  const cipher = await keyring.patientCipher(tx, patientId);
  if (!(await insertPlan(tx, { ...plan, rules, reason }, { keyring, cipher }))) return false;
  await appendAudit(tx, [
    {
      at: plan.setAt,
      event: PLAN_SET,
      actor,
      subject: patientId,
      object: auditNameOfPlan(plan),
      version: plan.version,
      action: "create",
      outcome: "done",
      // What was typed stands sealed in the row: an audit entry holds no text.
      detail: { template: rules.template },
    },
  ]);
  // A patient who is shown limits of before must not be: who is told of a change that is none learns to look away.
  const isShown = (limits: unknown): string => JSON.stringify(limits);
  if (isShown(limitsForDevice(before.rules)) !== isShown(limitsForDevice(rules))) {
    await notices.sendWithin(tx, { kind: "limits-changed" }, setter);
  }
  tx.afterCommit(() => onSet(patientId));
  return true;
}
