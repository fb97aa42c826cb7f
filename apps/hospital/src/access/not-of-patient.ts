import type { ProblemName } from "@siphms/api";
import type { FastifyRequest } from "fastify";
import { ProblemError, routeOf } from "../http/index.ts";
import { signedInOf } from "../staff/index.ts";
import type { AccessDesk } from "./access-desk.ts";
import { actorOf, grantOf } from "./guard.ts";

/**
 * Notes that somebody named something that is not there, or not of the patient whom the address names, before that is answered:
 * ids that are tried out leave a trace. The id itself is typed text and is not kept.
 *
 * @returns what to throw; the same for somebody else's as for none (SR-23).
 */
export async function notOfPatient(
  request: FastifyRequest,
  { access }: { readonly access: Pick<AccessDesk, "noteRefused"> },
  answer: { readonly problem?: ProblemName; readonly detail?: string } = {},
): Promise<ProblemError> {
  await access.noteRefused({
    actor: actorOf(signedInOf(request)),
    patientId: grantOf(request).patientId,
    route: routeOf(request),
    why: "not-of-patient",
  });
  return new ProblemError(answer.problem ?? "not-found", answer.detail);
}
