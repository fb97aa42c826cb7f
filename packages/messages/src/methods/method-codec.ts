import type { MapCodec } from "../map-codec.ts";

/** Both maps of one request method: what is asked and what is answered. */
export interface MethodCodec<Parameters, Result> {
  readonly parameters: MapCodec<Parameters>;
  readonly result: MapCodec<Result>;
}
