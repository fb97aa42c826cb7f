import type { BeginCare, CareOf } from "@siphms/api";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, auditNameOfStaff } from "../audit/index.ts";
import { ConflictError, type Database, type Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { findPatientByMrn, listPatients } from "../patients/index.ts";
import { findStaffByName, listStaff, type Staff } from "../staff/index.ts";
import {
  endCareRelation,
  findCareOf,
  insertCareRelation,
  listCareInForce,
  type CareRelation,
} from "./care-rows.ts";
import { CARE_ROLES } from "./grants.ts";

/** What access needs of the rest. */
export interface AccessPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  /** Told after each commit that changes what somebody may see. */
  readonly onChanged: (staffId: number) => void;
  /** Told after the commit of each access in an emergency. */
  readonly onBreakGlass: (id: number) => void;
}

/** A relation with the names of both sides. */
export interface CareView {
  readonly relation: CareRelation;
  readonly staff: Staff;
  readonly mrn: string;
}

/** What beginning a relation came to. */
export type BeginCareOutcome =
  | { readonly kind: "begun"; readonly view: CareView }
  | { readonly kind: "in-care" }
  | { readonly kind: "patient-unknown" }
  | { readonly kind: "staff-unknown" }
  | { readonly kind: "until-past" };

/** What ending came to. */
export type EndCareOutcome =
  | { readonly kind: "ended"; readonly staff: Staff; readonly at: number }
  | { readonly kind: "not-in-care" }
  | { readonly kind: "patient-unknown" };

/** Who has whom in their care. `actor` is who changes it, as the audit log names them. */
export interface CareDesk {
  /** Puts a patient into the care of an active doctor or nurse. */
  beginCare(wanted: BeginCare, actor: string): Promise<BeginCareOutcome>;
  /** Takes a patient out of somebody's care, at once and everywhere. @throws {ConflictError} */
  endCare(named: CareOf, actor: string): Promise<EndCareOutcome>;
  /** What holds at this moment, of one patient or of all; `undefined` for a record number that nobody has. */
  listCare(mrn?: string): Promise<readonly CareView[] | undefined>;
  /** Begins a relation in the transaction that is its reason: lasting, or until a time. */
  readonly beginCareWithin: (
    tx: Transaction,
    relation: {
      readonly staffId: number;
      readonly patientId: string;
      readonly until?: number | undefined;
    },
    actor: string,
  ) => Promise<void>;
  /**
   * Ends every relation of a person who was disabled or is no doctor or nurse any more, in the transaction that makes it so:
   * else a patient would look cared for whom nobody sees. @throws {ConflictError}
   */
  readonly endLostCare: (tx: Transaction, staff: Staff, actor: string) => Promise<void>;
}

/** Whether somebody can have patients in their care: nobody else may look into a record. */
export function canCare(staff: Staff): boolean {
  return staff.state === "active" && CARE_ROLES.includes(staff.role);
}

/** Joins care relations with their storage. */
export function createCareDesk(ports: AccessPorts): CareDesk {
  const { database } = ports;
  return {
    beginCare: (wanted, actor) =>
      database.withTransaction((tx) => begin(tx, { wanted, actor }, ports)),
    endCare: (named, actor) => database.withTransaction((tx) => end(tx, { named, actor }, ports)),
    listCare: (mrn) => list(mrn, ports),
    beginCareWithin: async (tx, { staffId, patientId, until }, actor) => {
      await store(tx, { staffId, patientId, until, actor }, ports);
    },
    endLostCare: (tx, staff, actor) => endLost(tx, { staff, actor }, ports),
  };
}

async function begin(
  tx: Transaction,
  { wanted, actor }: { readonly wanted: BeginCare; readonly actor: string },
  ports: AccessPorts,
): Promise<BeginCareOutcome> {
  const { keyring, clock } = ports;
  const now = clock.now();
  const { until } = wanted;
  if (until !== undefined && until <= now) return { kind: "until-past" };
  const staff = await findStaffByName(tx, keyring, wanted.staff);
  // So an administrator cannot grant it to themselves.
  if (staff === undefined || !canCare(staff)) return { kind: "staff-unknown" };
  const patient = await findPatientByMrn(tx, keyring, wanted.mrn);
  if (patient === undefined) return { kind: "patient-unknown" };
  const ids = { staffId: staff.id, patientId: patient.id };
  const inForce = await findCareOf(tx, keyring, { ...ids, now });
  if (inForce.some(({ endsAt }) => endsAt === null || (until !== undefined && endsAt >= until))) {
    return { kind: "in-care" };
  }
  const relation = await store(tx, { ...ids, until, actor }, ports);
  return { kind: "begun", view: { relation, staff, mrn: wanted.mrn } };
}

