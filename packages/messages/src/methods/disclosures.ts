import { createMapCodec } from "../map-codec.ts";
import {
  cborMap,
  type Read,
  readArrayOf,
  readMap,
  readOptional,
  readText,
  readUint,
  refuseUnknownKeys,
} from "../schema.ts";
import type { MethodCodec } from "./method-codec.ts";

/** The span that the patient asks about, ms. */
export interface DisclosuresParameters {
  readonly from: number;
  readonly to: number;
}

/** Who saw or got what of the patient's data. */
export interface Disclosure {
  /** ms. */
  readonly at: number;
  readonly who: string;
  readonly role: string;
  readonly purpose: string;
  readonly what: string;
}

/** Disclosures of a span, and where to go on. */
export interface DisclosuresResult {
  readonly disclosures: readonly Disclosure[];
  /** The next request's `from`, ms; absent at the end. */
  readonly nextFrom?: number;
}

const readDisclosure: Read<Disclosure> = (value, member) => {
  const map = readMap(value, member);
  refuseUnknownKeys(map, [1, 2, 3, 4, 5], member);
  return {
    at: readUint(map.get(1), member),
    who: readText(map.get(2), member),
    role: readText(map.get(3), member),
    purpose: readText(map.get(4), member),
    what: readText(map.get(5), member),
  };
};

const readDisclosures = readArrayOf(readDisclosure);

/** `disclosures`: the accounting of who saw the patient's data. */
export const disclosures: MethodCodec<DisclosuresParameters, DisclosuresResult> = {
  parameters: createMapCodec(
    (value) => cborMap([1, value.from], [2, value.to]),
    (map) => ({
      from: readUint(map.get(1), "disclosures.from"),
      to: readUint(map.get(2), "disclosures.to"),
    }),
  ),
  result: createMapCodec(
    (value) => cborMap([1, value.disclosures.map(encodeDisclosure)], [2, value.nextFrom]),
    (map) => {
      const found = readDisclosures(map.get(1), "disclosures");
      const nextFrom = readOptional(map.get(2), "disclosures.next-from", readUint);
      return nextFrom === undefined ? { disclosures: found } : { disclosures: found, nextFrom };
    },
  ),
};

function encodeDisclosure(one: Disclosure): ReturnType<typeof cborMap> {
  return cborMap([1, one.at], [2, one.who], [3, one.role], [4, one.purpose], [5, one.what]);
}
