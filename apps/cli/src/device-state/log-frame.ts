import { crc32 } from "node:zlib";

import type { StoreOperation } from "@siphms/device";

/** Begins every frame of a log; another first byte means that the file is no log of ours or is damaged. */
const MARK = 0xa5;
/** Mark, length of the body, check sum of the body. */
export const HEADER_BYTES = 9;
const PUT = 1;
const DELETE = 2;

/**
 * Writes the frame of one atomic change: either all of its operations come back from a file, or none.
 *
 * Layout: mark u8, length u32, CRC-32 u32, then for each operation: kind u8, name length u8, name, and for a put the length u32 and the bytes.
 */
export function encodeFrame(operations: readonly StoreOperation[]): Buffer {
  const body = Buffer.concat(operations.map(encodeOperation));
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(MARK, 0);
  header.writeUInt32BE(body.length, 1);
  header.writeUInt32BE(crc32(body), 5);
  return Buffer.concat([header, body]);
}

function encodeOperation(operation: StoreOperation): Buffer {
  const name = Buffer.from(operation.name, "latin1");
  const head = Buffer.from([operation.kind === "put" ? PUT : DELETE, name.length]);
  if (operation.kind === "delete") return Buffer.concat([head, name]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(operation.bytes.length);
  return Buffer.concat([head, name, length, operation.bytes]);
}

/** What a log says, and where its whole frames end. */
export interface DecodedLog {
  readonly operations: readonly StoreOperation[];
  readonly wholeBytes: number;
}

/** Reads frames until the end, or until the first that is not whole or does not fit its check sum. */
export function decodeLog(log: Buffer): DecodedLog {
  const operations: StoreOperation[] = [];
  let at = 0;
  for (;;) {
    const body = bodyAt(log, at);
    if (body === undefined) return { operations, wholeBytes: at };
    operations.push(...decodeBody(body));
    at += HEADER_BYTES + body.length;
  }
}

function bodyAt(log: Buffer, at: number): Buffer | undefined {
  if (log.length < at + HEADER_BYTES || log.readUInt8(at) !== MARK) return undefined;
  const end = at + HEADER_BYTES + log.readUInt32BE(at + 1);
  if (end > log.length) return undefined;
  const body = log.subarray(at + HEADER_BYTES, end);
  return crc32(body) === log.readUInt32BE(at + 5) ? body : undefined;
}

function decodeBody(body: Buffer): readonly StoreOperation[] {
  const operations: StoreOperation[] = [];
  for (let at = 0; at < body.length;) {
    const kind = body.readUInt8(at);
    const nameEnd = at + 2 + body.readUInt8(at + 1);
    const name = body.toString("latin1", at + 2, nameEnd);
    at = nameEnd;
    if (kind === DELETE) {
      operations.push({ kind: "delete", name });
      continue;
    }
    const end = nameEnd + 4 + body.readUInt32BE(nameEnd);
    operations.push({ kind: "put", name, bytes: Uint8Array.from(body.subarray(nameEnd + 4, end)) });
    at = end;
  }
  return operations;
}
