import type { ApiAlert } from "@siphms/api";
import { isPressing, isUnacknowledged } from "../views/alerts/alert-order.ts";

/** Which alerts were heard already, each at its level: one that rises is heard anew. */
export type Heard = ReadonlySet<string>;

/** What is to be heard now, and what has been heard from then on. */
export interface Ringing {
  readonly ring: ApiAlert["level"] | undefined;
  readonly heard: Heard;
}

/** How often an urgent alert is heard again while nobody acknowledges it, ms. */
export const REPEAT_MS = 10_000;

/** Finds what is new among the open alerts; what is gone or acknowledged is forgotten, so that it is heard if it comes back. */
export function ringingFor(heard: Heard, open: readonly ApiAlert[]): Ringing {
  const waiting = open.filter(isUnacknowledged);
  const fresh = waiting.filter((alert) => !heard.has(keyOf(alert)));
  const ring = fresh.some(isPressing) ? "urgent" : fresh.length > 0 ? "warn" : undefined;
  return { ring, heard: new Set(waiting.map(keyOf)) };
}

function keyOf({ id, level }: ApiAlert): string {
  return `${id} ${level}`;
}
