import type { PatientDevices } from "@siphms/api";
import { listDevicesOfPatient, readContacts, readOpenInvitations } from "../enrolment/index.ts";
import type { Patient } from "../patients/index.ts";
import type { Records, ShowPorts } from "../records/index.ts";
import { readStaffNames } from "../staff/index.ts";
import { describeDevice } from "./describe.ts";

/** What reading a patient's devices needs. */
export interface DevicePorts extends ShowPorts {
  readonly records: Records;
}

/** The order of a list: what can be used, what waits, what is over. */
const ORDER: Readonly<Record<PatientDevices["devices"][number]["state"], number>> = {
  pending: 0,
  active: 1,
  revoked: 2,
  dropped: 2,
};

/**
 * Reads who a patient is and which devices are bound to them.
 *
 * @param isCarer - Whether the sensors are shown too: what one is called says what is measured.
 */
export async function readPatientDevices(
  patient: Patient,
  isCarer: boolean,
  ports: DevicePorts,
): Promise<PatientDevices> {
  const { database, keyring, clock, records } = ports;
  const now = clock.now();
  const { id, demographics } = patient;
  const devices = await listDevicesOfPatient(database, keyring, id);
  const contacts = await readContacts(
    database,
    devices.map((device) => device.id),
  );
  const context = { database, keyring, contacts, names: await readStaffNames(database, keyring) };
  const described: PatientDevices["devices"] = [];
  for (const device of devices) {
    const sensors = isCarer && device.state === "active" ? await records.sensors(device) : [];
    described.push({
      ...(await describeDevice(device, context)),
      ...(sensors.length === 0 ? {} : { sensors: [...sensors] }),
    });
  }
  described.sort((a, b) => ORDER[a.state] - ORDER[b.state] || b.enrolled - a.enrolled);
  const invitedUntil = (
    await readOpenInvitations(database, keyring, { patientIds: [id], now })
  ).get(id);
  const { mrn, name, birthDate } = demographics;
  return {
    patient: { id, mrn, name, birthDate },
    devices: described,
    ...(invitedUntil === undefined ? {} : { invitedUntil }),
    now,
  };
}
