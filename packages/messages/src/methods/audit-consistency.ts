import type { Bytes } from "@siphms/cose";
import { createMapCodec } from "../map-codec.ts";
import { cborMap, readArrayOf, readBytesOf, readUint } from "../schema.ts";
import type { MethodCodec } from "./method-codec.ts";

/** The audit tree sizes of two receipts. */
export interface AuditConsistencyParameters {
  readonly fromSize: number;
  readonly toSize: number;
}

/** An RFC 6962 consistency proof between the two. */
export interface AuditConsistencyResult {
  /** 32 bytes each. */
  readonly proof: readonly Bytes[];
}

const readProof = readArrayOf(readBytesOf(32));

/** `audit-consistency`: lets a device compare the roots of two receipts. */
export const auditConsistency: MethodCodec<AuditConsistencyParameters, AuditConsistencyResult> = {
  parameters: createMapCodec(
    (value) => cborMap([1, value.fromSize], [2, value.toSize]),
    (map) => ({
      fromSize: readUint(map.get(1), "audit-consistency.from-size"),
      toSize: readUint(map.get(2), "audit-consistency.to-size"),
    }),
  ),
  result: createMapCodec(
    (value) => cborMap([1, value.proof]),
    (map) => ({ proof: readProof(map.get(1), "audit-consistency.proof") }),
  ),
};
