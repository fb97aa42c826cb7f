import { randomUUID } from "node:crypto";
import type { DeviceState, RegisterPatient } from "@siphms/api";
import { invitationLink } from "@siphms/messages";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Clock } from "@siphms/server-kit";
import type { CareDesk } from "../access/index.ts";
import { appendAudit } from "../audit/index.ts";
import { isUniqueViolation, type Database, type Transaction } from "../database/index.ts";
import type { HospitalKeys, Keyring } from "../keys/index.ts";
import { findPatientByMrn, insertPatient, MRN_CONSTRAINT } from "../patients/index.ts";
import { findStaffById, findStaffByName, type Staff } from "../staff/index.ts";
import { confirmCode, type ConfirmOutcome } from "./confirm-code.ts";
import {
  findDeviceByKid,
  listDevices,
  lockDevice,
  openDeviceCode,
  type Device,
} from "./devices.ts";
import { insertInvitation } from "./invitations.ts";
import { revokeBinding } from "./revoke.ts";

/** How long an invitation is good (protocol section 4). */
export const INVITATION_LIFETIME_MS = 15 * 60_000;
const TOKEN_BYTES = 16;

/** What registering a patient came to. */
export type RegisterOutcome =
  | { readonly kind: "registered"; readonly patientId: string }
  | { readonly kind: "demo-only" }
  | { readonly kind: "doctor-unknown" }
  | { readonly kind: "date-impossible" }
  | { readonly kind: "mrn-taken" };

/** What inviting came to. The link is a secret and kept nowhere. */
export type InviteOutcome =
  | { readonly kind: "invited"; readonly link: string; readonly expires: number }
  | { readonly kind: "patient-unknown" };

/** What revoking came to; revoking again is no error. */
export type RevokeOutcome =
  { readonly kind: "device-unknown" } | { readonly kind: "revoked"; readonly patientId: string };

/** One binding with its code where there is one to compare. */
export interface EnrolmentView {
  readonly device: Device;
  readonly code: string | undefined;
}

/** What staff do about patients and their devices. `actor` is who does it, as the audit log names them. */
export interface EnrolmentDesk {
  /** @param carer - Who has the patient in their care from then on, beside the doctor whom `patient` names. */
  register(
    patient: RegisterPatient,
    actor: string,
    carer?: { readonly staffId: number },
  ): Promise<RegisterOutcome>;
  invite(mrn: string, actor: string): Promise<InviteOutcome>;
  /** Bindings that wait for their confirmation, newest first, then the active ones. */
  enrolments(): Promise<readonly EnrolmentView[]>;
  /**
   * Compares the digits that the patient reads out with those of the patient's pending bindings. The fifth that are wrong
   * drop the bindings that they were tried on: no sixth guess meets them.
   */
  confirm(
    input: { readonly mrn: string; readonly code: string },
    actor: string,
  ): Promise<ConfirmOutcome>;
  /** Takes a binding away and closes its sessions in the same transaction. */
  revoke(kid: Uint8Array, actor: string): Promise<RevokeOutcome>;
}

/** What the desk needs of the rest. */
export interface EnrolmentDeskPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
  readonly clock: Clock;
  /** Its current identity goes into new invitations. */
  readonly keys: Pick<HospitalKeys, "identity">;
  readonly hospital: { readonly id: string; readonly name: string };
  readonly gatewayUrl: string;
  readonly appOrigin: string;
  readonly demo: boolean;
  /** Puts a new patient into the care of the doctor in charge, in the transaction that registers the patient. */
  readonly beginCare: CareDesk["beginCareWithin"];
  /** Closes every session of a device, in the transaction that takes its binding away. */
  readonly closeSessions: (tx: Transaction, deviceId: number) => Promise<void>;
  /** Tells a device that its binding is active, in the transaction that makes it so. */
  readonly notifyActive: (tx: Transaction, deviceId: number) => Promise<void>;
  /** Told after the commit. */
  readonly onPatient: (patientId: string) => void;
  /** Told after the commit. */
  readonly onBinding: (patientId: string, state: DeviceState) => void;
}

/** Joins what staff do about enrolment with its storage. */
export function createEnrolmentDesk(ports: EnrolmentDeskPorts): EnrolmentDesk {
  const { database, keyring } = ports;
  return {
    register: (patient, actor, carer) => register({ patient, actor, carer }, ports),
    invite: (mrn, actor) => database.withTransaction((tx) => invite(tx, { mrn, actor }, ports)),

    async enrolments() {
      const devices = await listDevices(database, keyring);
      const pending = devices.filter((device) => device.state === "pending").reverse();
      const active = devices.filter((device) => device.state === "active");
      const views: EnrolmentView[] = [];
      for (const device of [...pending, ...active]) {
        views.push({ device, code: await openDeviceCode(database, keyring, device) });
      }
      return views;
    },

    confirm: (input, actor) =>
      database.withTransaction((tx) => confirmCode(tx, { ...input, actor }, ports)),
    revoke: (kid, actor) => database.withTransaction((tx) => revoke(tx, { kid, actor }, ports)),
  };
}

