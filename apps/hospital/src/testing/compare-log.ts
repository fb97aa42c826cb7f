import { compareByParts, type AuditComparison } from "@siphms/api";
import { compareLogPart } from "../audit/index.ts";

/** Compares the whole log part by part, as `siphms audit verify` does. */
export function compareLog(
  world: Parameters<typeof compareLogPart>[0],
  options?: Parameters<typeof compareLogPart>[2],
): Promise<AuditComparison> {
  return compareByParts((place) => compareLogPart(world, place, options));
}
