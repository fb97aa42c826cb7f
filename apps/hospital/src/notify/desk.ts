import type {
  Contact,
  CurrentEscalation,
  EscalationPeople,
  OwnContact,
  SetEscalation,
  SystemAlerts,
} from "@siphms/api";
import type { Clock } from "@siphms/server-kit";
import { canCare } from "../access/index.ts";
import { appendAudit, auditNameOfStaff } from "../audit/index.ts";
import type { Database, Queryable } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { listStaff, type Staff } from "../staff/index.ts";
import { findAddress, storeAddress } from "./contact-rows.ts";
import {
  findPolicy,
  insertPolicy,
  openPolicyReason,
  type CurrentPolicy,
  type EscalationStep,
} from "./escalation-rows.ts";
import type { NotifyWays } from "./outgoing.ts";
import { closeSystemAlert, listOpenSystemAlerts } from "./system-alert-rows.ts";

/** What the desk needs of the rest. */
export interface NotifyDeskPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  readonly ways: NotifyWays;
}

/** What setting the policy came to. */
export type SetEscalationOutcome =
  | { readonly kind: "set"; readonly escalation: CurrentEscalation }
  /** Another version is there by now. */
  | { readonly kind: "changed" }
  /** A name that no active doctor or nurse has. */
  | { readonly kind: "unknown"; readonly name: string };

/** What people set about being told. `actor`: who does it, as the audit log names them. */
export interface NotifyDesk {
  readContact(staffId: number): Promise<OwnContact>;
  setContact(staffId: number, contact: Contact): Promise<OwnContact>;
  readEscalation(): Promise<CurrentEscalation>;
  setEscalation(wanted: SetEscalation, actor: string): Promise<SetEscalationOutcome>;
  listPeople(): Promise<EscalationPeople>;
  listSystemAlerts(): Promise<SystemAlerts>;
  /** @returns false where it is not open. */
  acknowledge(id: number, actor: string): Promise<boolean>;
}

/** Joins what people set with its storage. */
export function createNotifyDesk(ports: NotifyDeskPorts): NotifyDesk {
  const { database, keyring } = ports;
  return {
    readContact: (staffId) => readContact(staffId, ports),
    setContact: (staffId, contact) => setContact(staffId, contact, ports),
    readEscalation: () => readEscalation(database, keyring),
    setEscalation: (wanted, actor) => setEscalation(wanted, actor, ports),
    async listPeople() {
      const staff = await listStaff(database, keyring);
      return { people: staff.filter(canCare).map(({ name, role }) => ({ name, role })) };
    },
    async listSystemAlerts() {
      return { alerts: [...(await listOpenSystemAlerts(database))] };
    },
    acknowledge: (id, actor) => acknowledge(id, actor, ports),
  };
}

async function readContact(
  staffId: number,
  { database, keyring, ways }: NotifyDeskPorts,
): Promise<OwnContact> {
  const found = await findAddress(database, keyring, staffId);
  return {
    email: found.kind === "address" ? found.address : null,
    works: ways.email !== undefined,
    ...(found.kind === "altered" ? { altered: true as const } : {}),
  };
}

async function setContact(
  staffId: number,
  { email }: Contact,
  ports: NotifyDeskPorts,
): Promise<OwnContact> {
  const { database, keyring, clock } = ports;
  await database.withTransaction(async (tx) => {
    const at = clock.now();
    const version = await storeAddress(tx, keyring, { staffId, address: email, at });
    const person = auditNameOfStaff(staffId);
    await appendAudit(tx, [
      {
        ...{ at, event: "contact.set", actor: person, object: person },
        action: "update",
        outcome: "done",
        version,
        detail: { email: email !== null },
      },
    ]);
  });
  return readContact(staffId, ports);
}

async function readEscalation(queryable: Queryable, keyring: Keyring): Promise<CurrentEscalation> {
  const staff = await listStaff(queryable, keyring);
  return describePolicy(await findPolicy(queryable, keyring), { staff, keyring });
}

function describePolicy(
  policy: CurrentPolicy,
  { staff, keyring }: { readonly staff: readonly Staff[]; readonly keyring: Keyring },
): CurrentEscalation {
  if (policy.kind === "none") return { version: 0, steps: [] };
  if (policy.kind === "altered") return { version: policy.version, steps: [], altered: true };
  const { row } = policy;
  const names = new Map(staff.map(({ id, name }) => [id, name]));
  const byAudit = new Map(staff.map(({ id, name }) => [auditNameOfStaff(id), name]));
  return {
    version: row.version,
    steps: row.steps.map(({ urgentAfterMinutes, warnAfterMinutes, staff: ids }) => ({
      urgentAfterMinutes,
      warnAfterMinutes,
      to: ids.map((id) => names.get(id) ?? auditNameOfStaff(id)),
    })),
    setBy: byAudit.get(row.setBy) ?? row.setBy,
    setAt: row.setAt,
    reason: openPolicyReason(row, keyring),
  };
}

async function setEscalation(
  wanted: SetEscalation,
  actor: string,
  { database, keyring, clock }: NotifyDeskPorts,
): Promise<SetEscalationOutcome> {
  return database.withTransaction(async (tx) => {
    const staff = await listStaff(tx, keyring);
    const able = new Map(staff.filter(canCare).map(({ id, name }) => [name, id]));
    const unknown = wanted.steps.flatMap(({ to }) => to).find((name) => !able.has(name));
    if (unknown !== undefined) return { kind: "unknown", name: unknown };
    const current = await findPolicy(tx, keyring);
    const before = current.kind === "set" ? current.row.version : current.version;
    if (before !== wanted.version) return { kind: "changed" };
    const at = clock.now();
    const version = before + 1;
    const steps = wanted.steps.map((step) => storedStep(step, able));
    const { reason } = wanted;
    const policy = { version, steps, reason, setAt: at, setBy: actor };
    if (!(await insertPolicy(tx, keyring, policy))) return { kind: "changed" };
    await appendAudit(tx, [
      {
        ...{ at, event: "escalation.set", actor, object: `escalation:${String(version)}` },
        action: "update",
        outcome: "done",
        version,
        detail: { steps: steps.length },
      },
    ]);
    const escalation = describePolicy(await findPolicy(tx, keyring), { staff, keyring });
    return { kind: "set", escalation };
  });
}

function storedStep(
  { urgentAfterMinutes, warnAfterMinutes, to }: SetEscalation["steps"][number],
  able: ReadonlyMap<string, number>,
): EscalationStep {
  const staff = to.flatMap((name) => able.get(name) ?? []);
  return { urgentAfterMinutes, warnAfterMinutes, staff: [...new Set(staff)] };
}

async function acknowledge(
  id: number,
  actor: string,
  { database, clock }: NotifyDeskPorts,
): Promise<boolean> {
  return database.withTransaction(async (tx) => {
    const at = clock.now();
    if (!(await closeSystemAlert(tx, { id, by: actor, at }))) return false;
    await appendAudit(tx, [
      {
        ...{ at, event: "system-alert.acknowledged", actor, object: `system-alert:${String(id)}` },
        action: "update",
        outcome: "done",
      },
    ]);
    return true;
  });
}
