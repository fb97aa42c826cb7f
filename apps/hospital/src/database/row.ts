import type { Bytes } from "@siphms/cose";
import { DatabaseError } from "./error.ts";

/** One row of an answer. Each reader checks the column's type and throws `ROW_SHAPE` when it is another. */
export interface Row {
  text(column: string): string;
  textOrNull(column: string): string | null;
  /** Integers up to 2^53 − 1, `bigint` columns included, and `double precision`. */
  number(column: string): number;
  numberOrNull(column: string): number | null;
  boolean(column: string): boolean;
  /** A fresh copy, safe to keep. */
  bytes(column: string): Bytes;
  bytesOrNull(column: string): Bytes | null;
}

/** Wraps a row as the driver gives it. */
export function createRow(raw: Readonly<Record<string, unknown>>): Row {
  const read = (column: string): unknown => {
    if (!(column in raw)) throw shapeError(column);
    return raw[column];
  };
  const text = (column: string): string => {
    const value = read(column);
    if (typeof value !== "string") throw shapeError(column);
    return value;
  };
  const number = (column: string): number => {
    const value = read(column);
    if (typeof value !== "number") throw shapeError(column);
    return value;
  };
  const bytes = (column: string): Bytes => {
    const value = read(column);
    if (!(value instanceof Uint8Array)) throw shapeError(column);
    return new Uint8Array(value);
  };
  return {
    text,
    number,
    bytes,
    textOrNull: (column) => (read(column) === null ? null : text(column)),
    numberOrNull: (column) => (read(column) === null ? null : number(column)),
    bytesOrNull: (column) => (read(column) === null ? null : bytes(column)),
    boolean: (column) => {
      const value = read(column);
      if (typeof value !== "boolean") throw shapeError(column);
      return value;
    },
  };
}

function shapeError(column: string): DatabaseError {
  return new DatabaseError("ROW_SHAPE", `column ${column} is missing or has another type`);
}
