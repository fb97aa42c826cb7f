import { commonPasswords } from "./common-passwords.ts";

/** Why a password is not taken. */
export type PasswordFault =
  "common" | "malformed" | "names" | "repeating" | "too-long" | "too-short";

/** Words that others can guess about an account: the person, the hospital. */
export interface PasswordContext {
  readonly staffName: string;
  readonly hospitalName: string;
}

/** Fewest characters of a password. It never opens anything alone, so NIST SP 800-63B's fifteen are not asked for (SR-05). */
export const MIN_PASSWORD_CHARACTERS = 8;
/** Most characters: far over any phrase, and little to hash. */
export const MAX_PASSWORD_CHARACTERS = 256;

/** Words of this length and more are looked for inside a password; shorter ones are in too many others. */
const MIN_WORD_CHARACTERS = 4;
/** A password of fewer different characters than this is a pattern. */
const MIN_DIFFERENT_CHARACTERS = 5;
/** A common word with digits around it is still guessed early; with this many characters in all it is not. */
const LONG_CHARACTERS = 15;
const OWN_WORDS = ["siphms", "hospital", "doctor", "nurse", "patient", "password", "administrator"];
/** Straight runs that a hand makes on a keyboard or in the alphabet; backwards as well. */
const RUNS = [
  "abcdefghijklmnopqrstuvwxyz",
  "01234567890123456789",
  "qwertyuiopasdfghjklzxcvbnm",
  "qwertzuiopasdfghjklyxcvbnm",
  "azertyuiopqsdfghjklmwxcvbn",
];

/** One form for a text that can be typed in several: what is hashed, counted and compared. */
export function normalizePassword(password: string): string {
  return password.normalize("NFKC");
}

/**
 * Judges a password that somebody wants to set: only its length and whether it is guessable, never what it is made of.
 *
 * @returns `undefined` for a good one.
 */
export function judgePassword(
  password: string,
  context: PasswordContext,
): PasswordFault | undefined {
  // Half of a surrogate pair has no bytes: any two of them would be the same password.
  if (/\p{Surrogate}/u.test(password)) return "malformed";
  const normal = normalizePassword(password);
  const characters = Array.from(normal).length;
  if (characters < MIN_PASSWORD_CHARACTERS) return "too-short";
  if (characters > MAX_PASSWORD_CHARACTERS) return "too-long";
  const folded = normal.toLowerCase();
  if (isRepeating(folded)) return "repeating";
  if (isCommon(folded)) return "common";
  if (isMadeOfNames(folded, context)) return "names";
  return undefined;
}

function isRepeating(folded: string): boolean {
  if (new Set(folded).size < MIN_DIFFERENT_CHARACTERS) return true;
  const backwards = Array.from(folded).reverse().join("");
  return RUNS.some((run) => run.includes(folded) || run.includes(backwards));
}

function isCommon(folded: string): boolean {
  const common = commonPasswords();
  if (common.has(folded)) return true;
  if (Array.from(folded).length >= LONG_CHARACTERS) return false;
  const core = coreOf(folded);
  return core.length >= MIN_WORD_CHARACTERS && (common.has(core) || common.has(plain(core)));
}

/** Without the digits and signs that people put around a word. */
function coreOf(folded: string): string {
  return folded.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
}

/** With the letters that signs and digits stand for. */
function plain(core: string): string {
  const letters: Readonly<Record<string, string>> = {
    "0": "o",
    "1": "l",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "@": "a",
    $: "s",
  };
  return core.replace(/[013457@$]/g, (sign) => letters[sign] ?? sign);
}

/** Whether too little is left of it without the names that everybody knows. */
function isMadeOfNames(folded: string, { staffName, hospitalName }: PasswordContext): boolean {
  const words = [...OWN_WORDS, ...wordsOf(staffName), ...wordsOf(hospitalName)];
  // The longest first, so that no part of a name is left over.
  words.sort((one, other) => other.length - one.length);
  const rest = words.reduce((text, word) => text.replaceAll(word, ""), folded);
  return rest.length < folded.length && Array.from(rest).length < MIN_PASSWORD_CHARACTERS;
}

function wordsOf(name: string): readonly string[] {
  return normalizePassword(name)
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length >= MIN_WORD_CHARACTERS);
}
