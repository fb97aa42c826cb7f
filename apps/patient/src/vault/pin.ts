import { PatientError } from "../errors.ts";

declare const pinBrand: unique symbol;

/** 6 to 12 ASCII digits. */
export type Pin = string & { readonly [pinBrand]: true };

/** Where the digits of Arabic and of Persian begin. */
const DIGIT_ZEROS = [0x660, 0x6f0];

/** Patterns over a keypad, and numbers that lead every published list and that no rule below finds. */
const OFTEN_CHOSEN = [
  "147258",
  "159753",
  "258456",
  "147852",
  "741852",
  "963852",
  "789456",
  "456123",
  "696969",
  "520131",
];

/**
 * Reads a PIN as it was typed. Digits of the Arabic and Persian keyboards count as the same digits, so that
 * changing the app's language locks nobody out.
 *
 * @throws {PatientError} `PIN_FORM`.
 */
export function parsePin(typed: string): Pin {
  const digits = Array.from(typed, toAsciiDigit).join("");
  if (!isPin(digits)) throw new PatientError("PIN_FORM", "A PIN has 6 to 12 digits.");
  return digits;
}

/**
 * Refuses a new PIN that is among the first guesses: one step repeated (111111, 123456, 864202), a block repeated
 * (121212, 123123), its own mirror (123321), or often chosen.
 *
 * @throws {PatientError} `PIN_WEAK`.
 */
export function checkNewPin(pin: Pin): void {
  if (isEvenSteps(pin) || isRepeated(pin) || isMirror(pin) || isOftenChosen(pin)) {
    throw new PatientError("PIN_WEAK", "This PIN is easy to guess. Choose another one.");
  }
}

function isPin(text: string): text is Pin {
  return /^[0-9]{6,12}$/.test(text);
}

function toAsciiDigit(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const zero = DIGIT_ZEROS.find((start) => code >= start && code <= start + 9);
  return zero === undefined ? character : String(code - zero);
}

function isEvenSteps(pin: string): boolean {
  const steps = Array.from(pin, Number).map(
    (digit, at, all) => (digit - (all[at - 1] ?? 0) + 10) % 10,
  );
  return steps.slice(1).every((step) => step === steps[1]);
}

function isRepeated(pin: string): boolean {
  return (pin + pin).indexOf(pin, 1) < pin.length;
}

function isMirror(pin: string): boolean {
  return pin === Array.from(pin).reverse().join("");
}

function isOftenChosen(pin: string): boolean {
  return OFTEN_CHOSEN.some((often) => pin.includes(often) && pin.length - often.length < 2);
}
