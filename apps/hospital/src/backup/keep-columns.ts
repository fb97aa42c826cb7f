import { COPY_END, COPY_HEADER, createTupleParser, fieldsOf } from "./tuples.ts";

/**
 * The same rows with some of their columns alone, in the same format: those that a schema knows.
 *
 * @param kept - Places of the columns that stay, ascending.
 */
export async function* keepColumns(
  rows: AsyncIterable<Uint8Array>,
  kept: readonly number[],
): AsyncGenerator<Uint8Array> {
  const count = Buffer.alloc(2);
  count.writeInt16BE(kept.length);
  let out: Buffer[] = [COPY_HEADER];
  const parser = createTupleParser((row) => {
    const fields = fieldsOf(row);
    // Copies: the row is valid only until the next piece.
    out.push(Buffer.concat([count, ...kept.map((place) => fields[place] ?? Buffer.alloc(0))]));
  });
  for await (const chunk of rows) {
    parser.add(chunk);
    yield Buffer.concat(out);
    out = [];
  }
  parser.end();
  yield COPY_END;
}
