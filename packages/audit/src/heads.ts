import {
  NO_QUORUM,
  parseCheckpoint,
  parseNote,
  TlogError,
  verifyCheckpoint,
  type Bytes,
  type Ed25519Verifier,
  type Policy,
  type SignedNote,
  type VerifiedCheckpoint,
} from "@siphms/tlog";
import type { Head, HeadName, LogFinding, LogReport } from "./log-report.ts";
import { LOG_PATHS, type LogSource } from "./log-source.ts";
import { isRetired, lastCheckpointPath, retiredOrigins } from "./origins.ts";

/** Whom to believe, and how to check signatures. */
export interface Trust {
  readonly policy: Policy;
  readonly ed25519: Ed25519Verifier;
}

/** The checkpoints that entries are compared with, and what is wrong with those that are not to be believed. */
export interface Heads {
  /** What the newest checkpoint says its size is, though nobody believes it: by that the source's files are named. */
  readonly storedSize: number | undefined;
  readonly newest: Head | undefined;
  readonly others: readonly Head[];
  readonly witnessed: LogReport["witnessed"];
  readonly findings: readonly LogFinding[];
}

/**
 * Reads and verifies a log's newest checkpoint, its newest one that the policy's witnesses cosigned, and the last one of each
 * key that it had before: a witness knows the tree by its origin, so that a new key alone could begin another history.
 *
 * The cosigned one is read first: of a log that grows meanwhile the newest is then never the smaller.
 *
 * @param known - Checkpoints from elsewhere; the log's own signature is enough for them.
 */
export async function readHeads(
  source: LogSource,
  known: readonly SignedNote[],
  trust: Trust,
): Promise<Heads> {
  const findings: LogFinding[] = [];
  const refuse = (head: HeadName, code: CheckpointCode): void =>
    void findings.push({ kind: "checkpoint", head, code });
  const cosignedNote = await source.read(LOG_PATHS.witnessed);
  const newestNote = await source.read(LOG_PATHS.checkpoint);
  const alone = { ...trust, policy: { ...trust.policy, quorum: NO_QUORUM } };
  const newest = await headOf("newest", newestNote, alone);
  const fault = faultOf(newest, trust.policy);
  if (fault !== undefined) refuse("newest", fault);
  const witnessed = await witnessedHead(cosignedNote ?? newestNote, trust);
  if (witnessed !== undefined && "code" in witnessed) refuse("witnessed", witnessed.code);
  const others: Head[] = [];
  const take = (head: Head | { readonly code: CheckpointCode }, name: HeadName): void => {
    if ("code" in head) refuse(name, head.code);
    else others.push(head);
  };
  const older = "code" in newest ? [] : retiredOrigins(newest.checkpoint.origin, trust.policy);
  for (const origin of older) take(await readLastOf(origin, source, alone), "retired");
  for (const note of known) take(await headOf("known", note, alone), "known");
  const isHead = witnessed !== undefined && !("code" in witnessed);
  return {
    storedSize: sizeIn(newestNote),
    newest: "code" in newest ? undefined : newest,
    others: isHead ? [witnessed, ...others] : others,
    witnessed: isHead ? summaryOf(witnessed) : undefined,
    findings,
  };
}

/** Verifies a checkpoint of the past by its log's signature alone; `undefined` where it is not to be believed. */
export async function readOlderHead(
  bytes: Bytes | undefined,
  trust: Trust,
): Promise<Head | undefined> {
  const alone = { ...trust, policy: { ...trust.policy, quorum: NO_QUORUM } };
  const head = await headOf("known", bytes, alone);
  return "code" in head ? undefined : head;
}

function faultOf(
  newest: Head | { readonly code: CheckpointCode },
  policy: Policy,
): CheckpointCode | undefined {
  if ("code" in newest) return newest.code;
  return isRetired(newest.checkpoint.origin, policy) ? "LOG_RETIRED" : undefined;
}

/** The last checkpoint that the key of this origin signed; that of another key is none of it. */
async function readLastOf(
  origin: string,
  source: LogSource,
  trust: Trust,
): Promise<Head | { readonly code: CheckpointCode }> {
  const head = await headOf("retired", await source.read(lastCheckpointPath(origin)), trust);
  const isOther = !("code" in head) && head.checkpoint.origin !== origin;
  return isOther ? { code: "LOG_UNKNOWN" } : head;
}

type CheckpointCode = Extract<LogFinding, { readonly kind: "checkpoint" }>["code"];

/** A head with what its witnesses said. */
interface CosignedHead extends Head {
  readonly cosignatures: VerifiedCheckpoint["cosignatures"];
}

/** `undefined` where the policy asks for no witness. */
async function witnessedHead(
  bytes: Bytes | undefined,
  trust: Trust,
): Promise<CosignedHead | { readonly code: CheckpointCode } | undefined> {
  return trust.policy.quorum === NO_QUORUM ? undefined : headOf("witnessed", bytes, trust);
}

async function headOf(
  name: HeadName,
  from: Bytes | SignedNote | undefined,
  { policy, ed25519 }: Trust,
): Promise<CosignedHead | { readonly code: CheckpointCode }> {
  if (from === undefined) return { code: "CHECKPOINT_MISSING" };
  try {
    const note = from instanceof Uint8Array ? parseNote(from) : from;
    return { name, note, ...(await verifyCheckpoint(note, policy, ed25519)) };
  } catch (error) {
    if (error instanceof TlogError) return { code: error.code };
    throw error;
  }
}

/** What a checkpoint says its size is, unverified; `undefined` for what is none. */
export function sizeIn(note: Bytes | undefined): number | undefined {
  try {
    return note === undefined ? undefined : parseCheckpoint(parseNote(note).text).size;
  } catch (error) {
    if (error instanceof TlogError) return undefined;
    throw error;
  }
}

function summaryOf({ checkpoint, cosignatures }: CosignedHead): LogReport["witnessed"] {
  return {
    size: checkpoint.size,
    at: Math.min(...cosignatures.map(({ timestampS }) => timestampS)) * 1_000,
    witnesses: cosignatures.map(({ witness }) => witness.name),
  };
}
