import { REASON_LENGTH, type BreakGlassRequest, type ReviewVerdict } from "@siphms/api";
import { appendAudit, auditNameOfStaff } from "../audit/index.ts";
import type { Transaction } from "../database/index.ts";
import { findPatientByMrn, findPatients } from "../patients/index.ts";
import { listStaff, type Staff } from "../staff/index.ts";
import {
  closeReviewRow,
  insertBreakGlass,
  listBreakGlass,
  lockBreakGlass,
  openBreakGlassText,
  type BreakGlass,
} from "./break-glass-rows.ts";
import type { AccessPorts } from "./care-desk.ts";
import { findGrant } from "./grants.ts";
import { refusalEntry, type Refusal } from "./refusals.ts";

/** How long a record stays open in an emergency. */
export const BREAK_GLASS_MS = 60 * 60_000;
/** The event under which it stands in the audit log and in the patient's access log. */
export const GLASS_BROKEN = "access.break-glass";
const REVIEWED = "access.reviewed";
/** Reviews in one list: every open one that a hospital should ever have, and the newest closed ones. */
const MAX_REVIEWS = 500;

/** What opening a record in an emergency came to. */
export type BreakGlassOutcome =
  | { readonly kind: "opened"; readonly access: BreakGlass }
  | { readonly kind: "in-care" }
  | { readonly kind: "patient-unknown" }
  | { readonly kind: "reason-short" };

/** What closing a review came to. */
export type CloseReviewOutcome =
  | { readonly kind: "closed" }
  | { readonly kind: "closed-already" }
  | { readonly kind: "note-short" }
  | { readonly kind: "own-review" }
  | { readonly kind: "unknown" };

/** An access in an emergency as the privacy officers see it. */
export interface ReviewView {
  readonly access: BreakGlass;
  readonly staff: Staff;
  /** Who closed it. */
  readonly reviewer: Staff | undefined;
  readonly mrn: string;
  readonly reason: string;
  readonly note: string | undefined;
}

/** A verdict as a privacy officer gives it. */
export interface GivenVerdict {
  readonly id: number;
  readonly verdict: ReviewVerdict;
  readonly note: string;
}

/** Records opened in an emergency, and their reviews (164.312(a)(2)(ii)). */
export interface BreakGlassDesk {
  /** Opens one patient's record to somebody who has not that patient in their care; opens a review with it. */
  breakGlass(wanted: BreakGlassRequest, person: Staff, route: string): Promise<BreakGlassOutcome>;
  /** Open reviews and the newest closed ones; how many say nothing, because a row was altered. */
  listReviews(): Promise<{ readonly reviews: readonly ReviewView[]; readonly altered: number }>;
  /** Closes a review: somebody other than the person whom it is about. */
  closeReview(given: GivenVerdict, reviewer: Staff, route: string): Promise<CloseReviewOutcome>;
}

/** Joins access in an emergency with its storage. */
export function createBreakGlassDesk(ports: AccessPorts): BreakGlassDesk {
  const { database } = ports;
  return {
    breakGlass: (wanted, person, route) =>
      database.withTransaction((tx) => open(tx, { wanted, person, route }, ports)),
    listReviews: () => list(ports),
    closeReview: (given, reviewer, route) =>
      database.withTransaction((tx) => close(tx, { given, reviewer, route }, ports)),
  };
}

interface Opening {
  readonly wanted: BreakGlassRequest;
  readonly person: Staff;
  readonly route: string;
}

async function open(
  tx: Transaction,
  { wanted, person, route }: Opening,
  ports: AccessPorts,
): Promise<BreakGlassOutcome> {
  const { keyring, clock } = ports;
  const reason = wanted.reason.trim();
  if (reason.length < REASON_LENGTH.min) return { kind: "reason-short" };
  const now = clock.now();
  // Of two at once the second finds the first: one emergency, one review.
  await tx.query("SELECT id FROM staff WHERE id = $1 FOR NO KEY UPDATE", [person.id]);
  const actor = auditNameOfStaff(person.id);
  const refuse = (why: Refusal["why"], patientId?: string) =>
    appendAudit(tx, [refusalEntry({ at: now, actor, patientId, route, why })]);
  const patient = await findPatientByMrn(tx, keyring, wanted.mrn);
  if (patient === undefined) {
    await refuse("patient-unknown");
    return { kind: "patient-unknown" };
  }
  const asked = { staffId: person.id, patientId: patient.id, now };
  if ((await findGrant(tx, keyring, asked)) !== undefined) {
    await refuse("in-care", patient.id);
    return { kind: "in-care" };
  }
  return { kind: "opened", access: await store(tx, { ...asked, reason }, ports) };
}

