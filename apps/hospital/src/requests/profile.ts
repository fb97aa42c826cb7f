import { METHODS, type Profile } from "@siphms/messages";
import type { CborMap } from "@siphms/cose";
import type { Queryable } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { clinicalTime, findPatient, type Patient } from "../patients/index.ts";
import { findStaffById } from "../staff/index.ts";

/** Answers `profile`: the patient's own master data. */
export async function readProfile(
  queryable: Queryable,
  { patientId, now }: { readonly patientId: string; readonly now: number },
  keyring: Keyring,
): Promise<CborMap> {
  const patient = await findPatient(queryable, keyring, patientId);
  if (patient === undefined) throw new RangeError("patientId: no such patient");
  const { mrn, name, birthDate, problem, lastVisit } = patient.demographics;
  const profile: Profile = {
    patientId: mrn,
    name,
    age: fullYears(birthDate, clinicalTime(patient.demo, now)),
    problem,
    doctor: (await doctorOf(queryable, patient, keyring)) ?? "",
    ...(lastVisit === undefined ? {} : { lastVisit: Date.parse(lastVisit) }),
  };
  return METHODS.profile.result.encode(profile);
}

/** The name of the doctor in whose care the patient is. */
export async function doctorOf(
  queryable: Queryable,
  { doctorId }: Patient,
  keyring: Keyring,
): Promise<string | undefined> {
  if (doctorId === null) return undefined;
  return (await findStaffById(queryable, keyring, doctorId))?.name;
}

/** Years completed between a date of birth (`YYYY-MM-DD`) and a time, in UTC; 0 for a birth that lies ahead. */
export function fullYears(birthDate: string, at: number): number {
  const birth = new Date(birthDate);
  const today = new Date(at);
  const years = today.getUTCFullYear() - birth.getUTCFullYear();
  const isBeforeBirthday =
    today.getUTCMonth() < birth.getUTCMonth() ||
    (today.getUTCMonth() === birth.getUTCMonth() && today.getUTCDate() < birth.getUTCDate());
  return Math.max(0, isBeforeBirthday ? years - 1 : years);
}
