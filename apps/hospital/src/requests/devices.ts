import type { CborMap } from "@siphms/cose";
import { METHODS, type PatientDevice } from "@siphms/messages";
import type { Queryable } from "../database/index.ts";
import {
  listDevicesOfPatient,
  openDeviceName,
  readContacts,
  type Device,
} from "../enrolment/index.ts";
import type { Keyring } from "../keys/index.ts";

/** Devices of one answer at most: what fits into any envelope. */
const MAX_DEVICES = 300;

/**
 * Answers `devices`: every device that ever spoke for the patient, those that still can first, then the newest. Of more
 * than 300 the oldest that are over are left out.
 */
export async function readDevices(
  queryable: Queryable,
  patientId: string,
  keyring: Keyring,
): Promise<CborMap> {
  const all = await listDevicesOfPatient(queryable, keyring, patientId);
  const shown = [...all]
    .sort((a, b) => Number(isOver(a)) - Number(isOver(b)) || b.id - a.id)
    .slice(0, MAX_DEVICES);
  const seen = await readContacts(
    queryable,
    shown.map(({ id }) => id),
  );
  const devices: PatientDevice[] = [];
  for (const device of shown) {
    const lastSeen = seen.get(device.id);
    devices.push({
      kid: device.kid,
      name: await openDeviceName(queryable, keyring, device),
      state: device.state,
      enrolled: device.enrolledAt,
      ...(lastSeen === undefined ? {} : { lastSeen }),
    });
  }
  return METHODS.devices.result.encode({ devices });
}

function isOver({ state }: Device): boolean {
  return state === "revoked" || state === "dropped";
}
