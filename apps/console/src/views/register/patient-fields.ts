import { TEXT_LIMITS, type NewPatient, type Sex } from "@siphms/api";

/** What the form holds, as it was typed. */
export interface PatientFields {
  readonly name: string;
  readonly birthDate: string;
  readonly sex: Sex | "";
  readonly mrn: string;
  readonly problem: string;
  /** The name of the doctor in charge; only administrators choose one. */
  readonly doctor: string;
}

/** An empty form. */
export const EMPTY_FIELDS: PatientFields = {
  name: "",
  birthDate: "",
  sex: "",
  mrn: "",
  problem: "",
  doctor: "",
};

/** What can be wrong with one field; each has its words. */
export type FieldFault =
  | "birth-date-future"
  | "birth-date-impossible"
  | "birth-date-missing"
  | "birth-date-too-early"
  | "mrn-form"
  | "mrn-missing"
  | "name-missing"
  | "too-long";

/** Nobody is older. */
const OLDEST_YEARS = 130;
const MRN_FORM = /^[!-~]([ -~]*[!-~])?$/;

/**
 * Says what is wrong with each field, before anything is sent; the hospital judges again.
 *
 * @param now - ms.
 */
export function faultsOf(
  fields: PatientFields,
  now: number,
): Partial<Record<keyof PatientFields, FieldFault>> {
  const found: [keyof PatientFields, FieldFault | undefined][] = [
    ["name", textFault(fields.name, { missing: "name-missing", longest: TEXT_LIMITS.name })],
    ["birthDate", birthDateFault(fields.birthDate, now)],
    ["mrn", mrnFault(fields.mrn)],
    ["problem", textFault(fields.problem, { longest: TEXT_LIMITS.problem })],
  ];
  return Object.fromEntries(found.filter(([, fault]) => fault !== undefined));
}

function textFault(
  text: string,
  { missing, longest }: { readonly missing?: FieldFault; readonly longest: number },
): FieldFault | undefined {
  const { length } = text.trim();
  if (length === 0) return missing;
  return length > longest ? "too-long" : undefined;
}

function mrnFault(mrn: string): FieldFault | undefined {
  const fault = textFault(mrn, { missing: "mrn-missing", longest: TEXT_LIMITS.mrn });
  return fault ?? (MRN_FORM.test(mrn.trim()) ? undefined : "mrn-form");
}

function birthDateFault(birthDate: string, now: number): FieldFault | undefined {
  if (birthDate === "") return "birth-date-missing";
  const at = Date.parse(`${birthDate}T00:00:00Z`);
  // JavaScript takes 30 February for 2 March: only a date that comes back as itself is one.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== birthDate)
    return "birth-date-impossible";
  if (at > now) return "birth-date-future";
  const years = new Date(now).getUTCFullYear() - new Date(at).getUTCFullYear();
  return years > OLDEST_YEARS ? "birth-date-too-early" : undefined;
}

/** What is sent: without spaces at the ends, and without what was left empty. */
export function newPatientOf({ sex, ...fields }: PatientFields): NewPatient {
  const problem = fields.problem.trim();
  return {
    name: fields.name.trim(),
    birthDate: fields.birthDate,
    mrn: fields.mrn.trim(),
    ...(sex === "" ? {} : { sex }),
    ...(problem === "" ? {} : { problem }),
    ...(fields.doctor === "" ? {} : { doctor: fields.doctor }),
  };
}
