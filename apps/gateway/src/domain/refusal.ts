import type { ProblemName } from "@siphms/relay";

/** Why a request is refused, in the words of the contract. */
export interface Refusal {
  readonly kind: "refused";
  readonly problem: ProblemName;
  /** Seconds after which it makes sense to try again, where the problem is one that passes. */
  readonly retryAfterSeconds?: number;
}

/** A refusal; `retryAfterSeconds` belongs to `slow-down`, `hospital-away` and `queue-full`. */
export function refuse(problem: ProblemName, retryAfterSeconds?: number): Refusal {
  return {
    kind: "refused",
    problem,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
}
