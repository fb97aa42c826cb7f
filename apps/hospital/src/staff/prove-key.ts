import { keyLogInText, type KeyProof } from "@siphms/api";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Clock } from "@siphms/server-kit";
import type { Transaction } from "../database/index.ts";
import type { Keyring } from "../keys/index.ts";
import { bytesOf } from "./bytes-of.ts";
import {
  createChallenge,
  isChallengeFor,
  spendChallenge,
  type ChallengeUse,
} from "./challenges.ts";
import { findKey, isSignedBy } from "./key-rows.ts";
import type { Proved, Refusal } from "./prove-passkey.ts";
import { canUseKey } from "./sessions.ts";
import { findStaffByName } from "./staff-rows.ts";

const MACHINE: ChallengeUse = { purpose: "key-log-in", staffId: null, bound: null };

interface KeyPorts {
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
  /** Without it no machine can log in. */
  readonly hospitalId?: string | undefined;
}

/** What a machine is asked to sign. */
export function requestKeyProof({ keyring, crypto, clock }: KeyPorts & { readonly clock: Clock }): {
  readonly challenge: string;
} {
  return { challenge: createChallenge(MACHINE, { keyring, crypto, now: clock.now() }) };
}

/**
 * Finds out whether an integration account signed a challenge of ours, for this hospital and for logging in, and uses it up.
 *
 * The signature is verified before the challenge is spent, so that nobody else can spend it.
 *
 * @throws {KeyError} `ROW_ALTERED`
 */
export async function proveKey(
  tx: Transaction,
  proof: KeyProof,
  { keyring, crypto, hospitalId, now }: KeyPorts & { readonly now: number },
): Promise<Proved> {
  const { name, challenge } = proof;
  const staff = await findStaffByName(tx, keyring, name);
  const refused = (reason: Refusal): Proved => ({ kind: "refused", reason, staffId: staff?.id });
  if (staff === undefined) return refused("unknown");
  const key = canUseKey(staff) ? await findKey(tx, keyring, staff.id) : undefined;
  if (key === undefined) return refused(staff.state === "disabled" ? "disabled" : "key-unknown");
  if (hospitalId === undefined || !isChallengeFor(challenge, MACHINE, { keyring, now })) {
    return refused("challenge");
  }
  const text = keyLogInText({ hospital: hospitalId, name, challenge });
  const signature = bytesOf(proof.signature);
  const data = new TextEncoder().encode(text);
  if (signature === undefined || !(await isSignedBy(key, { signature, data }, crypto))) {
    return refused("proof");
  }
  if (!(await spendChallenge(tx, keyring, challenge))) return refused("challenge-used");
  return { kind: "proved", staff, recovered: false };
}
