import type { ApiSample } from "@siphms/api";
import type { Mark } from "@siphms/web-kit";

/** What is to be said of a sample before anything else, of what there may be: that it is held, that it was, that it was late. */
export function markOf({ state, origin, decision }: ApiSample): Mark | undefined {
  if (state === "quarantined") return "quarantined";
  if (decision?.kind === "released") return "released";
  if (state === "late") return "late";
  return origin === "sensor" ? undefined : origin;
}
