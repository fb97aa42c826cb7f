import type { ProblemName } from "@siphms/relay";

/**
 * Why something was refused, for the metrics: finer than what the client is told, and a closed set of words.
 *
 * Where no finer reason is given, it is the problem.
 */
export type RefusalReason =
  | ProblemName
  /** An address asked for more handshakes, or showed more bad passes, than it may. */
  | "address-rate"
  /** A session sent or asked more than its pass allows. */
  | "session-rate"
  /** A session has too many bodies on their way. */
  | "session-uploads"
  /** An address has its share of the places for handshakes with one hospital. */
  | "handshake-places"
  /** A message of the same handshake is under way. */
  | "handshake-busy"
  /** A hospital that is connected has more envelopes to answer than it can at once. */
  | "hospital-backlog"
  /** The hospital itself asked to slow down. */
  | "hospital-busy"
  /** An address has its share of the places for checks of unknown passes. */
  | "check-places"
  /** A pass that was refused without looking at its signature. */
  | "pass-malformed"
  /** A pass, or an uplink token, whose signature or claims do not hold. */
  | "pass-forged"
  /** An address has its share of the places for requests that wait; this one was answered without a wait. */
  | "wait-places"
  /** More connections than the gateway takes; the address with the most of them lost one. */
  | "connection-places"
  /** A witness does not cosign what was sent. */
  | "checkpoint"
  /** Headers or body did not come in time. */
  | "slow-request"
  /** An answer was not taken in time. */
  | "slow-reader"
  /** Headers were too long. */
  | "long-headers"
  /** What came was no HTTP. */
  | "not-http";

/** Why a request is refused, in the words of the contract. */
export interface Refusal {
  readonly kind: "refused";
  readonly problem: ProblemName;
  readonly reason: RefusalReason;
  /** Seconds after which it makes sense to try again, where the problem is one that passes. */
  readonly retryAfterSeconds?: number;
}

/** What a refusal says besides its problem. */
export interface RefusalDetails {
  readonly reason?: RefusalReason;
  /** Belongs to `slow-down`, `hospital-away` and `queue-full`. */
  readonly retryAfterSeconds?: number | undefined;
}

/** A refusal. */
export function refuse(
  problem: ProblemName,
  { reason = problem, retryAfterSeconds }: RefusalDetails = {},
): Refusal {
  return {
    kind: "refused",
    problem,
    reason,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
}
