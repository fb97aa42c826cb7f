import type { FirstRun } from "@siphms/api";

/** What a new installation needs, in the order in which it is done. */
export const FIRST_STEPS = [
  { name: "gateway", path: "/admin/gateways", command: "siphms gateway admit" },
  { name: "doctor", path: "/admin/people" },
  { name: "privacy", path: "/admin/people" },
  { name: "second", path: "/admin/people" },
  { name: "patient", path: "/register" },
  { name: "care", path: "/admin/care" },
  { name: "phone", path: "/admin/patients" },
] as const satisfies readonly FirstStep[];

interface FirstStep {
  readonly name: string;
  /** Where it is done in the console. */
  readonly path: `/${string}`;
  /** What the operator runs, where it is not done in the console. */
  readonly command?: string;
}

/** The name of one step. */
export type FirstStepName = (typeof FIRST_STEPS)[number]["name"];

/** Which steps are done, as the hospital counts. */
export function stepsDone(facts: FirstRun): Readonly<Record<FirstStepName, boolean>> {
  const { staff, gateways, patients, devices, hasCare } = facts;
  return {
    gateway: gateways.connected > 0,
    doctor: staff.doctor > 0,
    privacy: staff["privacy-officer"] > 0,
    second: staff.administrator > 1,
    patient: patients > 0,
    care: hasCare,
    phone: devices.active > 0,
  };
}
