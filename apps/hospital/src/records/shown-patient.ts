import type { Clock } from "@siphms/server-kit";
import type { FastifyRequest } from "fastify";
import type { Database } from "../database/index.ts";
import { ProblemError } from "../http/index.ts";
import type { Keyring } from "../keys/index.ts";
import { findPatient, type Patient } from "../patients/index.ts";
import { signedInOf } from "../staff/index.ts";
import { noteDisclosure, type Disclosure } from "./disclosure.ts";

/** What showing needs. */
export interface ShowPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
}

/** A route of one patient. */
export interface ByPatient {
  readonly Params: { readonly patient: string };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Shows something of the patient that a request names.
 *
 * It is noted who looks while it is read, and it leaves only when that is noted: the disk needs as long for the one as the
 * processor for the other. An id that is none looks like one that is nobody's.
 *
 * @throws {ProblemError} `not-found`, and what `read` throws.
 */
export async function showPatient<Shown>(
  request: FastifyRequest<ByPatient>,
  show: {
    readonly what: Disclosure["what"];
    readonly read: (patient: Patient) => Promise<Shown>;
  },
  ports: ShowPorts,
): Promise<Shown> {
  const id = request.params.patient;
  const patient = UUID.test(id) ? await findPatient(ports.database, ports.keyring, id) : undefined;
  if (patient === undefined) throw new ProblemError("not-found");
  const noted = noteShown(request, { what: show.what, patientId: patient.id }, ports);
  const [shown] = await Promise.all([show.read(patient), noted]);
  return shown;
}

/** Notes that a signed-in member of staff is shown something. */
export async function noteShown(
  request: FastifyRequest,
  shown: Pick<Disclosure, "patientId" | "what">,
  { database, clock }: ShowPorts,
): Promise<void> {
  const { staff } = signedInOf(request);
  await noteDisclosure(database, {
    ...shown,
    at: clock.now(),
    actor: `staff:${String(staff.id)}`,
  });
}
