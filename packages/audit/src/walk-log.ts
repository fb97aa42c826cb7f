import { equalBytes, type Bytes } from "@siphms/cose";
import {
  appendLeaves,
  EMPTY_EDGE,
  hashLeaf,
  HASH_BYTES,
  partialTiles,
  rootOfEdge,
  TILE_WIDTH,
  tilePath,
  tileWidth,
  type EntryBundlePlace,
  type StoredTile,
  type Tile,
  type TileSource,
  type TreeEdge,
} from "@siphms/tlog";
import { AuditError } from "./audit-error.ts";
import { Chains } from "./chains.ts";
import { parseRecord } from "./entry.ts";
import { bundlePlaces, entriesOf, readBundle, tilesOf, type LogSource } from "./log-source.ts";
import type { LogReport } from "./log-report.ts";

/** What the entries of a log give, read once from the first to the last. */
export interface Walk {
  /** So many entries were there one after another; less than asked for where a bundle is missing or cut. */
  readonly entries: number;
  /** How the log stood at each size that was asked for and reached. */
  readonly marks: ReadonlyMap<number, WalkMark>;
  /** The tiles that the entries give. */
  readonly computed: TileSource;
  /** The first stored tile that is another than that. */
  readonly differentTile: string | undefined;
  /** The first entry whose stored leaf hash is another than its own. */
  readonly differentLeaf: number | undefined;
  /** The first entry that is none, and whether it is empty. */
  readonly malformed: { readonly index: number; readonly isEmpty: boolean } | undefined;
  readonly chains: Pick<LogReport, "abandoned" | "findings" | "instances" | "notes" | "times">;
}

/** A log at one of its sizes. */
export interface WalkMark {
  readonly root: Bytes;
  /** The latest time that any of its entries says, ms. */
  readonly latest: number;
}

/** What to read, and whom to tell how far it is. */
export interface WalkPlan {
  readonly source: LogSource;
  /** How many entries to read. */
  readonly size: number;
  /** Of which size the tree is whose files the source has; at least `size`. */
  readonly storedSize: number;
  /** Sizes, at most `size`, at which the tree's root is wanted. */
  readonly sizes: ReadonlySet<number>;
  readonly onProgress?: ((entries: number) => void) | undefined;
}

/** Bundles that are asked for at once, while those before them are worked on. */
const READ_AHEAD = 16;

/** Reads all entries of a log, once. */
export async function walkLog(plan: WalkPlan): Promise<Walk> {
  const walker = new Walker(plan);
  for await (const part of readParts(plan)) {
    await walker.add(part);
    if (part.entries.length < part.width) break;
    plan.onProgress?.(walker.entries);
  }
  return walker.finish();
}

class Walker {
  readonly #plan: WalkPlan;
  readonly #chains = new Chains();
  readonly #marks = new Map<number, WalkMark>();
  /** All computed tiles but those of leaf hashes, which are made anew when they are asked for. */
  readonly #upper = new Map<string, Bytes>();
  #edge: TreeEdge = EMPTY_EDGE;
  #differentTile: string | undefined;
  #differentLeaf: number | undefined;
  #malformed: Walk["malformed"];

  constructor(plan: WalkPlan) {
    this.#plan = plan;
    this.#mark();
  }

  get entries(): number {
    return this.#edge.size;
  }

