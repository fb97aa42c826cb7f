import { ProblemError } from "../http/index.ts";
import type { BatchRange } from "./read-batches.ts";

/**
 * Takes a range as it stands in an address.
 *
 * @throws {ProblemError} `malformed` for one that ends before it begins, or beyond 2^53.
 */
export function parseRange(query: {
  readonly from: string;
  readonly to: string;
  readonly kind?: string | readonly string[];
}): BatchRange {
  const [from, to] = [Number(query.from), Number(query.to)];
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from > to) {
    throw new ProblemError("malformed", "The range must begin before it ends.");
  }
  return { from, to, ...(query.kind === undefined ? {} : { kinds: [query.kind].flat() }) };
}
