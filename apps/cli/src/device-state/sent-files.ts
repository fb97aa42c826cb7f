const DIGEST_BYTES = 32;
/** A bookmark of a device holds 1,024 bytes. */
const MAX_DIGESTS = 32;

/** Says whether a file of this content was recorded before, as far as the device remembers (32 files). */
export function wasSent(bookmark: Uint8Array | undefined, digest: Uint8Array): boolean {
  return split(bookmark).some((one) => Buffer.compare(one, digest) === 0);
}

/** The bookmark with one more file; the oldest falls out. */
export function withSent(
  bookmark: Uint8Array | undefined,
  digest: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const kept = split(bookmark).slice(1 - MAX_DIGESTS);
  return Uint8Array.from(Buffer.concat([...kept, digest]));
}

function split(bookmark: Uint8Array | undefined): readonly Uint8Array[] {
  const bytes = bookmark ?? new Uint8Array();
  return Array.from({ length: Math.floor(bytes.length / DIGEST_BYTES) }, (_, index) =>
    bytes.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES),
  );
}
