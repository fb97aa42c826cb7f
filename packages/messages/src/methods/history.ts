import type { Kind } from "@siphms/vitals";
import { createMapCodec } from "../map-codec.ts";
import { cborMap, readArrayOf, readOptional, readUint } from "../schema.ts";
import { encodeSeries, readKind, readSeries, type Series } from "../series.ts";
import type { MethodCodec } from "./method-codec.ts";

/** Which stored samples the patient asks for. */
export interface HistoryParameters {
  /** ms. */
  readonly from: number;
  /** ms. */
  readonly to: number;
  /** All, where absent; at least one where present. */
  readonly kinds?: readonly Kind[];
  /** The most samples wanted. */
  readonly limit?: number;
}

/** Stored samples, and where to go on. */
export interface HistoryResult {
  readonly series: readonly Series[];
  /** The next request's `from`, ms; absent at the end. */
  readonly nextFrom?: number;
}

const readKinds = readArrayOf(readKind, 1);
const readAllSeries = readArrayOf(readSeries);

/** `history`: the patient's own stored readings. */
export const history: MethodCodec<HistoryParameters, HistoryResult> = {
  parameters: createMapCodec(
    (value) => cborMap([1, value.from], [2, value.to], [3, value.kinds], [4, value.limit]),
    (map) => {
      const kinds = readOptional(map.get(3), "history.kinds", readKinds);
      const limit = readOptional(map.get(4), "history.limit", readUint);
      return {
        from: readUint(map.get(1), "history.from"),
        to: readUint(map.get(2), "history.to"),
        ...(kinds === undefined ? {} : { kinds }),
        ...(limit === undefined ? {} : { limit }),
      };
    },
  ),
  result: createMapCodec(
    (value) => cborMap([1, value.series.map(encodeSeries)], [2, value.nextFrom]),
    (map) => {
      const series = readAllSeries(map.get(1), "history.series");
      const nextFrom = readOptional(map.get(2), "history.next-from", readUint);
      return nextFrom === undefined ? { series } : { series, nextFrom };
    },
  ),
};
