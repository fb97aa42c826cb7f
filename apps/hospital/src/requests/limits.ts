import type { CborMap } from "@siphms/cose";
import { METHODS } from "@siphms/messages";
import type { Queryable } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { limitsForDevice, loadPlan } from "../plans/index.ts";

/** Answers `limits`: the alarm limits that are in force for the patient. */
export async function readLimits(
  queryable: Queryable,
  patientId: string,
  keyring: Keyring,
): Promise<CborMap> {
  const plan = await loadPlan(queryable, keyring, patientId);
  return METHODS.limits.result.encode({ limits: limitsForDevice(plan) });
}
