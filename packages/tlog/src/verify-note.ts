import { parseCheckpoint } from "./checkpoint.ts";
import { cosignedMessage, parseTimestampedSignature } from "./cosignature.ts";
import { SIGNATURE_BYTES, type Ed25519Verifier, type NoteSigner } from "./ed25519.ts";
import { isNoteText, type NoteSignature, type SignedNote } from "./note.ts";
import { toUtf8 } from "./text.ts";
import { TlogError } from "./tlog-error.ts";
import { keyHandle, type VerifierKey } from "./verifier-key.ts";

/** A signature that verified. */
export interface VerifiedSignature {
  readonly key: VerifierKey;
  /** Seconds since 1970; of a cosignature alone. */
  readonly timestampS: number | undefined;
}

/**
 * Signs a text as a note, or adds a signature to a note.
 *
 * @param note - Signatures may be empty. One that the signer's key has made before is replaced.
 * @throws {RangeError} When the text is none of a note, or the signer's key is a cosigner's ({@link cosignCheckpoint}).
 * @see signed-note, "Ed25519 signatures"
 */
export async function signNote(note: SignedNote, signer: NoteSigner): Promise<SignedNote> {
  const { name, keyId, kind } = signer.key;
  if (kind !== "ed25519") throw new RangeError("signer has a key of the kind ed25519.");
  if (!isNoteText(note.text)) {
    throw new RangeError("text ends in a newline and has no other control characters.");
  }
  const signature = await signer.sign(toUtf8(note.text));
  if (signature.length !== SIGNATURE_BYTES) throw new RangeError("signer gives 64 bytes.");
  const others = note.signatures.filter((line) => keyHandle(line) !== keyHandle(signer.key));
  return { text: note.text, signatures: [...others, { name, keyId, signature }] };
}

/**
 * Verifies a note with the keys that one knows.
 *
 * Signatures of other keys are ignored, also those that share either name or key id with a known one.
 * One bad signature of a known key refuses the whole note.
 *
 * @param keys - No two with the same name and key id.
 * @returns The known keys that signed, each once, in the order of `keys`; of several cosignatures of one key the latest time.
 * @throws {TlogError} `NOTE_UNAUTHENTIC` when a known key's signature is bad, `NOTE_UNSIGNED` when no known key signed,
 *   `CHECKPOINT_MALFORMED` when a cosigner's signature stands under something else than a checkpoint.
 * @throws {RangeError} When two keys share name and key id.
 * @see signed-note, "Signatures"
 */
export async function verifyNote(
  note: SignedNote,
  keys: readonly VerifierKey[],
  ed25519: Ed25519Verifier,
): Promise<readonly VerifiedSignature[]> {
  const known = new Map(keys.map((key) => [keyHandle(key), key]));
  if (known.size !== keys.length) throw new RangeError("keys differ in name or key id.");
  const verified = new Map<VerifierKey, VerifiedSignature>();
  for (const line of note.signatures) {
    const key = known.get(keyHandle(line));
    if (key === undefined) continue;
    const found = await verifyLine(note.text, { key, line }, ed25519);
    const before = verified.get(key);
    if ((before?.timestampS ?? 0) <= (found.timestampS ?? 0)) verified.set(key, found);
  }
  if (verified.size === 0) throw new TlogError("NOTE_UNSIGNED", "No known key signed this note.");
  return keys.flatMap((key) => verified.get(key) ?? []);
}

async function verifyLine(
  text: string,
  { key, line }: { readonly key: VerifierKey; readonly line: NoteSignature },
  ed25519: Ed25519Verifier,
): Promise<VerifiedSignature> {
  const isCosignature = key.kind === "cosignature";
  if (isCosignature) parseCheckpoint(text);
  const stamped = isCosignature ? parseTimestampedSignature(line.signature) : undefined;
  const timestampS = stamped?.timestampS;
  const signature = isCosignature ? stamped?.signature : line.signature;
  const message = timestampS === undefined ? toUtf8(text) : cosignedMessage(text, timestampS);
  if (signature?.length !== SIGNATURE_BYTES) throw unauthentic();
  if (!(await ed25519.verify(key.publicKey, signature, message))) throw unauthentic();
  return { key, timestampS };
}

function unauthentic(): TlogError {
  return new TlogError("NOTE_UNAUTHENTIC", "A known key's signature is not over this note.");
}
