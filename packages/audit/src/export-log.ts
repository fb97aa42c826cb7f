import {
  encodeEntryBundle,
  entryBundlePath,
  HASH_BYTES,
  parseCheckpoint,
  parseNote,
  parsePolicy,
  TILE_WIDTH,
  tilePath,
  TlogError,
  type Bytes,
} from "@siphms/tlog";
import { AuditError } from "./audit-error.ts";
import { lastCheckpointPath, retiredOrigins } from "./origins.ts";
import {
  bundlePlaces,
  entriesOf,
  LOG_PATHS,
  readBundle,
  tilePlaces,
  tilesOf,
  type LogSource,
} from "./log-source.ts";

/** Where a log is exported to, by the paths of tlog-tiles. */
export interface LogSink {
  /** Whether a file that never changes is there already, from an earlier export. */
  has(path: string): Promise<boolean>;
  /** Writes a file whole, or replaces it. */
  write(path: string, bytes: Bytes): Promise<void>;
}

/** So many files are fetched at once. */
const AT_ONCE = 16;

/**
 * Copies a log as far as its newest checkpoint goes: entries and tiles first, the checkpoint last, so that an export
 * that was broken off shows none, or the one of before.
 *
 * Full tiles and bundles that are there already are not fetched anew. Verifies nothing: that is for {@link verifyLog}
 * over what was exported. Of a log that was tampered with it copies what there is.
 *
 * @returns How many files are missing: none, unless somebody took them away.
 * @throws {AuditError} `AUDIT_LOG_UNREADABLE` when the source has no checkpoint.
 * @throws {TlogError} As `parseNote` and `parseCheckpoint` throw for the checkpoint.
 */
export async function exportLog(source: LogSource, sink: LogSink): Promise<number> {
  const witnessed = await source.read(LOG_PATHS.witnessed);
  const newest = await source.read(LOG_PATHS.checkpoint);
  if (newest === undefined) {
    throw new AuditError("AUDIT_LOG_UNREADABLE", "The log cannot be read: it has no checkpoint.");
  }
  const { size, origin } = parseCheckpoint(parseNote(newest).text);
  const copy = new Copy(sink);
  for (const place of bundlePlaces(size)) {
    await copy.add(entryBundlePath(place), place.width, async () => {
      const entries = entriesOf((await readBundle(source, place)) ?? new Uint8Array(), place.width);
      return entries.length === 0 ? undefined : encodeEntryBundle(entries);
    });
  }
  const tiles = tilesOf(source, size);
  for (const tile of tilePlaces(size)) {
    await copy.add(tilePath(tile), tile.width, async () => {
      const [bytes] = await tiles.readTiles([tile]);
      return bytes === undefined || bytes.length === 0
        ? undefined
        : bytes.slice(0, tile.width * HASH_BYTES);
    });
  }
  const policy = await source.read(LOG_PATHS.policy);
  for (const path of lastPathsOf(origin, policy)) {
    await copy.add(path, 0, () => source.read(path));
  }
  await copy.finish();
  if (policy !== undefined) await sink.write(LOG_PATHS.policy, policy);
  if (witnessed !== undefined) await sink.write(LOG_PATHS.witnessed, witnessed);
  await sink.write(LOG_PATHS.checkpoint, newest);
  return copy.missing;
}

/** Where the last checkpoints of the log's older keys are; none of a policy that is none. */
function lastPathsOf(origin: string, policy: Bytes | undefined): readonly string[] {
  if (policy === undefined) return [];
  try {
    return retiredOrigins(origin, parsePolicy(policy)).map(lastCheckpointPath);
  } catch (error) {
    if (error instanceof TlogError) return [];
    throw error;
  }
}

class Copy {
  readonly #sink: LogSink;
  #underWay: Promise<void>[] = [];
  missing = 0;

  constructor(sink: LogSink) {
    this.#sink = sink;
  }

  /** Copies one file, as soon as not too many are under way. */
  async add(path: string, width: number, read: () => Promise<Bytes | undefined>): Promise<void> {
    if (this.#underWay.length >= AT_ONCE) await this.finish();
    const copied = this.#copy(path, width, read);
    // Its failure is met where all are waited for.
    copied.catch(() => undefined);
    this.#underWay.push(copied);
  }

  async finish(): Promise<void> {
    const underWay = this.#underWay;
    this.#underWay = [];
    await Promise.all(underWay);
  }

  async #copy(path: string, width: number, read: () => Promise<Bytes | undefined>): Promise<void> {
    if (width === TILE_WIDTH && (await this.#sink.has(path))) return;
    const bytes = await read();
    if (bytes === undefined) this.missing++;
    else await this.#sink.write(path, bytes);
  }
}
