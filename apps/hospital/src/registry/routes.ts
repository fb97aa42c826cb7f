import {
  changedDeviceSchema,
  confirmCodeSchema,
  CONSOLE_PATHS,
  identityCheckSchema,
  invitationSchema,
  newPatientSchema,
  patientDevicesSchema,
  registeredPatientSchema,
  registrySchema,
  revokeOneSchema,
  type ChangedDevice,
  type ConfirmCode,
  type IdentityCheck,
  type Invitation,
  type NewPatient,
} from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { actorOf, CARE_ROLES, grantOf, notOfPatient, repeatingSession } from "../access/index.ts";
import { appendAudit } from "../audit/index.ts";
import {
  confirmedOf,
  listDevicesOfPatient,
  registeredOf,
  type EnrolmentDesk,
} from "../enrolment/index.ts";
import { ProblemError, type Rule } from "../http/index.ts";
import { findPatient } from "../patients/index.ts";
import { showPatient, type ByPatient } from "../records/index.ts";
import { signedInOf } from "../staff/index.ts";
import { readPatientDevices, type DevicePorts } from "./patient-devices.ts";
import { readRegistry } from "./read-registry.ts";

/** What the routes of registration and devices need. */
export interface RegistryPorts extends DevicePorts {
  readonly enrolment: EnrolmentDesk;
}

const roles = [...CARE_ROLES, "administrator"] as const;
const register: Rule = { roles, relation: "named-patient", stepUp: false };
/** Who the patient is and what is bound to them: for whoever has the patient in their care, and for administrators. */
const manage: Rule = {
  roles,
  relation: "patient",
  regardless: ["administrator"],
  stepUp: false,
};
/** Whose phone is bound gets what is told to the patient, so that is not done in passing (SR-20). */
const bindPhones: Rule = { ...manage, stepUp: true };
const administer: Rule = { roles: ["administrator"], relation: "named-patient", stepUp: false };

/** Routes of registering patients, of their invitations and of their devices. */
export function addRegistryRoutes(server: FastifyInstance, ports: RegistryPorts): void {
  server.post<{ Body: NewPatient }>(
    CONSOLE_PATHS.patients,
    {
      config: { policy: register },
      schema: { body: newPatientSchema, response: { 200: registeredPatientSchema } },
    },
    (request) => registerPatient(request, ports),
  );
  server.get(
    CONSOLE_PATHS.registry,
    { config: { policy: administer }, schema: { response: { 200: registrySchema } } },
    async (request) => {
      const registry = await readRegistry(ports);
      const records = registry.patients.map(({ id }) => ({
        patientId: id,
        purpose: "operations" as const,
      }));
      const actor = actorOf(signedInOf(request));
      const session = repeatingSession(request);
      await ports.access.noteShown({ actor, what: "registry", records, session });
      return registry;
    },
  );
  addDeviceRoutes(server, ports);
  server.post<ByPatient & { Body: IdentityCheck }>(
    CONSOLE_PATHS.identityChecks,
    { config: { policy: manage }, schema: { body: identityCheckSchema } },
    async (request, reply) => {
      await noteIdentityCheck(request, ports);
      return reply.code(204).send();
    },
  );
}

function addDeviceRoutes(server: FastifyInstance, ports: RegistryPorts): void {
  server.get<ByPatient>(
    CONSOLE_PATHS.patientDevices,
    { config: { policy: manage }, schema: { response: { 200: patientDevicesSchema } } },
    (request) => {
      const isCarer = CARE_ROLES.includes(signedInOf(request).staff.role);
      const read = (patient: Parameters<typeof readPatientDevices>[0]) =>
        readPatientDevices(patient, isCarer, ports);
      return showPatient(request, { what: "devices", read, isPolled: true }, ports);
    },
  );
  server.post<ByPatient>(
    CONSOLE_PATHS.invitations,
    { config: { policy: bindPhones }, schema: { response: { 200: invitationSchema } } },
    (request) => invite(request, ports),
  );
  server.post<ByPatient & { Body: ConfirmCode }>(
    CONSOLE_PATHS.confirmEnrolment,
    {
      config: { policy: bindPhones },
      schema: { body: confirmCodeSchema, response: { 200: changedDeviceSchema } },
    },
    (request) => confirm(request, ports),
  );
  server.post<ByPatient & { Body: { readonly kid: string } }>(
    CONSOLE_PATHS.revokeDevice,
    {
      config: { policy: bindPhones },
      schema: { body: revokeOneSchema, response: { 200: changedDeviceSchema } },
    },
    (request) => revoke(request, ports),
  );
}

async function registerPatient(
  request: FastifyRequest<{ Body: NewPatient }>,
  { enrolment }: RegistryPorts,
): Promise<{ patient: string; mrn: string }> {
  const signedIn = signedInOf(request);
  const { id: staffId, role } = signedIn.staff;
  const isCarer = CARE_ROLES.includes(role);
  if (isCarer && request.body.doctor !== undefined) {
    throw new ProblemError(
      "malformed",
      "Who registers a patient has them in their care. Only an administrator names a doctor.",
    );
  }
  const carer = isCarer ? { staffId } : undefined;
  const outcome = await enrolment.register(request.body, actorOf(signedIn), carer);
  return { patient: registeredOf(outcome), mrn: request.body.mrn };
}

async function invite(
  request: FastifyRequest<ByPatient>,
  ports: RegistryPorts,
): Promise<Invitation> {
  const mrn = await mrnOf(request, ports);
  const outcome = await ports.enrolment.invite(mrn, actorOf(signedInOf(request)));
  if (outcome.kind !== "invited") throw new ProblemError("not-found");
  return { link: outcome.link, expires: outcome.expires };
}

async function confirm(
  request: FastifyRequest<ByPatient & { Body: ConfirmCode }>,
  ports: RegistryPorts,
): Promise<ChangedDevice> {
  const mrn = await mrnOf(request, ports);
  const { code } = request.body;
  const outcome = await ports.enrolment.confirm({ mrn, code }, actorOf(signedInOf(request)));
  return { kid: toBase64Url(confirmedOf(outcome)), state: "active" };
}

async function revoke(
  request: FastifyRequest<ByPatient & { Body: { readonly kid: string } }>,
  { database, keyring, enrolment, access }: RegistryPorts,
): Promise<ChangedDevice> {
  // Somebody else's device is like none: the address says whose devices these are.
  const devices = await listDevicesOfPatient(database, keyring, grantOf(request).patientId);
  const device = devices.find(({ kid }) => toBase64Url(kid) === request.body.kid);
  if (device === undefined) {
    throw await notOfPatient(request, { access }, { detail: "This patient has no such device." });
  }
  await enrolment.revoke(device.kid, actorOf(signedInOf(request)));
  return { kid: request.body.kid, state: "revoked" };
}

async function noteIdentityCheck(
  request: FastifyRequest<ByPatient & { Body: IdentityCheck }>,
  { database, clock }: RegistryPorts,
): Promise<void> {
  await database.withTransaction((tx) =>
    appendAudit(tx, [
      {
        at: clock.now(),
        event: "patient.identity-checked",
        actor: actorOf(signedInOf(request)),
        subject: grantOf(request).patientId,
        action: "execute",
        outcome: "done",
        detail: { facts: [...request.body.facts].sort().join(" ") },
      },
    ]),
  );
}

async function mrnOf(
  request: FastifyRequest<ByPatient>,
  { database, keyring }: RegistryPorts,
): Promise<string> {
  const patient = await findPatient(database, keyring, grantOf(request).patientId);
  if (patient === undefined) throw new ProblemError("not-found");
  return patient.demographics.mrn;
}