interface Registration {
  readonly patient: RegisterPatient;
  readonly actor: string;
  readonly carer: { readonly staffId: number } | undefined;
}

async function register(
  registration: Registration,
  ports: EnrolmentDeskPorts,
): Promise<RegisterOutcome> {
  const { patient } = registration;
  if (!ports.demo && (patient.demo !== undefined || patient.source !== undefined)) {
    return { kind: "demo-only" };
  }
  if (![patient.birthDate, patient.lastVisit].every(isCalendarDate)) {
    return { kind: "date-impossible" };
  }
  try {
    return await ports.database.withTransaction((tx) => insert(tx, registration, ports));
  } catch (error) {
    if (isUniqueViolation(error, MRN_CONSTRAINT)) return { kind: "mrn-taken" };
    throw error;
  }
}

async function insert(
  tx: Transaction,
  { patient, actor, carer }: Registration,
  { keyring, clock, beginCare, onPatient }: EnrolmentDeskPorts,
): Promise<RegisterOutcome> {
  const doctor = await findDoctor(tx, keyring, { name: patient.doctor, carer });
  if (doctor === undefined) return { kind: "doctor-unknown" };
  const id = randomUUID();
  const registeredAt = clock.now();
  const { mrn, name, birthDate, sex = "X", problem = "", lastVisit } = patient;
  await insertPatient(tx, keyring, {
    id,
    demographics: {
      mrn,
      name,
      birthDate,
      sex,
      problem,
      ...(lastVisit === undefined ? {} : { lastVisit }),
    },
    doctorId: doctor.id,
    source: patient.source ?? null,
    demo: patient.demo ?? null,
    registeredAt,
  });
  await appendAudit(tx, [
    {
      at: registeredAt,
      event: "patient.registered",
      actor,
      subject: id,
      action: "create",
      outcome: "done",
    },
  ]);
  for (const staffId of new Set([doctor.id, carer?.staffId])) {
    if (typeof staffId === "number") await beginCare(tx, { staffId, patientId: id }, actor);
  }
  tx.afterCommit(() => {
    onPatient(id);
  });
  return { kind: "registered", patientId: id };
}

/** The doctor of that name, of whom only doctors count; where none was named the carer, if that is one; else no id. */
async function findDoctor(
  tx: Transaction,
  keyring: Keyring,
  { name, carer }: { readonly name: string | undefined; readonly carer: Registration["carer"] },
): Promise<{ readonly id: number | null } | undefined> {
  if (name === undefined) {
    const own = carer && (await findStaffById(tx, keyring, carer.staffId));
    return { id: isDoctor(own) ? own.id : null };
  }
  const staff = await findStaffByName(tx, keyring, name);
  return isDoctor(staff) ? staff : undefined;
}

/** One who can sign in: in the care of another a patient would be seen by nobody. */
function isDoctor(staff: Staff | undefined): staff is Staff {
  return staff?.role === "doctor" && staff.state === "active";
}

async function invite(
  tx: Transaction,
  { mrn, actor }: { readonly mrn: string; readonly actor: string },
  ports: EnrolmentDeskPorts,
): Promise<InviteOutcome> {
  const { keyring, crypto, clock } = ports;
  const patient = await findPatientByMrn(tx, keyring, mrn);
  if (patient === undefined) return { kind: "patient-unknown" };
  const token = crypto.randomBytes(TOKEN_BYTES);
  const createdAt = clock.now();
  const expires = createdAt + INVITATION_LIFETIME_MS;
  const stored = await insertInvitation(tx, keyring, {
    token,
    patientId: patient.id,
    createdAt,
    createdBy: actor,
    handedOver: "link",
    expiresAt: expires,
  });
  await appendAudit(tx, [
    {
      at: createdAt,
      event: "invitation.made",
      actor,
      subject: patient.id,
      object: `invitation:${String(stored.id)}`,
      action: "create",
      outcome: "done",
    },
  ]);
  const link = invitationLink(ports.appOrigin, {
    gatewayUrl: ports.gatewayUrl,
    hospitalId: ports.hospital.id,
    credential: ports.keys.identity.credential,
    token,
    expires,
    hospitalName: ports.hospital.name,
  });
  return { kind: "invited", link, expires };
}

async function revoke(
  tx: Transaction,
  { kid, actor }: { readonly kid: Uint8Array; readonly actor: string },
  ports: EnrolmentDeskPorts,
): Promise<RevokeOutcome> {
  const { keyring, clock } = ports;
  const found = await findDeviceByKid(tx, keyring, kid);
  const device = found === undefined ? undefined : await lockDevice(tx, keyring, found.id);
  if (device === undefined) return { kind: "device-unknown" };
  if (await revokeBinding(tx, { device, actor, now: clock.now() }, keyring)) {
    await ports.closeSessions(tx, device.id);
    tx.afterCommit(() => {
      ports.onBinding(device.patientId, "revoked");
    });
  }
  return { kind: "revoked", patientId: device.patientId };
}

/** A date that the calendar has: 2026-02-30 is none. Absent is fine. */
function isCalendarDate(date: string | undefined): boolean {
  if (date === undefined) return true;
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}
