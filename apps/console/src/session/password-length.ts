/** Fewest and most characters of a password, as the hospital counts them. It judges the rest. */
const PASSWORD_LENGTH = { min: 8, max: 256 } as const;

/** What is wrong with a password's length, counted as the hospital does: after NFKC, in characters. */
export function lengthFaultOf(password: string): "tooLong" | "tooShort" | undefined {
  const characters = Array.from(password.normalize("NFKC")).length;
  if (characters < PASSWORD_LENGTH.min) return "tooShort";
  return characters > PASSWORD_LENGTH.max ? "tooLong" : undefined;
}
