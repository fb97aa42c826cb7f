import { BackupError } from "./error.ts";

/**
 * What a part of a backup is made of, once it is unsealed: the hash of its header, a description, the tables one after the
 * other, each with its rows, and an end. Each frame: its kind and its length, 1 and 4 bytes, and its body.
 */
const KINDS = ["hash", "meta", "table", "rows", "table-end", "end"] as const;

/** What a frame holds. */
export type FrameKind = (typeof KINDS)[number];

/** One of the pieces of a part. */
export interface Frame {
  readonly kind: FrameKind;
  readonly body: Buffer;
}

const PREFIX_BYTES = 5;
/** Rows come in pieces of a socket's reads; descriptions grow with the number of tables and partitions. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** Writes one frame. */
export function encodeFrame(kind: FrameKind, body: Uint8Array): Buffer {
  if (body.length > MAX_BODY_BYTES) throw new RangeError("body: too long for a frame");
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt8(KINDS.indexOf(kind));
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}

/** Writes a frame whose body is JSON. */
export function encodeJsonFrame(kind: FrameKind, value: object): Buffer {
  return encodeFrame(kind, Buffer.from(JSON.stringify(value)));
}

/**
 * Reads frames out of pieces of any size.
 *
 * @throws {BackupError} `BACKUP_ALTERED` for what is no frame, or cut off.
 */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    for (let frame = parseFrame(rest); frame !== undefined; frame = parseFrame(rest)) {
      rest = rest.subarray(PREFIX_BYTES + frame.body.length);
      yield frame;
    }
  }
  if (rest.length > 0) throw altered();
}

/** What is said of every file that is not as it was written. */
export function altered(cause?: unknown): BackupError {
  return new BackupError(
    "BACKUP_ALTERED",
    "the backup is not as it was written: it was altered, or cut off. Nothing was restored; use another one",
    cause === undefined ? {} : { cause },
  );
}

function parseFrame(data: Buffer): Frame | undefined {
  if (data.length < PREFIX_BYTES) return undefined;
  const kind = KINDS[data.readUInt8()];
  const length = data.readUInt32BE(1);
  if (kind === undefined || length > MAX_BODY_BYTES) throw altered();
  if (data.length < PREFIX_BYTES + length) return undefined;
  return { kind, body: data.subarray(PREFIX_BYTES, PREFIX_BYTES + length) };
}
