import type { Bytes, CborKey, CborMap, CborValue } from "@siphms/cose";
import fc from "fast-check";

/** Any bytes, of a length within these bounds. */
export function bytesArbitrary(minLength = 0, maxLength = 64): fc.Arbitrary<Bytes> {
  return fc.uint8Array({ minLength, maxLength }).map((bytes) => new Uint8Array(bytes));
}

/** Any integer of the protocol, with those at the borders of CBOR's heads made likely. */
export function cborIntegerArbitrary(): fc.Arbitrary<number> {
  const borders = [0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32];
  const border = fc.constantFrom(...borders, Number.MAX_SAFE_INTEGER);
  return fc.oneof(
    fc.maxSafeInteger(),
    border,
    // −1 − n has the same head as n; the greatest n would leave the range.
    border.map((n) => (n === Number.MAX_SAFE_INTEGER ? -n : -1 - n)),
  );
}

/** Any text of the protocol: whole code points only. */
export function cborTextArbitrary(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 30 }),
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.constantFrom("", "\u{feff}", "\u{0}"),
  );
}

/** Any map of the protocol, its keys in any order. */
export function cborMapArbitrary(): fc.Arbitrary<CborMap> {
  return valueTree().map;
}

/** Any value of the protocol within its limits. */
export function cborValueArbitrary(): fc.Arbitrary<CborValue> {
  return valueTree().value;
}

interface ValueTree {
  readonly value: CborValue;
  readonly map: CborMap;
}

function valueTree(): { [Name in keyof ValueTree]: fc.Arbitrary<ValueTree[Name]> } {
  const leaf: fc.Arbitrary<CborValue> = fc.oneof(
    cborIntegerArbitrary(),
    cborTextArbitrary(),
    bytesArbitrary(0, 300),
    fc.boolean(),
    fc.constant(null),
  );
  const key: fc.Arbitrary<CborKey> = fc.oneof(cborIntegerArbitrary(), cborTextArbitrary());
  const containers = (inner: fc.Arbitrary<CborValue>) => ({
    array: fc.array(inner, { maxLength: 30 }),
    map: fc.uniqueArray(fc.tuple(key, inner), { selector: ([name]) => name, maxLength: 30 }),
  });
  // 8 deep is the protocol's limit; beyond three there is nothing new, so the tree stays small.
  let value = leaf;
  for (let depth = 0; depth < 3; depth++) {
    const { array, map } = containers(value);
    const entries = map.map((pairs): CborMap => new Map(pairs));
    value = fc.oneof(leaf, array, entries);
  }
  return { value, map: containers(value).map.map((pairs): CborMap => new Map(pairs)) };
}
