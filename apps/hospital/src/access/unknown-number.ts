import type { FastifyRequest } from "fastify";
import { routeOf } from "../http/index.ts";
import { signedInOf } from "../staff/index.ts";
import type { AccessDesk } from "./access-desk.ts";
import { actorOf } from "./guard.ts";

/**
 * Notes that somebody who is signed in named a patient by a record number that nobody has, before it is answered: trying
 * numbers out leaves a trace. The number itself is typed text and is not kept.
 */
export function noteUnknownNumber(
  request: FastifyRequest,
  access: Pick<AccessDesk, "noteRefused">,
): Promise<void> {
  return access.noteRefused({
    actor: actorOf(signedInOf(request)),
    route: routeOf(request),
    why: "patient-unknown",
  });
}
