import { planTemplate, type Plan } from "@siphms/alerts";
import { ApiError, type PlanRules } from "@siphms/api";
import type { Queryable, Row } from "../database/index.ts";
import { isOfAlteredRow, KeyError, type Keyring } from "../keys/index.ts";
import { findNewest, openRules, readPlanRow, type PlanRow } from "./plan-rows.ts";

/** The plan that holds for a patient. */
export type CurrentPlan =
  /** Nobody has set one: the template for adults holds. */
  | { readonly kind: "template"; readonly version: 0; readonly rules: Plan }
  | {
      readonly kind: "set";
      readonly version: number;
      readonly rules: PlanRules;
      readonly row: PlanRow;
    }
  /** The newest one is not as it was written: the template for adults holds until a doctor sets one anew. */
  | { readonly kind: "altered"; readonly version: number; readonly rules: Plan };

/** What is watched about a patient, and whether it had to be put in the place of a row that was altered. */
export interface LoadedPlan {
  readonly plan: Plan;
  readonly isAltered: boolean;
}

/** What is watched about a patient. See {@link loadPlans}. */
export async function loadPlan(
  queryable: Queryable,
  keyring: Keyring,
  patientId: string,
): Promise<Plan> {
  return (await readCurrentPlan(queryable, keyring, patientId)).rules;
}

/**
 * What is watched about these patients, each of whom has an answer.
 *
 * It fails safe: where the newest plan was altered in the database or cannot be read, the limits of the template for
 * adults hold. An older version does not: whoever can alter a row could bring back limits that were given up for a reason.
 */
export async function loadPlans(
  queryable: Queryable,
  keyring: Keyring,
  patientIds: readonly string[],
): Promise<ReadonlyMap<string, LoadedPlan>> {
  const plans = await readCurrentPlans(queryable, keyring, patientIds);
  return new Map(
    [...plans].map(([id, { kind, rules }]) => [id, { plan: rules, isAltered: kind === "altered" }]),
  );
}

/** The plan that holds for one patient, and where it comes from. */
export async function readCurrentPlan(
  queryable: Queryable,
  keyring: Keyring,
  patientId: string,
): Promise<CurrentPlan> {
  const plans = await readCurrentPlans(queryable, keyring, [patientId]);
  return plans.get(patientId) ?? noPlan();
}

async function readCurrentPlans(
  queryable: Queryable,
  keyring: Keyring,
  patientIds: readonly string[],
): Promise<ReadonlyMap<string, CurrentPlan>> {
  const plans = new Map<string, CurrentPlan>(patientIds.map((id) => [id, noPlan()]));
  for (const row of await findNewest(queryable, patientIds)) {
    plans.set(row.text("patient_id"), await openVersion(queryable, keyring, row));
  }
  return plans;
}

/** What a stored version comes to: never an error, so that one that was altered is told as that. */
export async function openVersion(
  queryable: Queryable,
  keyring: Keyring,
  found: Row,
): Promise<CurrentPlan> {
  try {
    const row = readPlanRow(found, keyring);
    const cipher = await keyring.patientCipher(queryable, row.patientId);
    return { kind: "set", version: row.version, rules: openRules(row, cipher), row };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { kind: "altered", version: found.number("version"), rules: planTemplate("adult") };
  }
}

/** Not to be believed, or not to be read by this release. */
function isUnreadable(error: unknown): boolean {
  if (isOfAlteredRow(error)) return true;
  return error instanceof KeyError || error instanceof ApiError || error instanceof SyntaxError;
}

function noPlan(): CurrentPlan {
  return { kind: "template", version: 0, rules: planTemplate("adult") };
}
