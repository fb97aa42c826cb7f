import type { RegistryDevice } from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import type { Database } from "../database/index.ts";
import { openDeviceName, type Device } from "../enrolment/index.ts";
import type { Keyring } from "../keys/index.ts";

/** What a device is described with besides its own row. */
export interface DeviceContext {
  readonly database: Database;
  readonly keyring: Keyring;
  /** When devices were last heard of, by number. */
  readonly contacts: ReadonlyMap<number, number>;
  /** Names of staff by how the audit log names them; `operator` stays as it is. */
  readonly names: ReadonlyMap<string, string>;
}

/** A device without anything that it measured, and without its digits. */
export async function describeDevice(
  device: Device,
  { database, keyring, contacts, names }: DeviceContext,
): Promise<RegistryDevice> {
  const { kid, state, enrolledAt, confirmedAt, confirmedBy, endedAt } = device;
  const lastSeen = contacts.get(device.id);
  const by = confirmedBy ?? "";
  return {
    kid: toBase64Url(kid),
    name: await openDeviceName(database, keyring, device),
    state,
    enrolled: enrolledAt,
    ...(confirmedAt === null ? {} : { confirmed: { at: confirmedAt, by: names.get(by) ?? by } }),
    ...(endedAt === null ? {} : { ended: endedAt }),
    ...(lastSeen === undefined ? {} : { lastSeen }),
    ...(state === "pending" ? { code: device.sealedCode === null ? "waiting" : "shown" } : {}),
  };
}
