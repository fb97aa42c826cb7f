import { toHex } from "@siphms/cose";
import type { KeptReason, OutboxItem } from "@siphms/device";
import { messageIdTime, type Receipt } from "@siphms/messages";
import { judge, type Kind, type Origin, type WireValue } from "@siphms/vitals";
import type { TrailSeries } from "./item-series.ts";

/** What a verified receipt said, as far as a screen shows it. */
export interface TrailReceipt {
  readonly outcome: Receipt["outcome"];
  /** ms, the hospital's clock. */
  readonly received: number;
  /** ms, the hospital's clock. */
  readonly stored: number;
  readonly informed: readonly string[];
  readonly reason?: string;
  /** SHA-256 of the signed text, in hexadecimal: the item's name. */
  readonly name: string;
  /** Samples in quarantine. */
  readonly held: number;
  /** For each series why its last sample stands in quarantine; `null` where it does not. */
  readonly lastHeld: readonly (string | null)[];
}

/** One item on its way from the sensor to the doctor. */
export interface TrailEntry {
  /** The message-id in hexadecimal. */
  readonly id: string;
  /** When it was signed and queued, ms. */
  readonly created: number;
  readonly samples: number;
  /** What was measured; absent where the app ended before it could be noted. */
  readonly series?: readonly TrailSeries[];
  readonly state: "queued" | "at-gateway" | "stored" | "kept";
  readonly atGatewayAt?: number;
  readonly keptAt?: number;
  readonly keptReason?: KeptReason;
  /** Absent in state `stored` where the receipt came while nobody noted it. */
  readonly receipt?: TrailReceipt;
}

/** The newest value of one kind that this phone has sent. */
export interface LatestValue {
  readonly kind: Kind;
  readonly at: number;
  readonly value: WireValue;
  readonly origin: Origin;
  /** Its item. */
  readonly id: string;
  /** Why it is no vital sign: found here at once, or told by the receipt. */
  readonly held?: string;
}

/** The trail of the newest items, oldest first, and the newest value of each kind. A value: each change makes a new one. */
export interface Trail {
  readonly entries: readonly TrailEntry[];
  readonly latest: readonly LatestValue[];
}

/** A trail of nothing. */
export const EMPTY_TRAIL: Trail = { entries: [], latest: [] };

/** So many items are remembered, and beyond them those that hold a newest value. */
export const MAX_ENTRIES = 200;

/** Notes an item that was signed and stored; one that is known already stays as it is. */
export function withRecorded(
  trail: Trail,
  item: { readonly messageId: OutboxItem["messageId"]; readonly samples: number },
): Trail {
  const id = toHex(item.messageId);
  if (trail.entries.some((entry) => entry.id === id)) return trail;
  const created = messageIdTime(item.messageId);
  const entry: TrailEntry = { id, created, samples: item.samples, state: "queued" };
  return bounded({ ...trail, entries: [...trail.entries, entry] });
}

/**
 * Notes what an item holds, and its values among the newest where they are.
 *
 * @param now - By the corrected clock, ms: a value that claims to come from later than this does not keep others away.
 */
export function withContent(
  trail: Trail,
  { id, series }: { readonly id: string; readonly series: readonly TrailSeries[] },
  now: number,
): Trail {
  const described = change(trail, id, (entry) => ({ ...entry, series }));
  let { latest } = described;
  for (const { kind, origin, end, last, lastStatus } of series) {
    const before = latest.find((one) => one.kind === kind);
    if (before !== undefined && before.at > end && before.at <= now) continue;
    const judgement = judge(kind, last, lastStatus);
    const held = judgement.verdict === "implausible" ? { held: judgement.reason } : {};
    const value: LatestValue = { kind, at: end, value: last, origin, id, ...held };
    latest = [...latest.filter((one) => one.kind !== kind), value];
  }
  return { ...described, latest };
}

/** Notes that the gateway has an item; after the receipt it changes nothing. */
export function withAtGateway(trail: Trail, id: string, at: number): Trail {
  return change(trail, id, (entry) =>
    entry.state === "stored" ? entry : { ...entry, state: "at-gateway", atGatewayAt: at },
  );
}

/** Notes the hospital's word on an item, and which newest values it put into quarantine. */
export function withReceipt(trail: Trail, id: string, receipt: Receipt): Trail {
  const entry = trail.entries.find((one) => one.id === id);
  if (entry === undefined) return trail;
  const noted = notedReceipt(entry, receipt);
  const changed = change(trail, id, () => ({ ...entry, state: "stored", receipt: noted }));
  const latest = trail.latest.map((one): LatestValue => {
    const place = one.id === id ? entry.series?.findIndex(({ kind }) => kind === one.kind) : -1;
    const held = noted.lastHeld[place ?? -1];
    return held === undefined || held === null ? one : { ...one, held };
  });
  return { ...changed, latest };
}

/** Notes that an item was not delivered, and why; a refusal comes with its receipt. */
export function withKept(
  trail: Trail,
  id: string,
  kept: { readonly at: number; readonly reason: KeptReason; readonly receipt?: Receipt },
): Trail {
  return change(trail, id, (entry) => ({
    ...entry,
    state: "kept",
    keptAt: kept.at,
    keptReason: kept.reason,
    ...(kept.receipt === undefined ? {} : { receipt: notedReceipt(entry, kept.receipt) }),
  }));
}

/**
 * Brings a trail up to what the outbox holds, after events were lost: the app ended between the device's store and this.
 *
 * An item that is gone from the outbox was confirmed: nothing else takes one out.
 */
export function reconciled(trail: Trail, items: readonly OutboxItem[]): Trail {
  const known = items.reduce(withRecorded, trail);
  const waiting = new Map(items.map((item) => [toHex(item.messageId), item]));
  const entries = known.entries.map((entry): TrailEntry => {
    const item = waiting.get(entry.id);
    if (item === undefined) return entry.state === "stored" ? entry : { ...entry, state: "stored" };
    if (item.state === "kept") {
      const reason = item.keptReason === undefined ? {} : { keptReason: item.keptReason };
      return { ...entry, state: "kept", ...reason };
    }
    return { ...entry, state: item.state === "at-gateway" ? "at-gateway" : "queued" };
  });
  return { ...known, entries };
}

function change(trail: Trail, id: string, edit: (entry: TrailEntry) => TrailEntry): Trail {
  return { ...trail, entries: trail.entries.map((one) => (one.id === id ? edit(one) : one)) };
}

/** By the order in which items came, never by their times: a clock that was set back must not throw out the new ones. */
function bounded(trail: Trail): Trail {
  const excess = trail.entries.length - MAX_ENTRIES;
  if (excess <= 0) return trail;
  const shown = new Set(trail.latest.map(({ id }) => id));
  const entries = trail.entries.filter(
    ({ id }, index) => index >= excess || (shown.has(id) && index < MAX_ENTRIES),
  );
  return { ...trail, entries };
}

function notedReceipt({ series = [], samples }: TrailEntry, receipt: Receipt): TrailReceipt {
  const { outcome, received, stored, informed = [], reason, quarantined = [], name } = receipt;
  const isWhole = outcome === 2;
  const lastHeld = series.map(({ count }: TrailSeries, index): string | null => {
    const found = quarantined.find(([of, at]) => of === index && at === count - 1);
    return found?.[2] ?? (isWhole ? (reason ?? "") : null);
  });
  return {
    outcome,
    received,
    stored,
    informed,
    ...(reason === undefined ? {} : { reason }),
    name: toHex(name),
    held: isWhole ? samples : quarantined.length,
    lastHeld,
  };
}
