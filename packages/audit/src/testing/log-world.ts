import {
  appendLeaves,
  cosignCheckpoint,
  createVerifierKey,
  createWebEd25519,
  EMPTY_EDGE,
  encodeCheckpoint,
  encodeEntryBundle,
  encodeNote,
  entryBundlePath,
  hashLeaf,
  NO_QUORUM,
  rootOfEdge,
  signNote,
  tilePath,
  type Bytes,
  type NoteSigner,
  type Policy,
  type SignedNote,
  type VerifierKeyKind,
} from "@siphms/tlog";
import { encodeRecord, hashRecord, NO_ENTRY, type AuditRecord } from "../entry.ts";
import { bundlePlaces, LOG_PATHS, type LogSource } from "../log-source.ts";
import type { Trust } from "../heads.ts";

/** When every log of a test begins, ms. */
export const BEGAN_AT = 1_700_000_000_000;

export const ORIGIN = "siphms/city/audit/1";

/** A signer with a fresh key that nothing outlives. */
export async function unsafeSigner(kind: VerifierKeyKind, name: string): Promise<NoteSigner> {
  const { subtle } = globalThis.crypto;
  const pair = await subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new TypeError("Ed25519 keys come in pairs.");
  const publicKey = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
  return {
    key: createVerifierKey(kind, name, publicKey),
    sign: async (message) => new Uint8Array(await subtle.sign("Ed25519", pair.privateKey, message)),
  };
}

/** A program that writes entries, each naming the one before; they come out in whatever order they are taken. */
export class UnsafeWriter {
  readonly instance: Bytes;
  #sequence = 0;
  #before: Bytes = NO_ENTRY;
  #at: number;

  constructor(instance: number, at = BEGAN_AT) {
    this.instance = new Uint8Array(8).fill(instance);
    this.#at = at;
  }

  /** The next entry, a second after the one before. */
  write(over: Partial<AuditRecord> = {}): Bytes {
    const sequence = this.#sequence++;
    const id = new Uint8Array(16);
    id.set(this.instance);
    new DataView(id.buffer).setUint32(8, sequence);
    const entry = encodeRecord({
      id,
      at: this.#at,
      event: "readings.disclosed",
      actor: "staff:12",
      action: "read",
      isDone: true,
      instance: this.instance,
      sequence,
      before: this.#before,
      policy: 1,
      ...over,
    });
    this.#before = hashRecord(entry);
    this.#at += 1_000;
    return entry;
  }

  /** So many entries. */
  writeMany(count: number): readonly Bytes[] {
    return Array.from({ length: count }, () => this.write());
  }
}

/** Whoever keeps a log, and its witness. */
export interface LogWorld {
  readonly trust: Trust;
  readonly log: NoteSigner;
  readonly witness: NoteSigner;
  /** A log's files: all of these entries, cosigned up to `witnessed` of them (all, unless it is said otherwise). */
  files(entries: readonly Bytes[], how?: { readonly witnessed?: number }): Promise<LogFiles>;
  checkpoint(entries: readonly Bytes[], size?: number): Promise<SignedNote>;
  cosigned(note: SignedNote): Promise<SignedNote>;
}

/** The files of a log by their paths. */
export type LogFiles = Map<string, Bytes>;

/** Makes a log and its witness with fresh keys; a policy that asks for the witness unless told otherwise. */
export async function createLogWorld(
  quorum: "city-witness" | "none" = "city-witness",
): Promise<LogWorld> {
  const log = await unsafeSigner("ed25519", ORIGIN);
  const witness = await unsafeSigner("cosignature", "witness.example");
  const policy: Policy = {
    logs: [{ key: log.key, url: undefined }],
    witnesses: [{ name: "city-witness", key: witness.key, url: undefined }],
    groups: [],
    quorum: quorum === "none" ? NO_QUORUM : quorum,
  };
  const checkpoint = async (
    entries: readonly Bytes[],
    size = entries.length,
  ): Promise<SignedNote> => {
    const { edge } = appendLeaves(EMPTY_EDGE, entries.slice(0, size).map(hashLeaf));
    const text = encodeCheckpoint({ origin: ORIGIN, size, root: rootOfEdge(edge), extensions: [] });
    return signNote({ text, signatures: [] }, log);
  };
  const cosigned = async (note: SignedNote): Promise<SignedNote> => {
    const timestampS = BEGAN_AT / 1_000 + 100_000;
    const line = await cosignCheckpoint({ text: note.text, timestampS }, witness);
    return { text: note.text, signatures: [...note.signatures, line] };
  };
  return {
    trust: { policy, ed25519: createWebEd25519() },
    log,
    witness,
    checkpoint,
    cosigned,
    files: async (entries, { witnessed = entries.length } = {}) => {
      const files = treeFiles(entries);
      const newest = await checkpoint(entries);
      const isAll = witnessed === entries.length;
      files.set(LOG_PATHS.checkpoint, encodeNote(isAll ? await cosigned(newest) : newest));
      const older = await cosigned(await checkpoint(entries, witnessed));
      files.set(LOG_PATHS.witnessed, encodeNote(older));
      return files;
    },
  };
}

/** Bundles and tiles of these entries. */
export function treeFiles(entries: readonly Bytes[]): LogFiles {
  const files: LogFiles = new Map();
  for (const place of bundlePlaces(entries.length)) {
    const from = place.index * 256;
    files.set(entryBundlePath(place), encodeEntryBundle(entries.slice(from, from + place.width)));
  }
  for (const tile of appendLeaves(EMPTY_EDGE, entries.map(hashLeaf)).tiles) {
    files.set(tilePath(tile), tile.bytes);
  }
  return files;
}

/** The files after the log grew on: what was partial and is full now has its partial file no more. */
export function grownFiles(files: LogFiles, entries: readonly Bytes[]): LogFiles {
  const grown = new Map([...files, ...treeFiles(entries)]);
  for (const path of grown.keys()) {
    const [full = "", isPartial] = path.split(".p/");
    if (isPartial !== undefined && grown.has(full)) grown.delete(path);
  }
  return grown;
}

/** Reads files out of memory. */
export function sourceOf(files: LogFiles): LogSource {
  return { read: (path) => Promise.resolve(files.get(path)) };
}

/** A copy of a list with some places given another value. */
export function replaced<T>(list: readonly T[], at: number, ...values: readonly T[]): readonly T[] {
  return [...list.slice(0, at), ...values, ...list.slice(at + values.length)];
}
