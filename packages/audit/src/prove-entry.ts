import {
  encodeLogProof,
  hashLeaf,
  parseLogProof,
  parseNote,
  proveInclusion,
  TILE_WIDTH,
  tileWidth,
  verifyCheckpoint,
  verifyLogProof,
  type Bytes,
  type SignedNote,
  type VerifiedCheckpoint,
} from "@siphms/tlog";
import { AuditError } from "./audit-error.ts";
import { parseRecord, type AuditRecord } from "./entry.ts";
import { sizeIn, type Trust } from "./heads.ts";
import { entriesOf, LOG_PATHS, readBundle, tilesOf, type LogSource } from "./log-source.ts";

/** An entry that was proven to be logged. */
export interface ProvenEntry {
  readonly index: number;
  readonly record: AuditRecord;
  readonly entry: Bytes;
  readonly checkpoint: VerifiedCheckpoint["checkpoint"];
  /** Empty where the policy asks for no witness and none cosigned. */
  readonly cosignatures: VerifiedCheckpoint["cosignatures"];
}

/**
 * Makes a proof that one entry is logged, which needs no server to check: a tlog-proof with the entry as its extra data.
 *
 * Stands on the newest checkpoint that witnesses cosigned, where the entry is older than that; else on the newest.
 *
 * @throws {AuditError} `AUDIT_LOG_UNREADABLE` when the source has no such entry or its tiles do not prove it.
 * @throws {TlogError} As `verifyCheckpoint` and `parseNote` throw for the checkpoint.
 */
export async function proveEntry(source: LogSource, index: number, trust: Trust): Promise<Bytes> {
  const { note, size, storedSize } = await headOver(source, index, trust);
  const bundleIndex = Math.floor(index / TILE_WIDTH);
  const width = tileWidth({ level: 0, index: bundleIndex }, storedSize);
  const bundle = await readBundle(source, { index: bundleIndex, width });
  const entry = entriesOf(bundle ?? new Uint8Array(), width)[index % TILE_WIDTH];
  if (entry === undefined || entry.length === 0) throw unreadable("the entry is missing");
  const hashes = await proveInclusion({ index, treeSize: size }, tilesOf(source, storedSize));
  const bytes = encodeLogProof({ extra: entry, index, hashes, note });
  // Tiles that were altered give a proof of nothing: better said now than where the proof is needed.
  await checkEntryProof(bytes, trust);
  return bytes;
}

/**
 * Checks a proof of {@link proveEntry}: the checkpoint under the policy, the entry in its tree.
 *
 * @throws {AuditError} `AUDIT_ENTRY_MALFORMED` when the proof carries no entry.
 * @throws {TlogError} As `parseLogProof` and `verifyLogProof` throw.
 */
export async function checkEntryProof(bytes: Uint8Array, trust: Trust): Promise<ProvenEntry> {
  const proof = parseLogProof(bytes);
  const { extra: entry, index } = proof;
  if (entry === undefined) {
    throw new AuditError("AUDIT_ENTRY_MALFORMED", "The proof carries no entry.");
  }
  const leafHash = hashLeaf(entry);
  const verified = await verifyLogProof({ proof, leafHash }, trust.policy, trust.ed25519);
  return { index, entry, record: parseRecord(entry), ...verified };
}

/** The checkpoint that a proof stands on, and of which size the tree is whose files the source has. */
interface ProofHead {
  readonly note: SignedNote;
  readonly size: number;
  readonly storedSize: number;
}

async function headOver(source: LogSource, index: number, trust: Trust): Promise<ProofHead> {
  const witnessed = await source.read(LOG_PATHS.witnessed);
  const newest = await source.read(LOG_PATHS.checkpoint);
  for (const bytes of [witnessed, newest]) {
    if (bytes === undefined) continue;
    const note = parseNote(bytes);
    const { checkpoint } = await verifyCheckpoint(note, trust.policy, trust.ed25519);
    const { size } = checkpoint;
    if (index < size) return { note, size, storedSize: Math.max(size, sizeIn(newest) ?? 0) };
  }
  throw unreadable("no checkpoint covers the entry");
}

function unreadable(what: string): AuditError {
  return new AuditError("AUDIT_LOG_UNREADABLE", `The log cannot be read: ${what}.`);
}
