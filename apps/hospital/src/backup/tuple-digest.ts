import { createHash } from "node:crypto";
import { createTupleParser } from "./tuples.ts";

/** What a table holds, in short: the same for the same rows in any order. */
export interface TableDigest {
  readonly rows: number;
  /** 64 hexadecimal digits. */
  readonly digest: string;
}

/** Takes a table's rows in PostgreSQL's binary COPY format, in pieces of any size. */
export interface TupleDigest {
  add(chunk: Uint8Array): void;
  /** @throws {RangeError} where the rows did not end as the format says. */
  end(): TableDigest;
}

/**
 * Adds up the SHA-256 of each row, word by word modulo 2^32: the order in which a server hands rows out says nothing.
 *
 * It compares two copies of which neither was made to deceive: whoever could forge a sum could not alter a sealed file.
 */
export function createTupleDigest(): TupleDigest {
  const sums = new Uint32Array(8);
  let rows = 0;
  const parser = createTupleParser((row) => {
    addRow(sums, row);
    rows += 1;
  });
  return {
    add: (chunk) => {
      parser.add(chunk);
    },
    end() {
      parser.end();
      return { rows, digest: [...sums].map((sum) => sum.toString(16).padStart(8, "0")).join("") };
    },
  };
}

function addRow(sums: Uint32Array, row: Buffer): void {
  const hash = createHash("sha256").update(row).digest();
  for (let word = 0; word < sums.length; word++) {
    // Wraps by itself: it is stored in 32 bits.
    sums[word] = (sums[word] ?? 0) + hash.readUInt32BE(4 * word);
  }
}
