import {
  type Bytes,
  type CborMap,
  type CborValue,
  CoseError,
  decodeCbor,
  isCborArray,
  isCborMap,
} from "@siphms/cose";
import { MessageError, type MessageErrorCode } from "./error.ts";

/** Reads one CBOR value or throws {@link MessageError} `PAYLOAD_SCHEMA` with the member's name. */
export type Read<T> = (value: CborValue | undefined, member: string) => T;

/** The error for a value that has not the form the protocol gives its member. */
export function schemaError(member: string): MessageError {
  return new MessageError("PAYLOAD_SCHEMA", member);
}

/** Reads a map. */
export const readMap: Read<CborMap> = (value, member) => {
  if (isCborMap(value)) return value;
  throw schemaError(member);
};

/** Reads an unsigned integer. */
export const readUint: Read<number> = (value, member) => {
  if (isUint(value)) return value;
  throw schemaError(member);
};

/** Reads a text string of any length. */
export const readText: Read<string> = (value, member) => {
  if (typeof value === "string") return value;
  throw schemaError(member);
};

/** Reads a byte string of any length. */
export const readBytes: Read<Bytes> = (value, member) => {
  if (value instanceof Uint8Array) return value;
  throw schemaError(member);
};

/** Makes the reader of a byte string of exactly `size` bytes. */
export function readBytesOf(size: number): Read<Bytes> {
  return (value, member) => {
    const bytes = readBytes(value, member);
    if (bytes.length !== size) throw schemaError(member);
    return bytes;
  };
}

/** Makes the reader of one of a few integers. */
export function readOneOf<T extends number>(...allowed: readonly T[]): Read<T> {
  return (value, member) => {
    const found = allowed.find((one) => one === value);
    if (found === undefined) throw schemaError(member);
    return found;
  };
}

/** Makes the reader of an array of at least `least` items. */
export function readArrayOf<T>(read: Read<T>, least = 0): Read<readonly T[]> {
  return (value, member) => {
    const items = readArray(value, member);
    if (items.length < least) throw schemaError(member);
    return items.map((item) => read(item, member));
  };
}

/** Reads an array, its items unread. */
export const readArray: Read<readonly CborValue[]> = (value, member) => {
  if (isCborArray(value)) return value;
  throw schemaError(member);
};

/** Reads a member that may be absent. A member that is there and `null` is a schema error. */
export function readOptional<T>(
  value: CborValue | undefined,
  member: string,
  read: Read<T>,
): T | undefined {
  return value === undefined ? undefined : read(value, member);
}

/**
 * Refuses a map with a key that its schema has not (protocol section 3).
 *
 * Absent required keys are found where they are read.
 */
export function refuseUnknownKeys(map: CborMap, known: readonly number[], member: string): void {
  for (const key of map.keys()) {
    if (typeof key !== "number" || !known.includes(key)) throw schemaError(member);
  }
}

/** Builds a CBOR map, leaving out the entries whose value is `undefined`. */
export function cborMap(
  ...entries: readonly (readonly [number, CborValue | undefined])[]
): CborMap {
  const map = new Map<number, CborValue>();
  for (const [key, value] of entries) if (value !== undefined) map.set(key, value);
  return map;
}

/**
 * Decodes one CBOR item and reads it, reporting whatever is wrong with it under one code.
 *
 * @throws {MessageError} with `code`.
 */
export function decodeAs<T>(
  code: MessageErrorCode,
  bytes: Uint8Array,
  read: (value: CborValue) => T,
): T {
  try {
    return read(decodeCbor(bytes));
  } catch (error) {
    if (error instanceof MessageError) throw new MessageError(code, error.reason, { cause: error });
    if (error instanceof CoseError) throw new MessageError(code, "cbor", { cause: error });
    throw error;
  }
}

/**
 * Runs the receiver's checks over what our own caller wants to encode: nothing leaves that the other side would refuse.
 *
 * @throws {RangeError} naming the argument, where the receiver would throw {@link MessageError}.
 */
export function checkArgument(argument: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (error instanceof MessageError)
      throw new RangeError(`${argument}: ${error.reason}`, { cause: error });
    throw error;
  }
}

/** True for an unsigned integer. The decoder gives integers alone; our own callers may hold other numbers. */
export function isUint(value: CborValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
