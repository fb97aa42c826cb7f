import { createAccessDesk, type AccessDesk, type AccessPorts } from "../access/index.ts";
import { findPatient } from "../patients/index.ts";
import type { HospitalWorld } from "./hospital-world.ts";

/** The access desk of a hospital in which nobody watches, unless somebody is named who is told. */
export function createTestAccess(
  world: Pick<HospitalWorld, "clock" | "database" | "keyring">,
  told: Partial<Pick<AccessPorts, "onBreakGlass" | "onChanged">> = {},
): AccessDesk {
  const { database, keyring, clock } = world;
  const ignore = (): void => undefined;
  return createAccessDesk({
    ...{ database, keyring, clock },
    onChanged: told.onChanged ?? ignore,
    onBreakGlass: told.onBreakGlass ?? ignore,
  });
}

/** Puts a patient into the care of a doctor or nurse by name. */
export async function putInCare(
  world: Pick<HospitalWorld, "clock" | "database" | "keyring">,
  staff: string,
  patientId: string,
): Promise<void> {
  const patient = await findPatient(world.database, world.keyring, patientId);
  if (patient === undefined) throw new Error("no such patient");
  const { mrn } = patient.demographics;
  const outcome = await createTestAccess(world).beginCare({ staff, mrn }, "operator");
  if (outcome.kind !== "begun") throw new Error(outcome.kind);
}
