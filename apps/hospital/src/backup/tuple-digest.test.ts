import { describe, expect, it } from "vitest";
import { createTupleDigest, type TableDigest } from "./tuple-digest.ts";

const HEADER = Buffer.from(
  `${Buffer.from("PGCOPY\n\xFF\r\n\0", "latin1").toString("hex")}${"00".repeat(8)}`,
  "hex",
);
const END = Buffer.from("ffff", "hex");

/** A row as PostgreSQL writes it. */
function tuple(...fields: readonly (string | null)[]): Buffer {
  const count = Buffer.alloc(2);
  count.writeInt16BE(fields.length);
  const parts = fields.map((field) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(field === null ? -1 : Buffer.byteLength(field));
    return Buffer.concat([length, Buffer.from(field ?? "")]);
  });
  return Buffer.concat([count, ...parts]);
}

const ROWS = [tuple("a", null), tuple("", "b"), tuple("c".repeat(300), "d")] as const;
const copyOf = (rows: readonly Buffer[]): Buffer => Buffer.concat([HEADER, ...rows, END]);

function digestOf(copy: Buffer, pieceBytes = copy.length): TableDigest {
  const digest = createTupleDigest();
  for (let at = 0; at < copy.length; at += pieceBytes) {
    digest.add(copy.subarray(at, at + pieceBytes));
  }
  return digest.end();
}

describe("the digest of a table", () => {
  const whole = digestOf(copyOf(ROWS));

  it("counts the rows and is the same in any order [HS-308a7A]", () => {
    expect(whole.rows).toBe(3);
    expect(digestOf(copyOf(ROWS.toReversed()))).toEqual(whole);
  });

  it("does not depend on the pieces in which the rows come", () => {
    for (const bytes of [1, 2, 3, 7, 64]) expect(digestOf(copyOf(ROWS), bytes)).toEqual(whole);
  });

  it("is another one where a row is missing, twice there, or has one other byte [HS-308a7A]", () => {
    const other = [
      ROWS.slice(1),
      [...ROWS, ROWS[0]],
      [tuple("a", ""), ...ROWS.slice(1)],
      [tuple("b", null), ...ROWS.slice(1)],
    ].map((rows) => digestOf(copyOf(rows)).digest);
    expect(new Set([whole.digest, ...other]).size).toBe(5);
  });

  it("knows an empty table", () => {
    expect(digestOf(copyOf([]))).toEqual({ rows: 0, digest: "0".repeat(64) });
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["rows without their end", Buffer.concat([HEADER, ...ROWS])],
    ["half a row", Buffer.concat([HEADER, ROWS[0].subarray(0, 5)])],
    ["something behind the end", Buffer.concat([copyOf(ROWS), Buffer.alloc(1)])],
    ["another format", Buffer.from("a,b\nc,d\n".repeat(10))],
  ])("refuses %s", (_title, copy) => {
    expect(() => digestOf(copy)).toThrow(RangeError);
  });
});
