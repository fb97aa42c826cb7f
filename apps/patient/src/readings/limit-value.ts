import type { Kind } from "@siphms/vitals";
import type { Formats } from "./format.ts";

/** A limit in the person's unit; for a blood pressure one number, since each part has its own limit. */
export function limitValue(formats: Formats, kind: Kind, wire: number): string {
  return kind === 2 ? formats.integer(wire) : formats.value(kind, wire);
}
