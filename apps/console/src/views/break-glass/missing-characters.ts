import { REASON_LENGTH } from "@siphms/api";

/** How many characters a reason or a note still lacks; spaces at the ends do not count. */
export function missingCharacters(text: string): number {
  return Math.max(0, REASON_LENGTH.min - text.trim().length);
}
