import { toBase64 } from "./base64.ts";
import { joinBytes, type Bytes } from "./bytes.ts";
import { parseCheckpoint, type Checkpoint } from "./checkpoint.ts";
import { HASH_BYTES } from "./hash.ts";
import { encodeNote, MAX_NOTE_BYTES, parseNote, type SignedNote } from "./note.ts";
import { fromUtf8, parseDecimal, parseHash, splitAtEmptyLine, toUtf8 } from "./text.ts";
import { checkTreeSize } from "./tile.ts";
import { TlogError } from "./tlog-error.ts";

/** The most hashes in a proof that goes over the wire: no tree needs more. */
export const MAX_PROOF_HASHES = 63;

/** The longest request that is read. */
export const MAX_ADD_CHECKPOINT_BYTES: number = MAX_NOTE_BYTES + 4_096;

/** What a log asks of a witness: to go on from the tree that it has cosigned to this one. */
export interface AddCheckpointRequest {
  /** The size that the witness cosigned last, as far as the asker knows; 0 for none. */
  readonly oldSize: number;
  /** The consistency proof from the old size to the checkpoint's. */
  readonly proof: readonly Bytes[];
  readonly note: SignedNote;
}

/** A request as it was read: its checkpoint is well formed, and nothing else of it is known. */
export interface ParsedAddCheckpoint extends AddCheckpointRequest {
  readonly checkpoint: Checkpoint;
}

/**
 * Writes the body of `add-checkpoint`.
 *
 * @throws {RangeError} When the old size is out of bounds, the proof too long, a hash none, or the note cannot be written.
 * @see tlog-witness, "add-checkpoint"
 */
export function encodeAddCheckpoint({ oldSize, proof, note }: AddCheckpointRequest): Bytes {
  checkTreeSize(oldSize, "oldSize");
  return joinBytes([toUtf8(`old ${oldSize}\n${encodeProofLines(proof)}\n`), encodeNote(note)]);
}

/**
 * Reads the body of `add-checkpoint`.
 *
 * @throws {TlogError} `WITNESS_REQUEST_MALFORMED`, or `NOTE_MALFORMED`, `NOTE_LIMIT` or `CHECKPOINT_MALFORMED` for
 *   its checkpoint; a witness answers each of them with status 400.
 * @see tlog-witness, "add-checkpoint"
 */
export function parseAddCheckpoint(bytes: Uint8Array): ParsedAddCheckpoint {
  if (bytes.length > MAX_ADD_CHECKPOINT_BYTES) throw malformed("too long");
  const text = fromUtf8(bytes);
  if (text === undefined) throw malformed("no UTF-8");
  const parts = splitAtEmptyLine(text);
  if (parts === undefined) throw malformed("no empty line");
  const [first = "", ...proofLines] = parts.lines;
  const oldSize = first.startsWith("old ") ? parseDecimal(first.slice(4)) : undefined;
  if (oldSize === undefined) throw malformed("its old size");
  const proof = parseProofLines(proofLines);
  if (proof === undefined) throw malformed("its proof");
  const note = parseNote(toUtf8(parts.rest));
  return { oldSize, proof, note, checkpoint: parseCheckpoint(note.text) };
}

/** Reads a proof, a hash on each line; `undefined` when a line is none, or there are too many. */
export function parseProofLines(lines: readonly string[]): readonly Bytes[] | undefined {
  if (lines.length > MAX_PROOF_HASHES) return undefined;
  const hashes = lines.flatMap((line) => parseHash(line) ?? []);
  return hashes.length === lines.length ? hashes : undefined;
}

/** Writes a proof, a hash on each line, each line ended by a newline. */
export function encodeProofLines(proof: readonly Bytes[]): string {
  if (proof.length > MAX_PROOF_HASHES || proof.some((hash) => hash.length !== HASH_BYTES)) {
    throw new RangeError("proof is at most 63 hashes of 32 bytes.");
  }
  return proof.map((hash) => `${toBase64(hash)}\n`).join("");
}

function malformed(what: string): TlogError {
  return new TlogError("WITNESS_REQUEST_MALFORMED", `A request to cosign is refused: ${what}.`);
}
