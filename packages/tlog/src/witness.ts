import { isSameBytes } from "./bytes.ts";
import type { Ed25519Verifier } from "./ed25519.ts";
import { emptyRoot } from "./hash.ts";
import { TlogError } from "./tlog-error.ts";
import type { VerifierKey } from "./verifier-key.ts";
import { verifyConsistency, type TreeHead } from "./verify-proof.ts";
import { verifyNote } from "./verify-note.ts";
import type { ParsedAddCheckpoint } from "./witness-request.ts";

/** A log that a witness looks after. */
export interface WitnessedLog {
  readonly origin: string;
  /** The keys that may sign this log's checkpoints. */
  readonly keys: readonly VerifierKey[];
}

/** Known to this file alone, so that nothing else makes an {@link AuthenticCheckpoint}. */
const AUTHENTIC: unique symbol = Symbol("authentic");

/** A request whose checkpoint is signed by the log that it names. Made by {@link authenticateCheckpoint} alone. */
export interface AuthenticCheckpoint extends ParsedAddCheckpoint {
  readonly kind: "authentic";
  readonly [AUTHENTIC]: true;
}

/** What a witness finds about who signed. */
export type Authentication =
  AuthenticCheckpoint | { readonly kind: "unknown-log" } | { readonly kind: "forbidden" };

/** What a witness decides about an authentic checkpoint. */
export type WitnessDecision =
  | {
      /** Store `latest`, then cosign. */
      readonly kind: "accepted";
      readonly latest: TreeHead;
    }
  | { readonly kind: "bad-request" }
  | {
      /** The asker believed another size; this is the one that was cosigned last. */
      readonly kind: "conflict";
      readonly size: number;
    }
  | {
      /**
       * Not the continuation of the tree that was cosigned last. With `fork` the log itself signed another
       * root for the size that the witness holds: together with that checkpoint it proves that the log
       * shows two histories.
       */
      readonly kind: "unprocessable";
      readonly reason: "fork" | "proof";
    };

/** Everything that a witness may find, as its status tells it. */
export type WitnessOutcome = Exclude<Authentication["kind"], "authentic"> | WitnessDecision["kind"];

/**
 * The HTTP status for each outcome. A request that {@link parseAddCheckpoint} refuses is a `bad-request` too.
 *
 * @see tlog-witness, "add-checkpoint"
 */
export const WITNESS_STATUS: Readonly<Record<WitnessOutcome, number>> = {
  accepted: 200,
  "bad-request": 400,
  forbidden: 403,
  "unknown-log": 404,
  conflict: 409,
  unprocessable: 422,
};

/**
 * First step of a witness: does it know the log, and did the log sign?
 *
 * Needs no state, so that the second step alone stands in a transaction.
 */
export async function authenticateCheckpoint(
  request: ParsedAddCheckpoint,
  logs: readonly WitnessedLog[],
  ed25519: Ed25519Verifier,
): Promise<Authentication> {
  const log = logs.find(({ origin }) => origin === request.checkpoint.origin);
  if (log === undefined) return { kind: "unknown-log" };
  try {
    await verifyNote(request.note, log.keys, ed25519);
  } catch (error) {
    if (isRefusal(error, "NOTE_UNAUTHENTIC", "NOTE_UNSIGNED")) return { kind: "forbidden" };
    throw error;
  }
  return { ...request, kind: "authentic", [AUTHENTIC]: true };
}

/**
 * Second step of a witness: does this checkpoint continue the one that it cosigned last?
 *
 * Changes nothing. Reading `latest`, this step and storing the accepted head are one atomic act: else of two requests
 * at a time the smaller could overwrite the larger. Cosign and answer after it is stored.
 *
 * @param latest - What this witness cosigned last for this origin; `undefined` for nothing yet.
 * @see tlog-witness, "add-checkpoint"
 */
export function considerCheckpoint(
  request: AuthenticCheckpoint,
  latest: TreeHead | undefined,
): WitnessDecision {
  const { oldSize, proof, checkpoint } = request;
  const older = latest ?? { size: 0, root: emptyRoot() };
  const newer = { size: checkpoint.size, root: checkpoint.root };
  if (oldSize > newer.size) return { kind: "bad-request" };
  if (oldSize !== older.size) return { kind: "conflict", size: older.size };
  if (newer.size > 0 && newer.size === older.size && !isSameBytes(newer.root, older.root)) {
    return { kind: "unprocessable", reason: "fork" };
  }
  try {
    verifyConsistency({ older, newer, proof });
  } catch (error) {
    if (!isRefusal(error, "MERKLE_PROOF_INVALID")) throw error;
    return { kind: "unprocessable", reason: "proof" };
  }
  return { kind: "accepted", latest: newer };
}

function isRefusal(error: unknown, ...codes: readonly TlogError["code"][]): boolean {
  return error instanceof TlogError && codes.includes(error.code);
}
