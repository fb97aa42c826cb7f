import { compareBytes, type Bytes } from "./bytes.ts";

/** What may be the key of a map: an integer or a text. */
export type CborKey = number | string;

/** A CBOR map; decoded ones hold their keys in wire order. */
export type CborMap = ReadonlyMap<CborKey, CborValue>;

/**
 * The values that the protocol uses, and no others: integers within ±(2^53−1), texts, byte strings,
 * `true`, `false`, `null`, arrays and maps. No floats, no tags, no `undefined`.
 */
export type CborValue = number | string | boolean | null | Bytes | readonly CborValue[] | CborMap;

/** How much of a CBOR input is taken before it is refused. */
export interface CborLimits {
  /** Bytes of the whole input. */
  readonly maxBytes: number;
  /** Containers inside each other; the outermost is 1. */
  readonly maxDepth: number;
  /** Items of one array, or pairs of one map. */
  readonly maxItems: number;
}

/** The protocol's limits: 64 KiB, 8 deep, 4,096 items in one array or map. */
export const DEFAULT_CBOR_LIMITS: CborLimits = { maxBytes: 65_536, maxDepth: 8, maxItems: 4_096 };

/** Whether a value is an array. (`Array.isArray` alone does not narrow a readonly array.) */
export function isCborArray(value: CborValue | undefined): value is readonly CborValue[] {
  return Array.isArray(value);
}

/** Whether a value is a map. */
export function isCborMap(value: CborValue | undefined): value is CborMap {
  return value instanceof Map;
}

/**
 * Orders map keys by the bytes of their encodings, without encoding integers.
 *
 * Shortest heads make that: 0, 1, 2 … then −1, −2 … then texts, the shorter first, then bytewise.
 *
 * @returns Below, at or above zero, as `Array.prototype.sort` wants it; zero for equal keys only.
 * @see RFC 8949 §4.2.1
 */
export function compareCborKeys(a: CborKey, b: CborKey): number {
  if (typeof a === "number") {
    if (typeof b !== "number") return -1;
    if (a < 0 !== b < 0) return a < 0 ? 1 : -1;
    return Math.abs(a) - Math.abs(b);
  }
  if (typeof b === "number") return 1;
  const left = utf8Encoder.encode(a);
  const right = utf8Encoder.encode(b);
  return left.length - right.length || compareBytes(left, right);
}

const utf8Encoder = new TextEncoder();
