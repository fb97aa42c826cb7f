import type { Plan } from "@siphms/alerts";
import type { PatientPlan, PlanRules } from "@siphms/api";
import type { Queryable } from "../database/index.ts";
import type { Keyring, PatientCipher } from "../keys/index.ts";
import { readStaffNames } from "../staff/index.ts";
import { openVersion, readCurrentPlan, type CurrentPlan } from "./current-plan.ts";
import { listVersions, openReason } from "./plan-rows.ts";

interface DescribePorts {
  readonly database: Queryable;
  readonly keyring: Keyring;
}

/** The plan that holds for a patient, as interfaces show it: with who set it, when and why. */
export async function describeCurrent(
  patientId: string,
  { database, keyring }: DescribePorts,
): Promise<PatientPlan> {
  const plan = await readCurrentPlan(database, keyring, patientId);
  return describePlan(plan, {
    names: await readStaffNames(database, keyring),
    cipher: await keyring.patientCipher(database, patientId),
  });
}

/** Every plan that was ever set for a patient, newest first; those that were altered hold nothing but that. */
export async function describeHistory(
  patientId: string,
  { database, keyring }: DescribePorts,
): Promise<PatientPlan[]> {
  const context = {
    names: await readStaffNames(database, keyring),
    cipher: await keyring.patientCipher(database, patientId),
  };
  const described: PatientPlan[] = [];
  for (const row of await listVersions(database, patientId)) {
    described.push(describePlan(await openVersion(database, keyring, row), context));
  }
  return described;
}

/** Rules as interfaces take them, which know no lists that cannot be written to. */
export function describeRules(plan: Plan): PlanRules {
  return {
    ...plan,
    limits: [...plan.limits],
    changes: [...plan.changes],
    noData: [...plan.noData],
  };
}

function describePlan(
  plan: CurrentPlan,
  {
    names,
    cipher,
  }: { readonly names: ReadonlyMap<string, string>; readonly cipher: PatientCipher },
): PatientPlan {
  const { version } = plan;
  const rules = describeRules(plan.rules);
  switch (plan.kind) {
    case "template":
      return { version, rules };
    case "altered":
      return { version, rules, altered: true };
    case "set": {
      const { setAt, setBy } = plan.row;
      const reason = openReason(plan.row, cipher);
      return { version, rules, setAt, setBy: names.get(setBy) ?? setBy, reason };
    }
  }
}
