const RECOVERY_CODE = /^[a-z2-7]{16}$/;
const GROUPS = /.{4}(?!$)/g;
/** The digits of Arabic keyboards, in their order. */
const ARABIC_DIGITS = ["٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"];

/**
 * A typed code in the one form that the hospital takes: spaces, capitals and the digits of an Arabic keyboard are no error.
 *
 * @returns `undefined` where it can be no code at all.
 */
export function secondFactorOf(typed: string): string | undefined {
  const plain = withWesternDigits(typed)
    .toLowerCase()
    .replace(/[\s\-–]/g, "");
  if (/^[0-9]{6}$/.test(plain)) return plain;
  return RECOVERY_CODE.test(plain) ? plain.replace(GROUPS, "$&-") : undefined;
}

function withWesternDigits(text: string): string {
  return Array.from(text, (character) => {
    const row = ARABIC_DIGITS.find((digits) => digits.includes(character));
    return row === undefined ? character : String(row.indexOf(character));
  }).join("");
}
