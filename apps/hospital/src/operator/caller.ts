import {
  PURPOSE_HEADER,
  statedPurposeSchema,
  type Purpose,
  type Role,
  type StatedPurpose,
} from "@siphms/api";
import type { FastifyRequest } from "fastify";
import { Value } from "typebox/value";
import {
  actorOf,
  CARE_ROLES,
  type AccessDesk,
  type Disclosure,
  type ShownRecord,
} from "../access/index.ts";
import type { Database } from "../database/index.ts";
import { ProblemError, routeOf, type Rule } from "../http/index.ts";
import type { Keyring } from "../keys/index.ts";
import { findPatientByMrn, type Patient } from "../patients/index.ts";
import { commandTokenOf, signedInOf, type StaffDesk } from "../staff/index.ts";

/** What finding out whom a caller reaches needs. */
export interface CallerPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly access: AccessDesk;
}

const EVERYBODY_WITH_PATIENTS: readonly Role[] = [
  "doctor",
  "nurse",
  "administrator",
  "integration",
];

/** Registering, inviting, enrolment, devices: nothing that was measured. */
export const DESK_RULE: Rule = {
  roles: EVERYBODY_WITH_PATIENTS,
  relation: "named-patient",
  stepUp: false,
};
/**
 * Binds a phone, which then gets what is told to the patient, or takes it away. A machine proves itself by its key at each
 * log-in: one that holds a key logs in anew where its proof is old.
 */
export const BINDING_RULE: Rule = { ...DESK_RULE, stepUp: true };
/** What was measured, and what is sent to the patient. */
export const RECORD_RULE: Rule = {
  roles: ["doctor", "nurse", "integration"],
  relation: "named-patient",
  stepUp: false,
};
/** Who has whom in their care. */
export const CARE_RULE: Rule = {
  roles: ["administrator", "integration"],
  relation: "named-patient",
  stepUp: false,
};
/** Opens and shuts records for people. */
export const CARE_CHANGE_RULE: Rule = { ...CARE_RULE, stepUp: true };

/** How the audit log names who called. */
export function callerOf(request: FastifyRequest): string {
  return actorOf(signedInOf(request));
}

/** Why a patient's data are shown to whoever called; `undefined` where the patient is not theirs to see. */
export type Reach = (patientId: string) => Purpose | undefined;

/**
 * Whom a caller reaches: doctors and nurses those in their care or opened in an emergency, machines and administrators all.
 *
 * @throws {ProblemError} `malformed` where the caller states a purpose that is none.
 */
export async function reachOf(
  request: FastifyRequest,
  { access }: Pick<CallerPorts, "access">,
): Promise<Reach> {
  const { id, role } = signedInOf(request).staff;
  const stated = statedPurpose(request);
  if (!CARE_ROLES.includes(role)) return () => stated ?? "operations";
  const grants = await access.grantsOf(id);
  return (patientId) => {
    const purpose = grants.get(patientId)?.purpose;
    // An emergency stays one, whatever the caller calls it.
    return purpose === "treatment" ? (stated ?? purpose) : purpose;
  };
}

/**
 * The patient of a record number, where the caller reaches them.
 *
 * @throws {ProblemError} `not-found`: the same for somebody else's patient as for none (SR-23). It is noted first.
 */
export async function patientFor(
  request: FastifyRequest,
  mrn: string,
  ports: CallerPorts,
): Promise<{ readonly patient: Patient; readonly purpose: Purpose }> {
  const reach = await reachOf(request, ports);
  const patient = await findPatientByMrn(ports.database, ports.keyring, mrn);
  const purpose = patient && reach(patient.id);
  if (patient === undefined || purpose === undefined) {
    await noteOutOfReach(request, patient?.id, ports);
    throw outOfReach();
  }
  return { patient, purpose };
}

/**
 * Whether the caller's session still holds and still reaches this patient: asked again and again by what takes long, so that
 * it ends with the right to it (SR-18).
 */
export async function stillReaches(
  request: FastifyRequest,
  patientId: string,
  ports: Pick<CallerPorts, "access"> & { readonly staff: StaffDesk },
): Promise<boolean> {
  const token = commandTokenOf(request);
  if (token === undefined) return false;
  const asked = { token, background: true, channel: "command-line" } as const;
  if ((await ports.staff.check(asked)) === undefined) return false;
  return (await reachOf(request, ports))(patientId) !== undefined;
}

/** Notes that the caller asked for a patient whom they do not reach, or who is not there. */
export function noteOutOfReach(
  request: FastifyRequest,
  patientId: string | undefined,
  { access }: Pick<CallerPorts, "access">,
): Promise<void> {
  return access.noteRefused({
    actor: callerOf(request),
    patientId,
    route: routeOf(request),
    why: patientId === undefined ? "patient-unknown" : "relation",
  });
}

/** What is answered then. */
export function outOfReach(): ProblemError {
  return new ProblemError(
    "not-found",
    "No patient of yours has this record number. Doctors and nurses reach the patients in their care.",
  );
}

/** Notes what is about to be shown to the caller, of each patient once. */
export async function noteShown(
  request: FastifyRequest,
  shown: { readonly what: Disclosure["what"]; readonly records: readonly ShownRecord[] },
  { access }: Pick<CallerPorts, "access">,
): Promise<void> {
  const records = new Map(shown.records.map((record) => [record.patientId, record]));
  await access.noteShown({
    actor: callerOf(request),
    what: shown.what,
    records: [...records.values()],
  });
}

function statedPurpose({ headers }: FastifyRequest): StatedPurpose | undefined {
  const stated = headers[PURPOSE_HEADER];
  if (stated === undefined || Value.Check(statedPurposeSchema, stated)) return stated;
  throw new ProblemError("malformed", "The purpose is none of treatment, payment and operations.");
}
