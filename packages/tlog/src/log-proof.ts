import { fromBase64, toBase64 } from "./base64.ts";
import { joinBytes, type Bytes } from "./bytes.ts";
import type { Ed25519Verifier } from "./ed25519.ts";
import { encodeNote, MAX_NOTE_BYTES, parseNote, type SignedNote } from "./note.ts";
import type { Policy } from "./policy.ts";
import { fromUtf8, parseDecimal, splitAtEmptyLine, toUtf8 } from "./text.ts";
import { checkTreeSize } from "./tile.ts";
import { TlogError } from "./tlog-error.ts";
import { verifyCheckpoint, type VerifiedCheckpoint } from "./verify-checkpoint.ts";
import { verifyInclusion } from "./verify-proof.ts";
import { encodeProofLines, parseProofLines } from "./witness-request.ts";

/** The longest proof that is read: a note, and about 70 kB of extra data. */
export const MAX_LOG_PROOF_BYTES: number = MAX_NOTE_BYTES + 98_304;

const HEADING = "c2sp.org/tlog-proof@v1";

/** A proof that needs no server to verify: an entry's place in a log, and the log's cosigned checkpoint. */
export interface LogProof {
  /** Data of the application, signed by nobody; not empty when there. */
  readonly extra?: Bytes | undefined;
  readonly index: number;
  /** The inclusion proof, from the leaf's sibling upwards. */
  readonly hashes: readonly Bytes[];
  /** The checkpoint with all its signatures. */
  readonly note: SignedNote;
}

/**
 * Writes a proof as a `.tlog-proof` file has it.
 *
 * @throws {RangeError} When extra data are there and empty, the index is out of bounds, a hash is none, or there are
 *   more than 63, or the note cannot be written.
 * @see tlog-proof, "Format"
 */
export function encodeLogProof({ extra, index, hashes, note }: LogProof): Bytes {
  checkTreeSize(index, "index");
  if (extra?.length === 0) throw new RangeError("extra is absent or not empty.");
  const extraLine = extra === undefined ? "" : `extra ${toBase64(extra)}\n`;
  const head = `${HEADING}\n${extraLine}index ${index}\n${encodeProofLines(hashes)}\n`;
  return joinBytes([toUtf8(head), encodeNote(note)]);
}

/**
 * Reads a proof. Nothing of it is verified.
 *
 * @throws {TlogError} `LOG_PROOF_MALFORMED`, or `NOTE_MALFORMED` or `NOTE_LIMIT` for its checkpoint.
 * @see tlog-proof, "Format"
 */
export function parseLogProof(bytes: Uint8Array): LogProof {
  if (bytes.length > MAX_LOG_PROOF_BYTES) throw malformed("too long");
  const text = fromUtf8(bytes);
  if (text === undefined) throw malformed("no UTF-8");
  const parts = splitAtEmptyLine(text);
  if (parts === undefined) throw malformed("no empty line");
  const [heading, ...afterHeading] = parts.lines;
  if (heading !== HEADING) throw malformed("its first line");
  const extra = parseExtraLine(afterHeading[0]);
  const [indexLine = "", ...hashLines] = extra === undefined ? afterHeading : afterHeading.slice(1);
  const index = indexLine.startsWith("index ") ? parseDecimal(indexLine.slice(6)) : undefined;
  if (index === undefined) throw malformed("its index");
  const hashes = parseProofLines(hashLines);
  if (hashes === undefined) throw malformed("its hashes");
  return { extra, index, hashes, note: parseNote(toUtf8(parts.rest)) };
}

/**
 * Verifies that an entry is logged: the checkpoint under the policy, then that the leaf stands in its tree.
 *
 * @param leafHash - What {@link hashLeaf} gives for the entry, which the caller has from elsewhere than the proof.
 * @throws {TlogError} What {@link verifyCheckpoint} throws, or `MERKLE_PROOF_INVALID`.
 * @see tlog-proof, "Verifying a tlog proof"
 */
export async function verifyLogProof(
  { proof, leafHash }: { readonly proof: LogProof; readonly leafHash: Bytes },
  policy: Policy,
  ed25519: Ed25519Verifier,
): Promise<VerifiedCheckpoint> {
  const verified = await verifyCheckpoint(proof.note, policy, ed25519);
  const { index, hashes } = proof;
  verifyInclusion({ index, leafHash, tree: verified.checkpoint, proof: hashes });
  return verified;
}

/** The data of an extra line; `undefined` when the line is another. */
function parseExtraLine(line: string | undefined): Bytes | undefined {
  if (line?.startsWith("extra ") !== true) return undefined;
  const extra = fromBase64(line.slice(6));
  if (extra === undefined || extra.length === 0) throw malformed("its extra data");
  return extra;
}

function malformed(what: string): TlogError {
  return new TlogError("LOG_PROOF_MALFORMED", `A proof of logging is refused: ${what}.`);
}
