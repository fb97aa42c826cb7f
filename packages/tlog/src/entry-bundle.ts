import { joinBytes, type Bytes } from "./bytes.ts";
import { TILE_WIDTH } from "./tile.ts";
import { TlogError } from "./tlog-error.ts";

/** The longest entry that a bundle can hold: its length is written in two bytes. */
export const MAX_ENTRY_BYTES = 65_535;

/**
 * Writes entries as a bundle, each behind its length in two bytes.
 *
 * @param entries - 1 to {@link TILE_WIDTH}, each of up to {@link MAX_ENTRY_BYTES}; an entry may be empty.
 * @throws {RangeError} When there are more or fewer, or one is longer.
 * @see tlog-tiles, "Log entries"
 */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Bytes {
  if (entries.length < 1 || entries.length > TILE_WIDTH) {
    throw new RangeError("entries are 1 to 256.");
  }
  return joinBytes(
    entries.flatMap((entry) => {
      if (entry.length > MAX_ENTRY_BYTES) throw new RangeError("An entry has at most 65535 bytes.");
      return [Uint8Array.of(entry.length >> 8, entry.length & 255), entry];
    }),
  );
}

/**
 * Reads the entries of a bundle.
 *
 * @param width - How many entries it must have; it is part of the bundle's path.
 * @throws {TlogError} `ENTRY_BUNDLE_MALFORMED` for more or fewer entries, or bytes left over.
 * @see tlog-tiles, "Log entries"
 */
export function parseEntryBundle(bytes: Bytes, width: number): readonly Bytes[] {
  const entries: Bytes[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 2 > bytes.length) throw malformed("half a length at its end");
    const end = at + 2 + (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
    if (end > bytes.length) throw malformed("an entry is cut off");
    entries.push(bytes.slice(at + 2, end));
    if (entries.length > width) throw malformed("more entries than its width");
    at = end;
  }
  if (entries.length < width) throw malformed("fewer entries than its width");
  return entries;
}

function malformed(what: string): TlogError {
  return new TlogError("ENTRY_BUNDLE_MALFORMED", `An entry bundle is refused: ${what}.`);
}
