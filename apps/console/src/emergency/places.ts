import type { Role } from "@siphms/api";
import { isFor, type PlaceName } from "../views/shell/places.ts";

const LOOKING: readonly PlaceName[] = ["worklist", "alerts", "patient", "evidence"];

/** Whether a page only looks, and is for somebody in this role: emergency mode serves nothing else. */
export function isThereInEmergency(name: PlaceName, role: Role): boolean {
  return LOOKING.includes(name) && isFor(name, role);
}
