import { METHODS, type Request } from "@siphms/messages";
import { TlogError } from "@siphms/tlog";
import { proveLogConsistency, readNewestCheckpoint, type TileRoots } from "../audit/index.ts";
import type { Queryable } from "../database/index.ts";
import type { RequestAnswer } from "../ingest/index.ts";

/**
 * Answers `audit-consistency`: the proof that the audit log of one receipt is the front of that of another.
 *
 * What cannot be proved is `refused`: sizes that this log has not reached, and a log of which rows are missing. To the
 * device that is a sign that its history was changed.
 *
 * @throws {MessageError} `PAYLOAD_SCHEMA`
 */
export async function proveAuditConsistency(
  queryable: Queryable,
  request: Request,
  roots: TileRoots,
): Promise<RequestAnswer> {
  const { parameters, result } = METHODS["audit-consistency"];
  const { fromSize: from, toSize: to } = parameters.parse(request.parameters);
  if (from > to) return { error: "bad-parameters", result: new Map() };
  const newest = await readNewestCheckpoint(queryable);
  if (newest === undefined || to > newest.size) return { error: "refused", result: new Map() };
  try {
    const proof = await proveLogConsistency(queryable, { from, to }, roots);
    return { error: 0, result: result.encode({ proof }) };
  } catch (error) {
    if (error instanceof TlogError) return { error: "refused", result: new Map() };
    throw error;
  }
}
