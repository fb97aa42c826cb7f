import { AuditError, hashRecord, NO_ENTRY, parseRecord, type AuditRecord } from "@siphms/audit";
import {
  concatBytes,
  CoseError,
  decodeCbor,
  encodeCbor,
  equalBytes,
  isCborArray,
  toHex,
  type Bytes,
  type CborValue,
} from "@siphms/cose";
import type { AuditEntry, MadeEntry } from "../audit/index.ts";
import { KeyError, type Cell, type Keyring } from "../keys/index.ts";
import { EmergencyError } from "./emergency-error.ts";

/** What a file of entries begins with. */
export const FILE_HEAD: Bytes = new TextEncoder().encode("siphms emergency entries 1\n");

const LENGTH_BYTES = 4;
/** An entry has a few hundred; what says that it is longer was not written here. */
const MAX_ENTRY_BYTES = 16 * 1024;

/** A file of entries as it was read: its authentic front. */
export interface EntryFile {
  readonly entries: readonly MadeEntry[];
  /** Bytes of what was not written to its end: nobody was shown anything for it. */
  readonly tornBytes: number;
  /** What emergency mode of this installation did not write so, from there to the end; absent where all is as it wrote it. */
  readonly refused?: { readonly bytes: number; readonly why: EmergencyError };
}

/**
 * Writes an entry as the file holds it: its length, the leaf of the log, and sealed what the log's row holds beside it.
 *
 * What is sealed opens for this leaf alone, so nobody without the installation's key writes an entry or changes one; and each leaf
 * names the one before, so none can be taken out of the middle.
 */
export function encodeFileEntry({ entry, leaf, details }: MadeEntry, keyring: Keyring): Bytes {
  const beside = encodeCbor([entry.subject ?? null, entry.object ?? null, details ?? null]);
  const bytes = encodeCbor([leaf, keyring.sealCell(besideCell(leaf), beside)]);
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return concatBytes(length, bytes);
}

/**
 * Reads a whole file, up to what was not written so. A last entry that is cut short is left out: whoever wrote it was ended
 * before anything was shown.
 *
 * The entries before a fault are as good as those of a whole file, as each is sealed and names the one before: else whoever can
 * change one byte could take every look of a run out of the log.
 */
export function readEntryFile(bytes: Bytes, keyring: Keyring): EntryFile {
  const entries: MadeEntry[] = [];
  let at = 0;
  try {
    const head = bytes.subarray(0, FILE_HEAD.length);
    if (!equalBytes(head, FILE_HEAD)) throw altered("its first line");
    at = head.length;
    for (let next = sliceEntry(bytes, at); next !== undefined; next = sliceEntry(bytes, at)) {
      entries.push(readEntry(next, entries, keyring));
      at += LENGTH_BYTES + next.length;
    }
    // A file has its name only when the entry that begins the run is on the disk.
    if (entries.length === 0) throw altered("it ends before its first entry");
  } catch (error) {
    if (!(error instanceof EmergencyError)) throw error;
    return { entries, tornBytes: 0, refused: { bytes: bytes.length - at, why: error } };
  }
  return { entries, tornBytes: bytes.length - at };
}

/** The entry that begins at a place; `undefined` where the file ends before it does. */
function sliceEntry(bytes: Bytes, at: number): Bytes | undefined {
  const begin = at + LENGTH_BYTES;
  if (bytes.length < begin) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
  if (length === 0 || length > MAX_ENTRY_BYTES) throw altered("an entry's length");
  return bytes.length < begin + length ? undefined : bytes.slice(begin, begin + length);
}

function readEntry(bytes: Bytes, before: readonly MadeEntry[], keyring: Keyring): MadeEntry {
  const at = `entry ${String(before.length)}`;
  try {
    const [leaf, sealed] = bytesIn(decodeCbor(bytes), 2);
    if (!(leaf instanceof Uint8Array) || !(sealed instanceof Uint8Array)) throw altered(at);
    const record = parseRecord(leaf);
    requireNext(record, before);
    const beside = bytesIn(decodeCbor(keyring.openCell(besideCell(leaf), sealed)), 3);
    return joinEntry({ record, leaf, beside });
  } catch (cause) {
    const isRefusal =
      cause instanceof CoseError || cause instanceof AuditError || cause instanceof KeyError;
    throw isRefusal ? altered(at, cause) : cause;
  }
}

/** Each entry follows the one before: the same instance, the next number, and its hash. */
function requireNext(record: AuditRecord, before: readonly MadeEntry[]): void {
  const last = before.at(-1);
  const follows =
    record.sequence === before.length &&
    equalBytes(record.before, last === undefined ? NO_ENTRY : last.hash) &&
    (last === undefined || equalBytes(record.instance, last.instance));
  if (!follows) throw altered(`entry ${String(before.length)}`);
}

function joinEntry({
  record,
  leaf,
  beside,
}: {
  readonly record: AuditRecord;
  readonly leaf: Bytes;
  readonly beside: readonly CborValue[];
}): MadeEntry {
  const [subject, object, details] = beside;
  const { id, instance, sequence, at, event, actor, role, version, action, purpose } = record;
  const entry: AuditEntry = {
    ...{ at, event, actor, action, outcome: record.isDone ? "done" : "refused" },
    ...(role === undefined ? {} : { role }),
    ...(typeof subject === "string" ? { subject } : {}),
    ...(typeof object === "string" ? { object } : {}),
    ...(version === undefined ? {} : { version }),
    ...(purpose === undefined ? {} : { purpose }),
  };
  return {
    entry,
    id,
    instance,
    sequence,
    leaf,
    hash: hashRecord(leaf),
    ...(details instanceof Uint8Array ? { details } : {}),
  };
}

function bytesIn(value: CborValue, length: number): readonly CborValue[] {
  if (isCborArray(value) && value.length === length) return value;
  throw altered("an entry's form");
}

function besideCell(leaf: Bytes): Cell {
  return { table: "emergency entries", column: "beside", row: toHex(hashRecord(leaf)) };
}

function altered(what: string, cause?: unknown): EmergencyError {
  return new EmergencyError(
    "EMERGENCY_FILE_ALTERED",
    `this file is not as emergency mode of this installation wrote it (${what}); nothing is taken from there on`,
    cause === undefined ? {} : { cause },
  );
}
