import { fromBase64, toBase64 } from "./base64.ts";
import { joinBytes, type Bytes } from "./bytes.ts";
import { fromUtf8, hasLoneSurrogate, toUtf8 } from "./text.ts";
import { TlogError } from "./tlog-error.ts";
import { isKeyName } from "./verifier-key.ts";

/** The longest note that is read: far above sixteen signatures of 5 kB, which every reader must take. */
export const MAX_NOTE_BYTES = 262_144;

/** The most signatures that are read in one note. */
export const MAX_NOTE_SIGNATURES = 64;

/** One signature line: whose it says it is, and its bytes as they came, unverified. */
export interface NoteSignature {
  readonly name: string;
  /** 0 to 2^32 − 1. */
  readonly keyId: number;
  /** What follows the key id: at least one byte; its form depends on the key's kind. */
  readonly signature: Bytes;
}

/** A text and its signatures. Nothing of it is to be believed before {@link verifyNote}. */
export interface SignedNote {
  /** Ends in a newline. */
  readonly text: string;
  /** In the order in which they came. */
  readonly signatures: readonly NoteSignature[];
}

const KEY_ID_BYTES = 4;
const LINE_START = "— ";

/**
 * Reads a signed note.
 *
 * What it gives, {@link encodeNote} writes with the same bytes: there is one form only.
 *
 * @throws {TlogError} `NOTE_LIMIT` for too many bytes or signatures, `NOTE_MALFORMED` for all else.
 * @see signed-note, "Format"
 */
export function parseNote(bytes: Uint8Array): SignedNote {
  if (bytes.length > MAX_NOTE_BYTES) {
    throw new TlogError("NOTE_LIMIT", `A note has at most ${MAX_NOTE_BYTES} bytes.`);
  }
  const whole = fromUtf8(bytes);
  if (whole === undefined) throw malformed("no UTF-8");
  // The last empty line ends the text: the text itself may have some.
  const end = whole.lastIndexOf("\n\n");
  if (end < 0) throw malformed("no empty line before the signatures");
  const text = whole.slice(0, end + 1);
  if (!isNoteText(text)) throw malformed("control characters");
  return { text, signatures: parseSignatureLines(whole.slice(end + 2)) };
}

/**
 * Writes a signed note.
 *
 * @throws {RangeError} When the text is none of a note, there is no signature, or a signature has no fit name or no bytes.
 */
export function encodeNote({ text, signatures }: SignedNote): Bytes {
  if (!isNoteText(text)) {
    throw new RangeError("text ends in a newline and has no other control characters.");
  }
  if (signatures.length === 0) throw new RangeError("signatures are not empty.");
  return toUtf8(`${text}\n${encodeSignatureLines(signatures)}`);
}

/**
 * Reads signature lines alone, as they end a note and as a witness answers with them.
 *
 * @throws {TlogError} `NOTE_LIMIT` for too many, `NOTE_MALFORMED` for all else, none at all included.
 */
export function parseSignatureLines(text: string): readonly NoteSignature[] {
  if (!text.endsWith("\n")) throw malformed("no newline at the end");
  const lines = text.slice(0, -1).split("\n");
  if (lines.length > MAX_NOTE_SIGNATURES) {
    throw new TlogError("NOTE_LIMIT", `A note has at most ${MAX_NOTE_SIGNATURES} signatures.`);
  }
  return lines.map(parseSignatureLine);
}

/**
 * Writes signature lines alone, each ended by a newline.
 *
 * @throws {RangeError} When a signature has no fit name, key id or bytes.
 */
export function encodeSignatureLines(signatures: readonly NoteSignature[]): string {
  return signatures.map(encodeSignatureLine).join("");
}

/** Whether a text can be a note's: ends in a newline, has no other control characters, and a UTF-8 of its own. */
export function isNoteText(text: string): boolean {
  return (
    text.endsWith("\n") && !/[\u0000-\u0009\u000b-\u001f]/.test(text) && !hasLoneSurrogate(text)
  );
}

function parseSignatureLine(line: string): NoteSignature {
  if (!line.startsWith(LINE_START)) throw malformed("a signature line begins otherwise");
  const [name = "", base64 = "", ...more] = line.slice(LINE_START.length).split(" ");
  if (!isKeyName(name) || more.length > 0) throw malformed("a signature line's key name");
  const bytes = fromBase64(base64);
  if (bytes === undefined) throw malformed("a signature line's base64");
  if (bytes.length <= KEY_ID_BYTES) throw malformed("a signature without bytes");
  return {
    name,
    keyId: new DataView(bytes.buffer).getUint32(0),
    signature: bytes.slice(KEY_ID_BYTES),
  };
}

function encodeSignatureLine({ name, keyId, signature }: NoteSignature): string {
  if (!isKeyName(name)) throw new RangeError("name is not empty, without white space and +.");
  if (!Number.isInteger(keyId) || keyId < 0 || keyId > 0xffff_ffff) {
    throw new RangeError("keyId is a whole number from 0 to 2^32 - 1.");
  }
  if (signature.length === 0) throw new RangeError("signature is not empty.");
  const id = new Uint8Array(KEY_ID_BYTES);
  new DataView(id.buffer).setUint32(0, keyId);
  return `${LINE_START}${name} ${toBase64(joinBytes([id, signature]))}\n`;
}

function malformed(what: string): TlogError {
  return new TlogError("NOTE_MALFORMED", `A note is refused: ${what}.`);
}
