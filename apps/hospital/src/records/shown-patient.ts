import type { Clock } from "@siphms/server-kit";
import type { FastifyRequest } from "fastify";
import {
  actorOf,
  CARE_ROLES,
  grantOf,
  repeatingSession,
  type AccessDesk,
  type Disclosure,
} from "../access/index.ts";
import type { Database } from "../database/index.ts";
import { ProblemError, type Rule } from "../http/index.ts";
import type { Keyring } from "../keys/index.ts";
import { findPatient, type Patient } from "../patients/index.ts";
import { signedInOf } from "../staff/index.ts";

/** What showing needs. */
export interface ShowPorts {
  readonly access: AccessDesk;
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

/** A route of one patient. */
export interface ByPatient {
  readonly Params: { readonly patient: string };
}

/** The rule of every route that shows something of the patient whom its address names. */
export const SHOWS_PATIENT: Rule = { roles: CARE_ROLES, relation: "patient", stepUp: false };

/**
 * Shows something of the patient whom a request names, and whom its guard has found open to the person.
 *
 * It is noted who looks, and why, while it is read, and it leaves only when that is noted: the disk needs as long for the
 * one as the processor for the other.
 *
 * @param show.isPolled - A screen that stays open asks for it again and again: by itself, it is one look for a while.
 * @throws {ProblemError} `not-found`, and what `read` throws.
 */
export async function showPatient<Shown>(
  request: FastifyRequest<ByPatient>,
  show: {
    readonly what: Disclosure["what"];
    readonly read: (patient: Patient) => Promise<Shown>;
    readonly isPolled?: boolean;
  },
  { access, database, keyring }: ShowPorts,
): Promise<Shown> {
  const { patientId, purpose } = grantOf(request);
  const patient = await findPatient(database, keyring, patientId);
  if (patient === undefined) throw new ProblemError("not-found");
  const noted = access.noteShown({
    actor: actorOf(signedInOf(request)),
    what: show.what,
    records: [{ patientId, purpose }],
    session: show.isPolled === true ? repeatingSession(request) : undefined,
  });
  const [shown] = await Promise.all([show.read(patient), noted]);
  return shown;
}
