import type { Bytes } from "@siphms/cose";
import { createMapCodec } from "../map-codec.ts";
import { cborMap, readBytes, readOptional } from "../schema.ts";
import type { MethodCodec } from "./method-codec.ts";

/** Which part of the export: the first without `next`, then as the last result said. */
export interface ExportParameters {
  readonly next?: Bytes;
}

/** One part of the patient's record, a FHIR R4 bundle as gzip NDJSON when joined. */
export interface ExportResult {
  readonly part: Bytes;
  /** Absent at the end. */
  readonly next?: Bytes;
}

/** `export`: the patient's whole record, part by part. */
export const exportRecord: MethodCodec<ExportParameters, ExportResult> = {
  parameters: createMapCodec(
    (value) => cborMap([1, value.next]),
    (map) => {
      const next = readOptional(map.get(1), "export.next", readBytes);
      return next === undefined ? {} : { next };
    },
  ),
  result: createMapCodec(
    (value) => cborMap([1, value.part], [2, value.next]),
    (map) => {
      const part = readBytes(map.get(1), "export.part");
      const next = readOptional(map.get(2), "export.next", readBytes);
      return next === undefined ? { part } : { part, next };
    },
  ),
};
