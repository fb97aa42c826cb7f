/** Arabic-Indic and Persian digits; the last four bits of each are its value. */
const DIGITS = /[٠-٩۰-۹]/g;
/** Arabic decimal separator, Arabic comma (as keyboards give it), comma. */
const DECIMAL_SIGNS = /[٫،,]/g;
/** Marks of direction that a keyboard or a copied text brings along, and spaces. */
const INVISIBLE = /[\s\u00a0\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const FORM = /^[+-]?\d{1,6}(\.\d{1,3})?$/;

/**
 * Reads a number as people type it: `36.7`, `36,7`, `٣٦٫٧`.
 *
 * A comma stands for the decimal sign, never between thousands: no vital sign has so many digits, and `1,234` must not become
 * 1.234 in silence, so more than one sign is refused.
 *
 * @returns `undefined` for anything else.
 */
export function parseNumber(text: string): number | undefined {
  const plain = text
    .replaceAll(INVISIBLE, "")
    .replaceAll(DIGITS, (digit) => String(digit.charCodeAt(0) & 0xf))
    .replaceAll(DECIMAL_SIGNS, ".");
  return FORM.test(plain) ? Number(plain) : undefined;
}
