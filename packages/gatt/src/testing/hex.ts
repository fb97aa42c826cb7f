/** The octets of a hex text with blanks between them, as reference pages print values. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.split(" ").filter(Boolean), (octet) => Number.parseInt(octet, 16));
}
