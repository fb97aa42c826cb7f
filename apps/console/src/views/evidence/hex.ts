/** Hexadecimal in groups of four, as people compare it aloud. */
export function groupsOf(hex: string): string {
  return hex.match(/.{1,4}/g)?.join(" ") ?? "";
}
