import { proveConsistency, type Bytes } from "@siphms/tlog";
import type { Queryable } from "../database/index.ts";
import { createLogTiles, type TileRoots } from "./log-tiles.ts";

/**
 * Proves that the log of one size is the beginning of the log of another.
 *
 * @param sizes - `from` is not above `to`, and `to` not above the newest head's size.
 * @param roots - What is known of this log's full tiles; see {@link createLogTiles}.
 */
export function proveLogConsistency(
  queryable: Queryable,
  { from, to }: { readonly from: number; readonly to: number },
  roots?: TileRoots,
): Promise<readonly Bytes[]> {
  return proveConsistency({ oldSize: from, newSize: to }, createLogTiles(queryable, roots));
}
