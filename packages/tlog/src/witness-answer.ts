import type { Ed25519Verifier } from "./ed25519.ts";
import type { Bytes } from "./bytes.ts";
import {
  encodeSignatureLines,
  MAX_NOTE_BYTES,
  parseSignatureLines,
  type NoteSignature,
  type SignedNote,
} from "./note.ts";
import { fromUtf8, parseDecimal, toUtf8 } from "./text.ts";
import { checkTreeSize } from "./tile.ts";
import { TlogError } from "./tlog-error.ts";
import { keyHandle, type VerifierKey } from "./verifier-key.ts";
import { verifyNote } from "./verify-note.ts";
import { WITNESS_STATUS } from "./witness.ts";

/** The media type of the size in a witness's answer 409. */
export const TREE_SIZE_MEDIA_TYPE = "text/x.tlog.size";

/** What a witness answered. */
export type WitnessAnswer =
  | {
      /** Unverified yet: {@link addCosignatures}. */
      readonly kind: "cosigned";
      readonly signatures: readonly NoteSignature[];
    }
  | {
      /**
       * The witness has cosigned this size. Ask again with a proof from it; where it is larger than the log's
       * own tree, the log has lost entries that it has shown, or somebody else signs with its key.
       */
      readonly kind: "conflict";
      readonly size: number;
    }
  | { readonly kind: "refused"; readonly status: number };

/**
 * Writes a witness's answer 200: its cosignatures.
 *
 * @throws {RangeError} When there is none, or one cannot be written.
 */
export function encodeCosignaturesAnswer(signatures: readonly NoteSignature[]): Bytes {
  if (signatures.length === 0) throw new RangeError("signatures are not empty.");
  return toUtf8(encodeSignatureLines(signatures));
}

/** Writes a witness's answer 409, of type {@link TREE_SIZE_MEDIA_TYPE}: the size that it cosigned last. */
export function encodeSizeAnswer(size: number): Bytes {
  checkTreeSize(size, "size");
  return toUtf8(`${size}\n`);
}

/**
 * Reads a witness's answer.
 *
 * @param answer - `mediaType` is the Content-Type without parameters; of an answer 409 it must be the size's own.
 * @throws {TlogError} `WITNESS_ANSWER_MALFORMED` when an answer 200 or 409 has not its form.
 * @see tlog-witness, "add-checkpoint"
 */
export function parseWitnessAnswer(answer: {
  readonly status: number;
  readonly mediaType: string;
  readonly body: Uint8Array;
}): WitnessAnswer {
  const { status, mediaType, body } = answer;
  if (status !== WITNESS_STATUS.accepted && status !== WITNESS_STATUS.conflict) {
    return { kind: "refused", status };
  }
  if (body.length > MAX_NOTE_BYTES) throw malformed("too long");
  const text = fromUtf8(body);
  if (text === undefined) throw malformed("no UTF-8");
  return status === WITNESS_STATUS.accepted
    ? { kind: "cosigned", signatures: parseCosignatures(text) }
    : { kind: "conflict", size: parseSize(text, mediaType) };
}

/**
 * Adds the cosignatures of known witnesses to a checkpoint's note, after verifying them; those of unknown ones are dropped.
 *
 * @param keys - The witness's keys.
 * @returns The note with its signatures of before, but earlier ones of the same witness keys.
 * @throws {TlogError} `NOTE_UNAUTHENTIC`, `NOTE_UNSIGNED` or `CHECKPOINT_MALFORMED` as {@link verifyNote} throws them.
 */
export async function addCosignatures(
  {
    note,
    signatures,
  }: { readonly note: SignedNote; readonly signatures: readonly NoteSignature[] },
  keys: readonly VerifierKey[],
  ed25519: Ed25519Verifier,
): Promise<SignedNote> {
  const verified = await verifyNote({ text: note.text, signatures }, keys, ed25519);
  const handles = new Set(verified.map(({ key }) => keyHandle(key)));
  const isTheirs = (line: NoteSignature): boolean => handles.has(keyHandle(line));
  return {
    text: note.text,
    signatures: [
      ...note.signatures.filter((line) => !isTheirs(line)),
      ...signatures.filter(isTheirs),
    ],
  };
}

function parseCosignatures(text: string): readonly NoteSignature[] {
  try {
    return parseSignatureLines(text);
  } catch (cause) {
    throw malformed("its signature lines", cause);
  }
}

function parseSize(text: string, mediaType: string): number {
  const size = text.endsWith("\n") ? parseDecimal(text.slice(0, -1)) : undefined;
  if (size === undefined || mediaType !== TREE_SIZE_MEDIA_TYPE) throw malformed("its size");
  return size;
}

function malformed(what: string, cause?: unknown): TlogError {
  return new TlogError("WITNESS_ANSWER_MALFORMED", `A witness's answer is refused: ${what}.`, {
    cause,
  });
}
