import { parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import type { Ed25519Verifier } from "./ed25519.ts";
import type { SignedNote } from "./note.ts";
import { isQuorum, type Policy, type PolicyWitness } from "./policy.ts";
import { TlogError } from "./tlog-error.ts";
import { keyHandle } from "./verifier-key.ts";
import { verifyNote, type VerifiedSignature } from "./verify-note.ts";

/** A checkpoint that its log signed and enough witnesses cosigned. */
export interface VerifiedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** The policy's witnesses that cosigned, and when, in seconds since 1970. */
  readonly cosignatures: readonly {
    readonly witness: PolicyWitness;
    readonly timestampS: number;
  }[];
}

/**
 * Verifies a checkpoint's note under a policy: signed by a log of the policy whose name is the origin, and cosigned by
 * a quorum. How old the cosignatures may be is for the caller.
 *
 * @throws {TlogError} `CHECKPOINT_MALFORMED`; `LOG_UNKNOWN` when the policy has no such log; `NOTE_UNAUTHENTIC` for a
 *   bad signature of a key in the policy; `NOTE_UNSIGNED` without the log's signature; `QUORUM_MISSED`.
 * @see tlog-policy; tlog-proof, "Verifying a tlog proof"
 */
export async function verifyCheckpoint(
  note: SignedNote,
  policy: Policy,
  ed25519: Ed25519Verifier,
): Promise<VerifiedCheckpoint> {
  const checkpoint = parseCheckpoint(note.text);
  const logs = policy.logs.filter(({ key }) => key.name === checkpoint.origin);
  if (logs.length === 0)
    throw new TlogError("LOG_UNKNOWN", "The policy has no log of this origin.");
  const keys = [...logs, ...policy.witnesses].map(({ key }) => key);
  const verified = new Map(
    (await verifyNote(note, keys, ed25519)).map((found) => [keyHandle(found.key), found]),
  );
  if (!logs.some(({ key }) => verified.has(keyHandle(key)))) {
    throw new TlogError("NOTE_UNSIGNED", "The log has not signed this checkpoint.");
  }
  const cosignatures = policy.witnesses.flatMap((witness) => cosignatureOf(witness, verified));
  if (!isQuorum(policy, new Set(cosignatures.map(({ witness }) => witness.name)))) {
    throw new TlogError("QUORUM_MISSED", "Not enough witnesses have cosigned this checkpoint.");
  }
  return { checkpoint, cosignatures };
}

function cosignatureOf(
  witness: PolicyWitness,
  verified: ReadonlyMap<string, VerifiedSignature>,
): VerifiedCheckpoint["cosignatures"] {
  const timestampS = verified.get(keyHandle(witness.key))?.timestampS;
  return timestampS === undefined ? [] : [{ witness, timestampS }];
}
