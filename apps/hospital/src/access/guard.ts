import type { Clock } from "@siphms/server-kit";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ProblemName } from "@siphms/api";
import { auditNameOfStaff } from "../audit/index.ts";
import { policyOf, ProblemError, routeOf, type Policy } from "../http/index.ts";
import { signedInOf, type SignedIn } from "../staff/index.ts";
import type { AccessDesk } from "./access-desk.ts";
import type { Grant } from "./grants.ts";
import type { Refusal } from "./refusals.ts";

/** A proof of who somebody is counts as fresh for so long (SR-20). */
export const STEP_UP_LIMIT_MS = 5 * 60_000;

declare module "fastify" {
  interface FastifyRequest {
    /** What opens the patient whom the address names. Read it with {@link grantOf}. */
    grant: Grant | null;
  }
}

interface GuardPorts {
  readonly access: AccessDesk;
  readonly clock: Clock;
}

type Verdict =
  | { readonly kind: "admitted"; readonly grant: Grant | null }
  | { readonly kind: "refused"; readonly problem: ProblemName; readonly why: Refusal["why"] };

const ADMITTED: Verdict = { kind: "admitted", grant: null };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Lets through what a route's rule allows the person who is signed in: role, fresh proof, relation to the patient.
 *
 * To be added after the guard that finds out who is signed in, and before the routes. What is refused is noted first.
 */
export function addAccessGuard(server: FastifyInstance, ports: GuardPorts): void {
  server.decorateRequest("grant", null);
  server.addHook("onRequest", async (request) => {
    const policy = policyOf(request);
    if (policy === undefined || policy === "public") return;
    const signedIn = signedInOf(request);
    const patientId = patientIdOf(request);
    const verdict = await judge({ policy, signedIn, patientId }, ports);
    if (verdict.kind === "refused") {
      await ports.access.noteRefused({
        actor: actorOf(signedIn),
        patientId,
        route: routeOf(request),
        why: verdict.why,
      });
      throw new ProblemError(verdict.problem);
    }
    request.grant = verdict.grant;
    request.isAdmitted = true;
  });
}

/** What opens the patient whom the address names. @throws {TypeError} on a route whose rule names none. */
export function grantOf(request: FastifyRequest): Grant {
  if (request.grant === null) throw new TypeError("this route's rule names no patient");
  return request.grant;
}

/** How the audit log names the person who made a request. */
export function actorOf({ staff }: SignedIn): string {
  return auditNameOfStaff(staff.id);
}

interface Asked {
  readonly policy: Exclude<Policy, "public">;
  readonly signedIn: SignedIn;
  readonly patientId: string | undefined;
}

/** The relation comes last: whoever may not call a route at all learns nothing of a patient from its answer (SR-23). */
async function judge(asked: Asked, { access, clock }: GuardPorts): Promise<Verdict> {
  const { policy, signedIn, patientId } = asked;
  if (policy === "operator") return refused("not-allowed", "policy");
  if (policy === "signed-in") return ADMITTED;
  if (!policy.roles.includes(signedIn.staff.role)) return refused("not-allowed", "role");
  if (policy.stepUp && clock.now() >= signedIn.provedAt + STEP_UP_LIMIT_MS) {
    return refused("step-up-required", "step-up");
  }
  if (policy.relation !== "patient") return ADMITTED;
  const isFree = policy.regardless?.includes(signedIn.staff.role) === true;
  const ask = (id: string) =>
    isFree ? access.grantRegardless(id) : access.grantFor(signedIn.staff.id, id);
  const grant = patientId === undefined ? undefined : await ask(patientId);
  // One answer for a patient of somebody else's and for none: an id that is none looks like one that is nobody's.
  return grant === undefined ? refused("not-found", "relation") : { kind: "admitted", grant };
}

function refused(problem: ProblemName, why: Refusal["why"]): Verdict {
  return { kind: "refused", problem, why };
}

function patientIdOf({ params }: FastifyRequest): string | undefined {
  if (typeof params !== "object" || params === null || !("patient" in params)) return undefined;
  const { patient } = params;
  return typeof patient === "string" && UUID.test(patient) ? patient : undefined;
}