async function store(
  tx: Transaction,
  wanted: {
    readonly staffId: number;
    readonly patientId: string;
    readonly now: number;
    readonly reason: string;
  },
  { keyring, onBreakGlass, onChanged }: AccessPorts,
): Promise<BreakGlass> {
  const { staffId, patientId, now, reason } = wanted;
  const endsAt = now + BREAK_GLASS_MS;
  const access = await insertBreakGlass(tx, keyring, {
    ...{ staffId, patientId, reason },
    beganAt: now,
    endsAt,
  });
  await appendAudit(tx, [
    {
      at: now,
      event: GLASS_BROKEN,
      actor: auditNameOfStaff(staffId),
      subject: patientId,
      object: nameOf(access),
      action: "execute",
      outcome: "done",
      // What was typed stands sealed in the row: an audit entry holds no text.
      purpose: "break-glass",
      detail: { until: endsAt },
    },
  ]);
  tx.afterCommit(() => {
    onChanged(staffId);
    onBreakGlass(access.id);
  });
  return access;
}

async function close(
  tx: Transaction,
  input: { readonly given: GivenVerdict; readonly reviewer: Staff; readonly route: string },
  { keyring, clock }: AccessPorts,
): Promise<CloseReviewOutcome> {
  const { given, reviewer, route } = input;
  const note = given.note.trim();
  if (note.length < REASON_LENGTH.min) return { kind: "note-short" };
  const access = await lockBreakGlass(tx, keyring, given.id);
  if (access === undefined) return { kind: "unknown" };
  const { patientId } = access;
  const at = clock.now();
  const actor = auditNameOfStaff(reviewer.id);
  if (access.staffId === reviewer.id) {
    const why = "own-review";
    await appendAudit(tx, [refusalEntry({ at, actor, patientId, route, why })]);
    return { kind: "own-review" };
  }
  if (access.review !== null) return { kind: "closed-already" };
  const review = { at, by: reviewer.id, verdict: given.verdict, note };
  await closeReviewRow(tx, keyring, { access, review });
  await appendAudit(tx, [
    {
      at,
      event: REVIEWED,
      actor,
      subject: patientId,
      object: nameOf(access),
      action: "update",
      outcome: "done",
      detail: { verdict: given.verdict },
    },
  ]);
  return { kind: "closed" };
}

async function list(ports: AccessPorts) {
  const { database, keyring } = ports;
  const { rows, altered } = await listBreakGlass(database, keyring, MAX_REVIEWS);
  const staff = new Map((await listStaff(database, keyring)).map((one) => [one.id, one]));
  const ids = [...new Set(rows.map(({ patientId }) => patientId))];
  const patients = new Map(
    (await findPatients(database, keyring, ids)).map((patient) => [patient.id, patient]),
  );
  const reviews: ReviewView[] = [];
  for (const access of rows) {
    const person = staff.get(access.staffId);
    const patient = patients.get(access.patientId);
    if (person === undefined || patient === undefined) continue;
    reviews.push({
      access,
      staff: person,
      reviewer: access.review === null ? undefined : staff.get(access.review.by),
      mrn: patient.demographics.mrn,
      reason: (await openBreakGlassText(database, keyring, { access, column: "reason" })) ?? "",
      note: await openBreakGlassText(database, keyring, { access, column: "note" }),
    });
  }
  // One whose person or patient was altered says nothing either; that it is there is not kept back.
  return { reviews, altered: altered + rows.length - reviews.length };
}

function nameOf(access: BreakGlass): string {
  return `break-glass:${String(access.id)}`;
}
