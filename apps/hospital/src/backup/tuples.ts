/** Takes rows in PostgreSQL's binary COPY format apart, from pieces of any size. */
export interface TupleParser {
  add(chunk: Uint8Array): void;
  /** @throws {RangeError} where the rows did not end as the format says. */
  end(): void;
}

const SIGNATURE = Buffer.from("PGCOPY\n\xFF\r\n\0", "latin1");
/** Signature, flags, and the length of the header's extension. */
const HEADER_BYTES = SIGNATURE.length + 8;
const END_MARK = -1;
const NULL = -1;

/** What stands before the first row, without an extension. */
export const COPY_HEADER: Buffer = Buffer.concat([SIGNATURE, Buffer.alloc(8)]);
/** What stands behind the last row. */
export const COPY_END: Buffer = Buffer.from([0xff, 0xff]);

/**
 * Creates a parser.
 *
 * @param onRow - Takes each row as it stands: number of fields, then each with its length. Only valid during the call.
 * @see https://www.postgresql.org/docs/current/sql-copy.html "Binary Format"
 */
export function createTupleParser(onRow: (row: Buffer) => void): TupleParser {
  let rest: Buffer = Buffer.alloc(0);
  let place: "header" | "rows" | "end" = "header";

  function take(data: Buffer): number {
    let at = 0;
    if (place === "header") {
      const size = headerSize(data);
      if (size === undefined) return 0;
      at = size;
      place = "rows";
    }
    while (place === "rows") {
      const size = tupleSize(data, at);
      if (size === undefined) break;
      if (size === END_MARK) {
        place = "end";
        at += 2;
        break;
      }
      onRow(data.subarray(at, at + size));
      at += size;
    }
    return at;
  }

  return {
    add(chunk) {
      const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      const data = rest.length === 0 ? view : Buffer.concat([rest, view]);
      // A copy: the piece it came in may be filled anew by whoever gave it.
      rest = Buffer.from(data.subarray(take(data)));
    },
    end() {
      if (place !== "end" || rest.length > 0) throw new RangeError("rows: cut off, or more behind");
    },
  };
}

/** The fields of a row, each with its length in front. */
export function fieldsOf(row: Buffer): readonly Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 2; at < row.length;) {
    const length = row.readInt32BE(at);
    const end = at + 4 + (length === NULL ? 0 : length);
    fields.push(row.subarray(at, end));
    at = end;
  }
  return fields;
}

function headerSize(data: Buffer): number | undefined {
  if (data.length < HEADER_BYTES) return undefined;
  if (!data.subarray(0, SIGNATURE.length).equals(SIGNATURE)) {
    throw new RangeError("rows: not in PostgreSQL's binary format");
  }
  const size = HEADER_BYTES + data.readInt32BE(HEADER_BYTES - 4);
  return data.length < size ? undefined : size;
}

/** How many bytes the row at a place takes; `undefined` where it is not whole yet, −1 for the mark behind the last. */
function tupleSize(data: Buffer, start: number): number | undefined {
  if (data.length < start + 2) return undefined;
  const fields = data.readInt16BE(start);
  if (fields === END_MARK) return END_MARK;
  let at = start + 2;
  for (let field = 0; field < fields; field++) {
    if (data.length < at + 4) return undefined;
    const length = data.readInt32BE(at);
    at += 4 + (length === NULL ? 0 : length);
  }
  return data.length < at ? undefined : at - start;
}
