import type { Role } from "@siphms/api";
import type { FastifyRequest } from "fastify";

/** How the person who calls a route stands to the patients whom it is about. */
export type Relation =
  /** It is about no patient. */
  | "none"
  /** It shows the one patient whom the address names: in the person's care, or opened in an emergency. */
  | "patient"
  /** It shows exactly the patients in the person's care; the route asks which these are. */
  | "own-patients"
  /**
   * It names a patient by record number. In the console for what is no look into the record: care relations, emergencies,
   * reviews. On the private socket the route compares it with the person's own patients.
   */
  | "named-patient";

/** Who may call a route: role, relation and how fresh the proof of who they are must be. */
export interface Rule {
  readonly roles: readonly Role[];
  readonly relation: Relation;
  /** With `patient`: roles among `roles` that may for every patient. They are shown nothing that is clinical. */
  readonly regardless?: readonly Role[];
  /** Both factors must have been proved in the last minutes (SR-20). */
  readonly stepUp: boolean;
}

/** Who may call a route. Each route names it in `config.policy`; a route without one stops the start (SR-22). */
export type Policy =
  /** Anybody who reaches the listener. */
  | "public"
  /** The operator, on the private socket. */
  | "operator"
  /** Any signed-in member of staff; about no patient. */
  | "signed-in"
  /** Signed-in staff to whom the rule applies. */
  | Rule;

/** One route as the server knows it. */
export interface RouteEntry {
  readonly method: string;
  /** The pattern, with `:patient` where the address names one. */
  readonly url: string;
  readonly policy: Policy;
}

declare module "fastify" {
  interface FastifyContextConfig {
    readonly policy?: Policy;
  }
  interface FastifyRequest {
    /** Whether a guard has let this request through. */
    isAdmitted: boolean;
  }
  interface FastifyInstance {
    /** Every route of this listener, in the order in which they were added. */
    readonly routeTable: readonly RouteEntry[];
  }
}

const NAMES_PATIENT = /\/:patient(\/|$)/;

/**
 * Makes sure that a route says who may call it, and that what it says fits its address.
 *
 * @throws {Error} naming the route: the server does not start (SR-22).
 */
export function requirePolicy(route: {
  readonly url: string;
  readonly policy: Policy | undefined;
}): Policy {
  const { url, policy } = route;
  if (policy === undefined) {
    throw new Error(`route ${url} has no policy: say in its config who may call it`);
  }
  const relation = typeof policy === "string" ? "none" : policy.relation;
  // Else an address could name a patient whom nobody compares with the person's own.
  if (NAMES_PATIENT.test(url) !== (relation === "patient")) {
    throw new Error(`route ${url}: an address names a patient exactly where its rule says so`);
  }
  if (typeof policy !== "string" && policy.roles.length === 0) {
    throw new Error(`route ${url}: its rule lets nobody in`);
  }
  if (typeof policy !== "string" && policy.regardless !== undefined && relation !== "patient") {
    throw new Error(`route ${url}: its rule leaves out a relation that it does not ask for`);
  }
  return policy;
}

/** The policy of the route that a request met; `undefined` where it met none. */
export function policyOf(request: FastifyRequest): Policy | undefined {
  return request.is404 ? undefined : request.routeOptions.config.policy;
}

/** How the audit log names a route: its method and pattern, nothing that somebody typed. */
export function routeOf(request: FastifyRequest): string {
  return `${request.method} ${request.routeOptions.url ?? ""}`;
}

/** Whether a guard has let a request through, or none is asked for: a listener that was joined without its guard serves nobody. */
export function isLetIn(request: FastifyRequest): boolean {
  const policy = policyOf(request);
  // The operator's listener is a private socket: whoever reaches it is the operator.
  if (policy === undefined || policy === "public" || policy === "operator") return true;
  return request.isAdmitted;
}
