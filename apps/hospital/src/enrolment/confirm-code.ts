import type { DeviceState } from "@siphms/api";
import { equalBytes, type Bytes } from "@siphms/cose";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, auditNameOfDevice, countEvents, type AuditEntry } from "../audit/index.ts";
import type { Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { findPatientByMrn } from "../patients/index.ts";
import {
  changeDevice,
  listDevicesOfPatient,
  lockDevices,
  openDeviceCode,
  type Device,
} from "./devices.ts";

/** So many wrong digits end a binding (SR-10). */
const MAX_WRONG_CODES = 5;
const CONFIRMED = "device.confirmed";

/** What confirming came to. */
export type ConfirmOutcome =
  | { readonly kind: "confirmed"; readonly kid: Bytes }
  | { readonly kind: "code-differs" }
  /** They differ, and were wrong too often: what waited was dropped. */
  | { readonly kind: "tries-spent" }
  | { readonly kind: "nothing-pending" }
  | { readonly kind: "patient-unknown" };

/** What confirming needs. */
export interface ConfirmPorts {
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly notifyActive: (tx: Transaction, deviceId: number) => Promise<void>;
  readonly closeSessions: (tx: Transaction, deviceId: number) => Promise<void>;
  readonly onBinding: (patientId: string, state: DeviceState) => void;
}

interface Tried {
  readonly mrn: string;
  readonly code: string;
  readonly actor: string;
}

/** Compares digits with those of a patient's pending bindings. Whatever it came to has to be committed. */
export async function confirmCode(
  tx: Transaction,
  tried: Tried,
  ports: ConfirmPorts,
): Promise<ConfirmOutcome> {
  const { keyring, clock } = ports;
  const patient = await findPatientByMrn(tx, keyring, tried.mrn);
  if (patient === undefined) return { kind: "patient-unknown" };
  const pending = await lockPending(tx, keyring, patient.id);
  if (pending.length === 0) return { kind: "nothing-pending" };
  const entry = {
    ...{ at: clock.now(), event: CONFIRMED, actor: tried.actor },
    ...{ subject: patient.id, action: "update" as const },
  };
  const shown = await withCodes(tx, keyring, pending);
  const match = shown.find(({ code }) => equalBytes(utf8(code), utf8(tried.code)))?.device;
  if (match === undefined) {
    const devices = shown.map(({ device }) => device);
    return refuse(tx, { devices, entry: { ...entry, outcome: "refused" } }, ports);
  }
  await changeDevice(tx, keyring, {
    device: match,
    change: { state: "active", code: null, confirmedAt: entry.at, confirmedBy: tried.actor },
  });
  await ports.notifyActive(tx, match.id);
  await appendAudit(tx, [{ ...entry, object: auditNameOfDevice(match.kid), outcome: "done" }]);
  tx.afterCommit(() => {
    ports.onBinding(patient.id, "active");
  });
  return { kind: "confirmed", kid: match.kid };
}

/** The patient's pending bindings, their rows locked: of two tries at once one counts after the other. */
async function lockPending(
  tx: Transaction,
  keyring: Keyring,
  patientId: string,
): Promise<readonly Device[]> {
  const devices = await listDevicesOfPatient(tx, keyring, patientId);
  const ids = devices.filter(({ state }) => state === "pending").map(({ id }) => id);
  const locked = await lockDevices(tx, keyring, ids);
  return [...locked.values()].filter(({ state }) => state === "pending");
}

async function withCodes(tx: Transaction, keyring: Keyring, devices: readonly Device[]) {
  const shown: { readonly device: Device; readonly code: string }[] = [];
  for (const device of devices) {
    const code = await openDeviceCode(tx, keyring, device);
    if (code !== undefined) shown.push({ device, code });
  }
  return shown;
}

/** Notes wrong digits with each binding that they were tried on; the audit log, to which one can only add, is their count. */
async function refuse(
  tx: Transaction,
  { devices, entry }: { readonly devices: readonly Device[]; readonly entry: AuditEntry },
  ports: ConfirmPorts,
): Promise<ConfirmOutcome> {
  // Before a phone shows digits there are none to guess.
  if (devices.length === 0) await appendAudit(tx, [entry]);
  let isSpent = false;
  for (const device of devices) {
    const tries = { ...entry, object: auditNameOfDevice(device.kid) };
    await appendAudit(tx, [tries]);
    if ((await countEvents(tx, tries)) < MAX_WRONG_CODES) continue;
    isSpent = true;
    await drop(tx, { device, entry: tries }, ports);
  }
  return { kind: isSpent ? "tries-spent" : "code-differs" };
}

async function drop(
  tx: Transaction,
  { device, entry }: { readonly device: Device; readonly entry: AuditEntry },
  { keyring, closeSessions, onBinding }: ConfirmPorts,
): Promise<void> {
  const change = { state: "dropped", code: null, endedAt: entry.at } as const;
  await changeDevice(tx, keyring, { device, change });
  await closeSessions(tx, device.id);
  const detail = { reason: "codes-wrong", alert: true };
  await appendAudit(tx, [{ ...entry, event: "device.dropped", outcome: "done", detail }]);
  tx.afterCommit(() => {
    onBinding(device.patientId, "dropped");
  });
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
