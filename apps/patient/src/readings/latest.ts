import type { LatestValue } from "../journal/index.ts";
import type { SensorCard } from "../sensors/board.ts";
import { judge, type Kind } from "@siphms/vitals";

/** A newest value; without an id it has come from a sensor this moment and is not signed yet. */
export type ShownLatest = Omit<LatestValue, "id"> & { readonly id?: string };

/** The order in which kinds are shown: what the ward looks at first. */
const ORDER: readonly Kind[] = [1, 2, 3, 4, 5, 6, 7, 11, 10, 9];
/** What a sensor gives by the second looks old soon; what is measured on purpose, after a day. */
const BY_THE_SECOND: ReadonlySet<Kind> = new Set<Kind>([1, 3, 4, 8, 11]);
const SECONDS_STALE_MS = 5 * 60_000;
const DAY_STALE_MS = 24 * 3_600_000;

/** The newest value of each kind, out of what was sent and what the sensors say now. */
export function latestShown(
  sent: readonly LatestValue[],
  cards: readonly SensorCard[],
): readonly ShownLatest[] {
  const live = cards.flatMap(({ values }) => values).map(liveOf);
  return ORDER.flatMap((kind) => {
    const ofKind = [...sent, ...live].filter((one) => one.kind === kind);
    return ofKind.toSorted((a, b) => b.at - a.at).slice(0, 1);
  });
}

/** True for what is measured on purpose and not by the second. */
export function isOnPurpose(kind: Kind): boolean {
  return !BY_THE_SECOND.has(kind);
}

/** True for a value that must not look live any more. */
export function isStale(kind: Kind, ageMs: number): boolean {
  return ageMs > (BY_THE_SECOND.has(kind) ? SECONDS_STALE_MS : DAY_STALE_MS);
}

function liveOf({ kind, at, value, status }: SensorCard["values"][number]): ShownLatest {
  const judgement = judge(kind, value, status);
  const held = judgement.verdict === "implausible" ? { held: judgement.reason } : {};
  return { kind, at, value, origin: 0, ...held };
}