  /** Adds the next entries, which are the last ones where they are fewer than they should be. */
  async add({ entries, tile }: Part): Promise<void> {
    const start = this.#edge.size;
    const leaves = entries.map(hashLeaf);
    const stops = leaves.flatMap((_, at) =>
      this.#plan.sizes.has(start + at + 1) && at + 1 < leaves.length ? [at + 1] : [],
    );
    let from = 0;
    for (const stop of [...stops, leaves.length]) {
      for (let at = from; at < stop; at++) this.#addRecord(entries[at], start + at);
      const { edge, tiles } = appendLeaves(this.#edge, leaves.slice(from, stop));
      this.#edge = edge;
      from = stop;
      this.#mark();
      const isLast = edge.size === this.#plan.size;
      for (const made of tiles) {
        if (made.level > 0) this.#upper.set(nameOf(made), made.bytes);
        else if (isLast || made.width === TILE_WIDTH) this.#compareLeaves(made, tile);
      }
      await this.#compareUpper(tiles.filter(({ width }) => width === TILE_WIDTH));
    }
  }

  async finish(): Promise<Walk> {
    if (this.#edge.size === this.#plan.size)
      await this.#compareUpper(partialTiles(this.#edge.size));
    return {
      entries: this.#edge.size,
      marks: this.#marks,
      computed: { readTiles: (tiles) => Promise.all(tiles.map((tile) => this.#compute(tile))) },
      differentTile: this.#differentTile,
      differentLeaf: this.#differentLeaf,
      malformed: this.#malformed,
      chains: this.#chains.finish(),
    };
  }

  #mark(): void {
    const { size } = this.#edge;
    if (!this.#plan.sizes.has(size)) return;
    this.#marks.set(size, { root: rootOfEdge(this.#edge), latest: this.#chains.latest });
  }

  #addRecord(entry: Bytes | undefined, index: number): void {
    if (entry === undefined) return;
    try {
      this.#chains.add(parseRecord(entry), { index, entry });
    } catch (error) {
      if (!(error instanceof AuditError)) throw error;
      this.#malformed ??= { index, isEmpty: entry.length === 0 };
    }
  }

  #compareLeaves(computed: StoredTile, stored: Bytes): void {
    if (equalBytes(stored.subarray(0, computed.bytes.length), computed.bytes)) return;
    this.#differentTile ??= tilePath(computed);
    this.#differentLeaf ??= computed.index * TILE_WIDTH + firstDifference(stored, computed.bytes);
  }

  async #compareUpper(tiles: readonly Tile[]): Promise<void> {
    const upper = tiles.filter(({ level }) => level > 0);
    const stored = await tilesOf(this.#plan.source, this.#plan.storedSize).readTiles(upper);
    upper.forEach((tile, at) => {
      const computed = this.#upper.get(nameOf(tile)) ?? new Uint8Array();
      const bytes = stored[at]?.subarray(0, computed.length) ?? new Uint8Array();
      if (!equalBytes(bytes, computed)) this.#differentTile ??= tilePath(tile);
    });
  }

  async #compute(tile: Tile): Promise<Bytes> {
    if (tile.level > 0) return this.#upper.get(nameOf(tile)) ?? new Uint8Array();
    const width = tileWidth(tile, this.#plan.storedSize);
    const bundle = await readBundle(this.#plan.source, { index: tile.index, width });
    const leaves = entriesOf(bundle ?? new Uint8Array(), width).map(hashLeaf);
    const bytes = new Uint8Array(leaves.length * HASH_BYTES);
    leaves.forEach((leaf, at) => bytes.set(leaf, at * HASH_BYTES));
    return bytes;
  }
}

/** Entries that follow each other, and the stored tile of their leaf hashes. */
interface Part {
  /** How many entries there should be. */
  readonly width: number;
  readonly entries: readonly Bytes[];
  readonly tile: Bytes;
}

/** Reads entries and leaf hashes in order, some ahead; ends early where a bundle is missing. */
async function* readParts(plan: WalkPlan): AsyncGenerator<Part, void, undefined> {
  const { source, size, storedSize } = plan;
  const places = [...bundlePlaces(size)];
  const tiles = tilesOf(source, storedSize);
  const readPart = async (place: EntryBundlePlace): Promise<Part | undefined> => {
    const stored = { ...place, width: tileWidth({ ...place, level: 0 }, storedSize) };
    const [bundle, [tile]] = await Promise.all([
      readBundle(source, stored),
      tiles.readTiles([{ ...place, level: 0 }]),
    ]);
    if (bundle === undefined) return undefined;
    const { width } = place;
    return { width, entries: entriesOf(bundle, width), tile: tile ?? new Uint8Array() };
  };
  const readFrom = (at: number): Promise<readonly (Part | undefined)[]> => {
    const read = Promise.all(places.slice(at, at + READ_AHEAD).map(readPart));
    // Whoever stops early does not ask for what was read ahead: its failure is then nobody's.
    read.catch(() => undefined);
    return read;
  };
  let ahead = readFrom(0);
  for (let at = 0; at < places.length; at += READ_AHEAD) {
    const group = await ahead;
    ahead = readFrom(at + READ_AHEAD);
    for (const part of group) {
      if (part === undefined) return;
      yield part;
    }
  }
}

/** At which hash two tiles begin to differ. */
function firstDifference(stored: Bytes, computed: Bytes): number {
  const at = computed.findIndex((byte, place) => byte !== stored[place]);
  return Math.floor(Math.max(0, at) / HASH_BYTES);
}

function nameOf({ level, index }: Tile): string {
  return `${level}/${index}`;
}