async function end(
  tx: Transaction,
  { named, actor }: { readonly named: CareOf; readonly actor: string },
  ports: AccessPorts,
): Promise<EndCareOutcome> {
  const { keyring, clock } = ports;
  const now = clock.now();
  const staff = await findStaffByName(tx, keyring, named.staff);
  const patient = await findPatientByMrn(tx, keyring, named.mrn);
  if (patient === undefined) return { kind: "patient-unknown" };
  if (staff === undefined) return { kind: "not-in-care" };
  const ids = { staffId: staff.id, patientId: patient.id };
  const relations = await findCareOf(tx, keyring, { ...ids, now });
  if (relations.length === 0) return { kind: "not-in-care" };
  await endAll(tx, { relations, now, actor }, ports);
  return { kind: "ended", staff, at: now };
}

async function endLost(
  tx: Transaction,
  { staff, actor }: { readonly staff: Staff; readonly actor: string },
  ports: AccessPorts,
): Promise<void> {
  if (canCare(staff)) return;
  const now = ports.clock.now();
  const relations = await findCareOf(tx, ports.keyring, { staffId: staff.id, now });
  await endAll(tx, { relations, now, actor }, ports);
}

/** Ends these relations of one person, with an entry for each patient. */
async function endAll(
  tx: Transaction,
  ending: {
    readonly relations: readonly CareRelation[];
    readonly now: number;
    readonly actor: string;
  },
  { keyring, onChanged }: AccessPorts,
): Promise<void> {
  const { relations, now, actor } = ending;
  for (const relation of relations) {
    if (!(await endCareRelation(tx, keyring, { relation, now, endedBy: actor }))) {
      throw new ConflictError("a care relation has changed meanwhile");
    }
  }
  const ended = new Map(relations.map(({ patientId, staffId }) => [patientId, staffId]));
  await appendAudit(
    tx,
    [...ended].map(([subject, staffId]) => ({
      ...{ at: now, actor, subject },
      event: "care.ended",
      object: auditNameOfStaff(staffId),
      action: "update",
      outcome: "done",
    })),
  );
  tx.afterCommit(() => {
    for (const staffId of new Set(ended.values())) onChanged(staffId);
  });
}

async function store(
  tx: Transaction,
  wanted: {
    readonly staffId: number;
    readonly patientId: string;
    readonly until: number | undefined;
    readonly actor: string;
  },
  { keyring, clock, onChanged }: AccessPorts,
): Promise<CareRelation> {
  const { staffId, patientId, until, actor } = wanted;
  const beganAt = clock.now();
  const relation = await insertCareRelation(tx, keyring, {
    ...{ staffId, patientId, beganAt },
    endsAt: until ?? null,
    madeBy: actor,
  });
  await appendAudit(tx, [
    {
      at: beganAt,
      event: "care.begun",
      actor,
      subject: patientId,
      object: auditNameOfStaff(staffId),
      action: "create",
      outcome: "done",
      ...(until === undefined ? {} : { detail: { until } }),
    },
  ]);
  tx.afterCommit(() => {
    onChanged(staffId);
  });
  return relation;
}

async function list(
  mrn: string | undefined,
  { database, keyring, clock }: AccessPorts,
): Promise<readonly CareView[] | undefined> {
  const patient = mrn === undefined ? undefined : await findPatientByMrn(database, keyring, mrn);
  if (mrn !== undefined && patient === undefined) return undefined;
  const patients = patient === undefined ? await listPatients(database, keyring) : [patient];
  const mrns = new Map(patients.map(({ id, demographics }) => [id, demographics.mrn]));
  const staff = new Map((await listStaff(database, keyring)).map((one) => [one.id, one]));
  const now = clock.now();
  const relations = await listCareInForce(database, keyring, { patientId: patient?.id, now });
  return relations.flatMap((relation) => {
    const person = staff.get(relation.staffId);
    const number = mrns.get(relation.patientId);
    if (person === undefined || number === undefined) return [];
    return [{ relation, staff: person, mrn: number }];
  });
}
