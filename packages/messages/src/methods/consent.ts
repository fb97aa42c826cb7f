import { createMapCodec } from "../map-codec.ts";
import {
  cborMap,
  type Read,
  readArray,
  readArrayOf,
  readOneOf,
  readText,
  readUint,
  schemaError,
} from "../schema.ts";
import type { MethodCodec } from "./method-codec.ts";

/** 0 withdrawn, 1 given. */
export type ConsentState = 0 | 1;

/** A change of one scope; without it the request only reads. */
export interface ConsentParameters {
  readonly change?: {
    readonly scope: string;
    readonly state: ConsentState;
    /** Of the consent text that was shown to the patient. */
    readonly version: number;
  };
}

/** What the patient has agreed to, and the text as it stands. */
export interface ConsentResult {
  readonly scopes: readonly {
    readonly scope: string;
    readonly state: ConsentState;
    /** ms. */
    readonly since: number;
  }[];
  readonly version: number;
  readonly text: string;
}

const readState = readOneOf<ConsentState>(0, 1);

const readScope: Read<ConsentResult["scopes"][number]> = (value, member) => {
  const items = readArray(value, member);
  if (items.length !== 3) throw schemaError(member);
  return {
    scope: readText(items[0], member),
    state: readState(items[1], member),
    since: readUint(items[2], member),
  };
};

const readScopes = readArrayOf(readScope);

/** `consent`: reads the consents, or changes one. Changes are idempotent and ordered by `created`. */
export const consent: MethodCodec<ConsentParameters, ConsentResult> = {
  parameters: createMapCodec(
    ({ change }) => cborMap([1, change?.scope], [2, change?.state], [3, change?.version]),
    (map) => {
      // All three or none: a change with a part missing must not pass for a request to read.
      if (![1, 2, 3].some((key) => map.has(key))) return {};
      return {
        change: {
          scope: readText(map.get(1), "consent.scope"),
          state: readState(map.get(2), "consent.state"),
          version: readUint(map.get(3), "consent.version"),
        },
      };
    },
  ),
  result: createMapCodec(
    (value) =>
      cborMap(
        [1, value.scopes.map((one) => [one.scope, one.state, one.since])],
        [2, value.version],
        [3, value.text],
      ),
    (map) => ({
      scopes: readScopes(map.get(1), "consent.scopes"),
      version: readUint(map.get(2), "consent.version"),
      text: readText(map.get(3), "consent.text"),
    }),
  ),
};
