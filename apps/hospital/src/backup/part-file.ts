import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { createReadStream } from "node:fs";
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import {
  parseDigest,
  parseEnd,
  parseHeader,
  parseMeta,
  parseTable,
  type PartHeader,
  type PartMeta,
  type StoredTable,
} from "./description.ts";
import { BackupError } from "./error.ts";
import { altered, encodeFrame, encodeJsonFrame, readFrames, type Frame } from "./frames.ts";
import { createTupleDigest, type TableDigest } from "./tuple-digest.ts";
import { piecesOf, streamOf } from "./web-streams.ts";

/** A table of a part, and what its rows come to. */
export interface PartTable extends TableDigest {
  readonly table: StoredTable;
}

/** What stands in a part that was read to its end. */
export interface PartContent {
  readonly meta: PartMeta;
  readonly tables: readonly PartTable[];
}

/** What a part is written from. */
export interface PartSource {
  readonly header: PartHeader;
  readonly meta: PartMeta;
  readonly tables: readonly StoredTable[];
  /** The rows of one table, in PostgreSQL's binary COPY format. */
  readonly rows: (table: StoredTable) => AsyncIterable<Uint8Array>;
}

const MAX_HEADER_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * Writes one part and syncs it to disk. What stands there before this resolves is no backup.
 *
 * @param identity - The age identity (X25519) that opens it: only its public half is used.
 * @throws whatever the disk or the database answers.
 */
export async function writePart(
  file: string,
  source: PartSource,
  identity: string,
): Promise<number> {
  const line = Buffer.from(`${JSON.stringify(source.header)}\n`);
  if (line.length > MAX_HEADER_BYTES) throw new RangeError("header: too long");
  const sealing = new Encrypter();
  sealing.addRecipient(await identityToRecipient(identity));
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(line);
    let bytes = line.length;
    const frames = streamOf(encodePart(source, sha256(line)));
    for await (const chunk of piecesOf(await sealing.encrypt(frames))) {
      await handle.writeFile(chunk);
      bytes += chunk.length;
    }
    await handle.sync();
    return bytes;
  } finally {
    await handle.close();
  }
}

async function* encodePart(source: PartSource, headerHash: Buffer): AsyncGenerator<Uint8Array> {
  yield encodeFrame("hash", headerHash);
  yield encodeJsonFrame("meta", source.meta);
  for (const table of source.tables) {
    yield encodeJsonFrame("table", table);
    const digest = createTupleDigest();
    for await (const rows of source.rows(table)) {
      digest.add(rows);
      yield encodeFrame("rows", rows);
    }
    yield encodeJsonFrame("table-end", digest.end());
  }
  yield encodeJsonFrame("end", { tables: source.tables.length });
}

/**
 * Reads the line with which a part begins. Nothing of it may be believed before the part was read.
 *
 * @throws {BackupError} `BACKUP_MISSING`, `BACKUP_ALTERED`
 */
export async function readHeader(file: string): Promise<PartHeader> {
  return parseHeader(await readHeaderLine(file));
}

/**
 * Reads a part to its end: whatever is altered in it, at any byte, or missing at its end, is found.
 *
 * @param onTable - Takes each table's rows as they come, and has to read them to their end. By then nothing is known of what
 *   comes behind: whoever stores them undoes that when this rejects.
 * @throws {BackupError} `BACKUP_ALTERED`, `BACKUP_MISSING`
 */
export async function readPart(
  file: string,
  identity: string,
  onTable: (table: StoredTable, rows: AsyncIterable<Uint8Array>) => Promise<void> = (_, rows) =>
    drain(rows),
): Promise<PartContent> {
  const line = await readHeaderLine(file);
  const opening = new Decrypter();
  opening.addIdentity(identity);
  const sealed = streamOf(bytesFrom(file, line.length));
  const frames = readFrames(opened(opening, sealed));
  try {
    if (!(await next(frames, "hash")).equals(sha256(line))) throw altered();
    const meta = parseMeta(await next(frames, "meta"));
    const tables: PartTable[] = [];
    for (;;) {
      const frame = await nextOf(frames);
      if (frame.kind === "end") {
        if (parseEnd(frame.body).tables !== tables.length) throw altered();
        // The seal of the last bytes is checked only when they are asked for.
        if ((await frames.next()).done !== true) throw altered();
        return { meta, tables };
      }
      if (frame.kind !== "table") throw altered();
      tables.push(await readTable(parseTable(frame.body), frames, onTable));
    }
  } finally {
    await frames.return(undefined);
  }
}

async function readTable(
  table: StoredTable,
  frames: AsyncGenerator<Frame>,
  onTable: (table: StoredTable, rows: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<PartTable> {
  const digest = createTupleDigest();
  let said: TableDigest | undefined;
  async function* rows(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const frame = await nextOf(frames);
      if (frame.kind === "table-end") {
        said = parseDigest(frame.body);
        return;
      }
      if (frame.kind !== "rows") throw altered();
      digest.add(frame.body);
      yield frame.body;
    }
  }
  await onTable(table, rows());
  const found = digest.end();
  if (said?.digest !== found.digest || said.rows !== found.rows) throw altered();
  return { table, ...found };
}

/** Reads rows to their end, and keeps none. */
export async function drain(rows: AsyncIterable<Uint8Array>): Promise<void> {
  const iterator = rows[Symbol.asyncIterator]();
  while ((await iterator.next()).done !== true);
}

/** Whatever goes wrong while unsealing is the file's fault, but for what the disk says. */
async function* opened(
  opening: Decrypter,
  sealed: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* piecesOf(await opening.decrypt(sealed));
  } catch (error) {
    throw isOfSystem(error) ? error : altered(error);
  }
}

async function* bytesFrom(file: string, start: number): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(file, { start })) {
    if (chunk instanceof Uint8Array) yield chunk;
  }
}

async function next(frames: AsyncGenerator<Frame>, kind: Frame["kind"]): Promise<Buffer> {
  const frame = await nextOf(frames);
  if (frame.kind !== kind) throw altered();
  return frame.body;
}

async function nextOf(frames: AsyncGenerator<Frame>): Promise<Frame> {
  const frame = await frames.next();
  if (frame.done === true) throw altered();
  return frame.value;
}

async function readHeaderLine(file: string): Promise<Buffer> {
  const handle = await openPart(file);
  try {
    const buffer = Buffer.alloc(MAX_HEADER_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    const end = buffer.subarray(0, bytesRead).indexOf(NEWLINE);
    if (end === -1) throw altered();
    return buffer.subarray(0, end + 1);
  } finally {
    await handle.close();
  }
}

async function openPart(file: string): Promise<FileHandle> {
  try {
    return await open(file, "r");
  } catch (cause) {
    throw new BackupError("BACKUP_MISSING", `there is no backup that can be read at ${file}`, {
      cause,
    });
  }
}

/** Errors of the operating system name the call that failed. */
export function isOfSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
