import type { VerifierKey } from "./verifier-key.ts";

/** A log whose checkpoints are taken. */
export interface PolicyLog {
  /** Its name is the log's origin. */
  readonly key: VerifierKey;
  readonly url: string | undefined;
}

/** A witness whose cosignature counts. */
export interface PolicyWitness {
  /** Of meaning within the policy alone. */
  readonly name: string;
  readonly key: VerifierKey;
  readonly url: string | undefined;
}

/** Witnesses and groups, of which so many must have cosigned for the group to count. */
export interface PolicyGroup {
  readonly name: string;
  readonly threshold: number;
  /** Names of witnesses and earlier groups. */
  readonly members: readonly string[];
}

/**
 * Whom one believes about a log.
 *
 * Names and addresses from a policy file are octets, one in each character: they are compared, not shown.
 */
export interface Policy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  /** Each refers to earlier ones only. */
  readonly groups: readonly PolicyGroup[];
  /** Name of the witness or group that must have cosigned, or {@link NO_QUORUM}. */
  readonly quorum: string;
}

/** The name of the quorum that asks for no cosignature. */
export const NO_QUORUM = "none";

/**
 * Whether these witnesses are as many as the policy asks for.
 *
 * @param cosigners - Names of witnesses in the policy whose cosignatures verified.
 * @see tlog-policy, "Defining the quorum"
 */
export function isQuorum(policy: Policy, cosigners: ReadonlySet<string>): boolean {
  if (policy.quorum === NO_QUORUM) return true;
  const names = policy.witnesses.map(({ name }) => name);
  const counted = new Set(names.filter((name) => cosigners.has(name)));
  for (const { name, threshold, members } of policy.groups) {
    if (members.filter((member) => counted.has(member)).length >= threshold) counted.add(name);
  }
  return counted.has(policy.quorum);
}
