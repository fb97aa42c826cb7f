import type { Registry, RegistryDevice, RegistryPatient } from "@siphms/api";
import { canCare } from "../access/index.ts";
import { auditNameOfStaff } from "../audit/index.ts";
import { listDevices, readContacts, readOpenInvitations } from "../enrolment/index.ts";
import { listPatients } from "../patients/index.ts";
import type { ShowPorts } from "../records/index.ts";
import { readStaffNames } from "../staff/index.ts";
import { describeDevice } from "./describe.ts";

/** Reads every patient as administrators see them: who they are and what is bound to them, nothing clinical. */
export async function readRegistry(ports: ShowPorts): Promise<Registry> {
  const { database, keyring, clock, access } = ports;
  const now = clock.now();
  const patients = await listPatients(database, keyring);
  const names = await readStaffNames(database, keyring);
  const devices = await devicesByPatient(ports, names);
  const patientIds = patients.map(({ id }) => id);
  const invited = await readOpenInvitations(database, keyring, { patientIds, now });
  const carers = new Map<string, Set<number>>();
  for (const { relation, staff } of (await access.listCare(undefined)) ?? []) {
    if (!canCare(staff)) continue;
    const known = carers.get(relation.patientId) ?? new Set();
    carers.set(relation.patientId, known.add(relation.staffId));
  }
  const listed = patients.map(({ id, demographics, doctorId, registeredAt }): RegistryPatient => {
    const { mrn, name, birthDate } = demographics;
    const doctor = doctorId === null ? undefined : names.get(auditNameOfStaff(doctorId));
    const invitedUntil = invited.get(id);
    return {
      ...{ id, mrn, name, birthDate },
      ...(doctor === undefined ? {} : { doctor }),
      registered: registeredAt,
      carers: carers.get(id)?.size ?? 0,
      devices: devices.get(id) ?? [],
      ...(invitedUntil === undefined ? {} : { invitedUntil }),
    };
  });
  return { patients: listed, now };
}

async function devicesByPatient(
  { database, keyring }: ShowPorts,
  names: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, RegistryDevice[]>> {
  const contacts = await readContacts(database);
  const context = { database, keyring, contacts, names };
  const found = new Map<string, RegistryDevice[]>();
  for (const device of await listDevices(database, keyring)) {
    if (device.state !== "pending" && device.state !== "active") continue;
    const known = found.get(device.patientId) ?? [];
    known.push(await describeDevice(device, context));
    found.set(device.patientId, known);
  }
  return found;
}
