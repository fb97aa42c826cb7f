const BYTES = 4;

/** Writes a position in a recording for the device's store: the number of samples that have been handed over. */
export function encodePosition(position: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(BYTES);
  new DataView(bytes.buffer).setUint32(0, position);
  return bytes;
}

/** Reads a position; 0 where none was stored yet. */
export function decodePosition(bytes: Uint8Array | undefined): number {
  if (bytes?.length !== BYTES) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset, BYTES).getUint32(0);
}
