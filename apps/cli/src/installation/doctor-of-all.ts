import type { StaffLink } from "@siphms/api";

import type { OperatorClient } from "./operator-client.ts";

/** Adds a doctor who has every patient of this moment in their care: for looking at all that was stored. */
export async function addDoctorOfAll(operator: OperatorClient, name: string): Promise<StaffLink> {
  const link = await operator.addStaff({ name, role: "doctor" });
  const mine = new Set<string>();
  for (const { mrn, staff } of await operator.care()) if (staff === name) mine.add(mrn);
  for (const { mrn } of await operator.patients()) {
    if (!mine.has(mrn)) await operator.beginCare({ staff: name, mrn });
  }
  return link;
}
