import { toBase64 } from "./base64.ts";
import type { Bytes } from "./bytes.ts";
import { HASH_BYTES } from "./hash.ts";
import { isNoteText } from "./note.ts";
import { parseDecimal, parseHash } from "./text.ts";
import { checkTreeSize } from "./tile.ts";
import { TlogError } from "./tlog-error.ts";

/** What a log states of itself: the text of the note that it signs. */
export interface Checkpoint {
  /** Which log it is; not empty, one line. */
  readonly origin: string;
  /** How many entries; up to 2^53 − 1. */
  readonly size: number;
  /** 32 bytes. */
  readonly root: Bytes;
  /** Opaque lines that follow, none of them empty; as a rule there are none. */
  readonly extensions: readonly string[];
}

/**
 * Reads a checkpoint from a note's text. Whether the root of an empty tree is the right one is for who compares trees.
 *
 * @throws {TlogError} `CHECKPOINT_MALFORMED`
 * @see tlog-checkpoint, "Note text"
 */
export function parseCheckpoint(text: string): Checkpoint {
  if (!isNoteText(text)) throw malformed("no text of a note");
  const [origin = "", sizeText = "", rootText = "", ...extensions] = text.slice(0, -1).split("\n");
  if (origin === "") throw malformed("its origin");
  const size = parseDecimal(sizeText);
  if (size === undefined) throw malformed("its size");
  const root = parseHash(rootText);
  if (root === undefined) throw malformed("its root");
  if (extensions.includes("")) throw malformed("an empty line");
  return { origin, size, root, extensions };
}

/**
 * Writes a checkpoint as a note's text, ended by a newline.
 *
 * @throws {RangeError} When a line is empty or more than one, the size is out of bounds, or the root has not 32 bytes.
 * @see tlog-checkpoint, "Note text"
 */
export function encodeCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  checkTreeSize(size, "size");
  if (root.length !== HASH_BYTES) throw new RangeError("root has 32 bytes.");
  for (const line of [origin, ...extensions]) {
    if (line === "" || line.includes("\n") || !isNoteText(`${line}\n`)) {
      throw new RangeError("origin and extensions are lines without control characters.");
    }
  }
  return [origin, String(size), toBase64(root), ...extensions, ""].join("\n");
}

function malformed(what: string): TlogError {
  return new TlogError("CHECKPOINT_MALFORMED", `A checkpoint is refused: ${what}.`);
}
