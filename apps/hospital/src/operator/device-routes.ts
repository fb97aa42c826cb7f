import {
  byMrnSchema,
  confirmedEnrolmentSchema,
  confirmEnrolmentSchema,
  enrolmentsSchema,
  invitationSchema,
  ofMrnSchema,
  OPERATOR_PATHS,
  operatorDevicesSchema,
  revokedDeviceSchema,
  revokeDeviceSchema,
  type ConfirmEnrolment,
  type OperatorDevice,
  type Purpose,
} from "@siphms/api";
import { fromBase64Url, toBase64Url } from "@siphms/cose";
import type { FastifyInstance, FastifyRequest } from "fastify";
import {
  confirmedOf,
  findDeviceByKid,
  listDevices,
  openDeviceName,
  readContacts,
  type Device,
  type EnrolmentDesk,
} from "../enrolment/index.ts";
import { ProblemError } from "../http/index.ts";
import { findPatient, listPatients } from "../patients/index.ts";
import {
  BINDING_RULE,
  callerOf,
  DESK_RULE,
  noteOutOfReach,
  noteShown,
  outOfReach,
  patientFor,
  reachOf,
  type CallerPorts,
} from "./caller.ts";

/** What the routes for enrolments and devices need. */
export interface DevicePorts extends CallerPorts {
  readonly enrolment: EnrolmentDesk;
}

interface Owner {
  readonly mrn: string;
  readonly purpose: Purpose;
}

const config = { policy: DESK_RULE } as const;
const bindingConfig = { policy: BINDING_RULE } as const;

/** Adds the routes that invite a patient's device, and confirm it. */
export function addEnrolmentRoutes(server: FastifyInstance, ports: DevicePorts): void {
  const { enrolment } = ports;
  server.post<{ Body: { readonly mrn: string } }>(
    OPERATOR_PATHS.invitations,
    { config: bindingConfig, schema: { body: ofMrnSchema, response: { 200: invitationSchema } } },
    async (request) => {
      await patientFor(request, request.body.mrn, ports);
      const outcome = await enrolment.invite(request.body.mrn, callerOf(request));
      if (outcome.kind !== "invited") throw outOfReach();
      return { link: outcome.link, expires: outcome.expires };
    },
  );
  server.get(
    OPERATOR_PATHS.enrolments,
    { config, schema: { response: { 200: enrolmentsSchema } } },
    async (request) => {
      const owners = await ownersFor(request, ports);
      const views = (await enrolment.enrolments()).filter(({ device }) =>
        owners.has(device.patientId),
      );
      const devices = views.map(({ device }) => device);
      await noteDevicesShown(request, { devices, owners }, ports);
      return views.map(({ device, code }) => ({
        device: toBase64Url(device.kid),
        mrn: owners.get(device.patientId)?.mrn ?? "",
        code: code ?? "",
        state: device.state,
      }));
    },
  );
  server.post<{ Body: ConfirmEnrolment }>(
    OPERATOR_PATHS.confirmEnrolment,
    {
      config: bindingConfig,
      schema: { body: confirmEnrolmentSchema, response: { 200: confirmedEnrolmentSchema } },
    },
    async (request) => {
      const { mrn, code } = request.body;
      await patientFor(request, mrn, ports);
      const outcome = await enrolment.confirm({ mrn, code }, callerOf(request));
      return { device: toBase64Url(confirmedOf(outcome)), mrn, state: "active" as const };
    },
  );
}

/** Adds the routes that list devices and take one away. */
export function addDeviceRoutes(server: FastifyInstance, ports: DevicePorts): void {
  const { database, keyring, enrolment } = ports;
  server.get<{ Querystring: { readonly mrn?: string } }>(
    OPERATOR_PATHS.devices,
    {
      config,
      schema: { querystring: byMrnSchema, response: { 200: operatorDevicesSchema } },
    },
    async (request) => {
      const { mrn } = request.query;
      const owners = await ownersFor(request, ports, mrn);
      const all = await listDevices(database, keyring);
      const devices = all.filter(({ patientId }) => owners.has(patientId));
      await noteDevicesShown(request, { devices, owners }, ports);
      return { devices: await describeDevices(devices, owners, ports) };
    },
  );
  server.post<{ Body: { readonly kid: string } }>(
    OPERATOR_PATHS.revokeDevice,
    {
      config: bindingConfig,
      schema: { body: revokeDeviceSchema, response: { 200: revokedDeviceSchema } },
    },
    async (request) => {
      const { kid } = request.body;
      const mrn = await ownerFor(request, kid, ports);
      const outcome = await enrolment.revoke(fromBase64Url(kid), callerOf(request));
      if (outcome.kind !== "revoked") throw noSuchDevice();
      return { kid, mrn, state: "revoked" as const };
    },
  );
}

/** The patients whom the caller reaches, by id: all of them, or the one of this record number. */
async function ownersFor(
  request: FastifyRequest,
  ports: DevicePorts,
  mrn?: string,
): Promise<ReadonlyMap<string, Owner>> {
  if (mrn !== undefined) {
    const { patient, purpose } = await patientFor(request, mrn, ports);
    return new Map([[patient.id, { mrn, purpose }]]);
  }
  const reach = await reachOf(request, ports);
  const owners = new Map<string, Owner>();
  for (const { id, demographics } of await listPatients(ports.database, ports.keyring)) {
    const purpose = reach(id);
    if (purpose !== undefined) owners.set(id, { mrn: demographics.mrn, purpose });
  }
  return owners;
}

/** The record number of the patient whose device this is. @throws {ProblemError} `not-found` */
async function ownerFor(request: FastifyRequest, kid: string, ports: DevicePorts): Promise<string> {
  const { database, keyring } = ports;
  const device = await findDeviceByKid(database, keyring, fromBase64Url(kid));
  const reach = await reachOf(request, ports);
  const patient = device && (await findPatient(database, keyring, device.patientId));
  if (patient !== undefined && reach(patient.id) !== undefined) return patient.demographics.mrn;
  await noteOutOfReach(request, patient?.id, ports);
  throw noSuchDevice();
}

async function noteDevicesShown(
  request: FastifyRequest,
  shown: { readonly devices: readonly Device[]; readonly owners: ReadonlyMap<string, Owner> },
  ports: DevicePorts,
): Promise<void> {
  const records = shown.devices.flatMap(({ patientId }) => {
    const owner = shown.owners.get(patientId);
    return owner === undefined ? [] : [{ patientId, purpose: owner.purpose }];
  });
  await noteShown(request, { what: "devices", records }, ports);
}

async function describeDevices(
  devices: readonly Device[],
  owners: ReadonlyMap<string, Owner>,
  { database, keyring }: DevicePorts,
): Promise<OperatorDevice[]> {
  const seen = await readContacts(
    database,
    devices.map(({ id }) => id),
  );
  const described: OperatorDevice[] = [];
  for (const device of devices) {
    const lastSeen = seen.get(device.id);
    described.push({
      kid: toBase64Url(device.kid),
      mrn: owners.get(device.patientId)?.mrn ?? "",
      name: await openDeviceName(database, keyring, device),
      state: device.state,
      enrolled: device.enrolledAt,
      ...(lastSeen === undefined ? {} : { lastSeen }),
    });
  }
  return described;
}

function noSuchDevice(): ProblemError {
  return new ProblemError("not-found", "There is no such device of a patient of yours.");
}
