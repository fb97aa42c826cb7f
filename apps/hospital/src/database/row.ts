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
  return new DriverRow(raw);
}

/** A class, because answers of thousands of rows are read: it has no function of its own for each of them. */
class DriverRow implements Row {
  readonly #raw: Readonly<Record<string, unknown>>;

  constructor(raw: Readonly<Record<string, unknown>>) {
    this.#raw = raw;
  }

  text(column: string): string {
    const value = this.#raw[column];
    if (typeof value !== "string") throw shapeError(column);
    return value;
  }

  textOrNull(column: string): string | null {
    return this.#raw[column] === null ? null : this.text(column);
  }

  number(column: string): number {
    const value = this.#raw[column];
    if (typeof value !== "number") throw shapeError(column);
    return value;
  }

  numberOrNull(column: string): number | null {
    return this.#raw[column] === null ? null : this.number(column);
  }

  boolean(column: string): boolean {
    const value = this.#raw[column];
    if (typeof value !== "boolean") throw shapeError(column);
    return value;
  }

  bytes(column: string): Bytes {
    const value = this.#raw[column];
    if (!(value instanceof Uint8Array)) throw shapeError(column);
    return new Uint8Array(value);
  }

  bytesOrNull(column: string): Bytes | null {
    return this.#raw[column] === null ? null : this.bytes(column);
  }
}

function shapeError(column: string): DatabaseError {
  return new DatabaseError("ROW_SHAPE", `column ${column} is missing or has another type`);
}
