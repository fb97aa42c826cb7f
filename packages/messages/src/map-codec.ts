import type { CborMap } from "@siphms/cose";
import { checkArgument } from "./schema.ts";

/** Both sides of one `parameters`, `result` or `body` map: typed to CBOR and back. */
export interface MapCodec<T> {
  /** @throws {RangeError} for a value that the other side would refuse. */
  readonly encode: (value: T) => CborMap;
  /** Unknown keys are ignored, as the protocol has it for these maps. @throws {MessageError} `PAYLOAD_SCHEMA`. */
  readonly parse: (map: CborMap) => T;
}

/** A map without members. */
export type Empty = Readonly<Record<string, never>>;

/** Joins an encoder and a parser, and lets the parser check what the encoder makes. */
export function createMapCodec<T>(
  encode: (value: T) => CborMap,
  parse: (map: CborMap) => T,
): MapCodec<T> {
  return {
    encode: (value) => {
      const map = encode(value);
      checkArgument("value", () => parse(map));
      return map;
    },
    parse,
  };
}

/** The codec of a map that carries nothing. */
export const EMPTY: MapCodec<Empty> = { encode: () => new Map(), parse: () => ({}) };
