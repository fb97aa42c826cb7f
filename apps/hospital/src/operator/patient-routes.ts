import {
  byMrnSchema,
  OPERATOR_PATHS,
  operatorPatientsSchema,
  registeredPatientSchema,
  registerPatientSchema,
  type OperatorPatient,
  type RegisteredPatient,
  type RegisterPatient,
} from "@siphms/api";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { CARE_ROLES, type ShownRecord } from "../access/index.ts";
import { registeredOf, type EnrolmentDesk } from "../enrolment/index.ts";
import { listPatients, type Patient } from "../patients/index.ts";
import { listStaff, signedInOf } from "../staff/index.ts";
import { callerOf, DESK_RULE, noteShown, patientFor, reachOf, type CallerPorts } from "./caller.ts";

/** What the routes for patients need. */
export interface PatientPorts extends CallerPorts {
  readonly enrolment: EnrolmentDesk;
}

interface ByMrn {
  readonly Querystring: { readonly mrn?: string };
}

const config = { policy: DESK_RULE } as const;

/** Adds the routes that register patients and look them up. */
export function addPatientRoutes(server: FastifyInstance, ports: PatientPorts): void {
  server.post<{ Body: RegisterPatient }>(
    OPERATOR_PATHS.patients,
    {
      config,
      schema: { body: registerPatientSchema, response: { 200: registeredPatientSchema } },
    },
    (request) => register(request, ports),
  );
  server.get<ByMrn>(
    OPERATOR_PATHS.patients,
    {
      config,
      schema: { querystring: byMrnSchema, response: { 200: operatorPatientsSchema } },
    },
    async (request) => {
      const found = await patientsFor(request, ports);
      const records = found.map(({ patient, purpose }) => ({ patientId: patient.id, purpose }));
      await noteShown(request, { what: "patient", records }, ports);
      const { role } = signedInOf(request).staff;
      const staff = new Map(
        (await listStaff(ports.database, ports.keyring)).map((one) => [one.id, one.name]),
      );
      return {
        patients: found.map(({ patient }) => {
          const doctor = patient.doctorId === null ? undefined : staff.get(patient.doctorId);
          return describePatient(patient, { doctor, clinical: role !== "administrator" });
        }),
      };
    },
  );
}

/** Whoever registers a patient and looks after patients has this one in their care from then on. */
async function register(
  request: FastifyRequest<{ Body: RegisterPatient }>,
  { enrolment }: PatientPorts,
): Promise<RegisteredPatient> {
  const { id, role } = signedInOf(request).staff;
  const carer = CARE_ROLES.includes(role) ? { staffId: id } : undefined;
  const outcome = await enrolment.register(request.body, callerOf(request), carer);
  return { patient: registeredOf(outcome), mrn: request.body.mrn };
}

async function patientsFor(
  request: FastifyRequest<ByMrn>,
  ports: PatientPorts,
): Promise<readonly { readonly patient: Patient; readonly purpose: ShownRecord["purpose"] }[]> {
  const { mrn } = request.query;
  if (mrn !== undefined) return [await patientFor(request, mrn, ports)];
  const reach = await reachOf(request, ports);
  return (await listPatients(ports.database, ports.keyring)).flatMap((patient) => {
    const purpose = reach(patient.id);
    return purpose === undefined ? [] : [{ patient, purpose }];
  });
}

/** @param seen.clinical - Also what says something of the patient's health (SR-24). */
function describePatient(
  patient: Patient,
  { doctor, clinical }: { readonly doctor: string | undefined; readonly clinical: boolean },
): OperatorPatient {
  const { mrn, name, birthDate, sex, problem, lastVisit } = patient.demographics;
  return {
    patient: patient.id,
    mrn,
    name,
    birthDate,
    sex,
    ...(clinical ? { problem } : {}),
    ...(doctor === undefined ? {} : { doctor }),
    ...(lastVisit === undefined || !clinical ? {} : { lastVisit }),
    ...(patient.demo === null ? {} : { demo: patient.demo }),
    ...(patient.source === null ? {} : { source: patient.source }),
    registered: patient.registeredAt,
  };
}
