import type { Role } from "@siphms/api";
import type { Queryable } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { findBreakGlassOf } from "./break-glass-rows.ts";
import { findCareOf } from "./care-rows.ts";

/** Roles that look after patients. The others administer, and are shown no record. */
export const CARE_ROLES: readonly Role[] = ["doctor", "nurse"];

/** Why one person may look into one patient's record. */
export interface Grant {
  readonly patientId: string;
  readonly purpose: "break-glass" | "operations" | "treatment";
  /** The first moment at which it holds no more, ms; null: until somebody ends it. */
  readonly until: number | null;
}

/** What opens one patient's record to one person at this moment; `undefined` where nothing does. */
export async function findGrant(
  queryable: Queryable,
  keyring: Keyring,
  asked: { readonly staffId: number; readonly patientId: string; readonly now: number },
): Promise<Grant | undefined> {
  return (await readGrants(queryable, keyring, asked)).get(asked.patientId);
}

/**
 * Everything that is open to one person at this moment, by patient. Who has a patient in their care needs no emergency:
 * care comes first. Of several the longest counts.
 */
export async function readGrants(
  queryable: Queryable,
  keyring: Keyring,
  asked: { readonly staffId: number; readonly patientId?: string; readonly now: number },
): Promise<ReadonlyMap<string, Grant>> {
  const grants = new Map<string, Grant>();
  for (const { patientId, endsAt } of await findBreakGlassOf(queryable, keyring, asked)) {
    add(grants, { patientId, purpose: "break-glass", until: endsAt });
  }
  for (const { patientId, endsAt } of await findCareOf(queryable, keyring, asked)) {
    add(grants, { patientId, purpose: "treatment", until: endsAt });
  }
  return grants;
}

function add(grants: Map<string, Grant>, grant: Grant): void {
  const before = grants.get(grant.patientId);
  const isLonger = before?.purpose !== grant.purpose || endOf(grant) > endOf(before);
  if (isLonger) grants.set(grant.patientId, grant);
}

function endOf({ until }: Grant): number {
  return until ?? Number.POSITIVE_INFINITY;
}
