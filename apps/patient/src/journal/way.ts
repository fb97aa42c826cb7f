import type { DeviceErrorCode, DeviceStatus, KeptReason, OutboxItem } from "@siphms/device";
import type { TrailEntry, TrailReceipt } from "./trail.ts";

/** The stations of an item, in their order. */
export type StationName = "measured" | "signed" | "queued" | "at-gateway" | "stored" | "informed";

/** One station: passed, being waited for, still to come, or where the item was stopped. */
export interface Station {
  readonly name: StationName;
  readonly state: "done" | "now" | "ahead" | "stopped";
  /** ms; absent where nobody noted it. */
  readonly at?: number;
  /** The gateway handed it to the hospital within its answer: there was no time to note. */
  readonly isPassedOn?: true;
}

/** Why an item does not go on, and when it will. */
export type Hold =
  | { readonly kind: "kept"; readonly reason: KeptReason; readonly receiptReason?: string }
  | { readonly kind: "unconfirmed-device" }
  | {
      readonly kind: "no-connection";
      readonly code?: DeviceErrorCode;
      readonly nextTryAt?: number;
      readonly needsAttention: boolean;
    };

/** The way of one item. */
export interface Way {
  readonly stations: readonly Station[];
  readonly hold?: Hold;
  readonly informed: readonly string[];
  /** Its samples in quarantine, and why, where the hospital said so. */
  readonly held: number;
  readonly heldReason?: string;
}

/** What of the device's status matters to an item's way. */
export type WayStatus = Pick<
  DeviceStatus,
  "connection" | "lastError" | "needsAttention" | "nextTryAt" | "state"
>;

const ORDER: readonly StationName[] = [
  "measured",
  "signed",
  "queued",
  "at-gateway",
  "stored",
  "informed",
];
/** How many stations are behind an item in each state. */
const PASSED: Readonly<Record<TrailEntry["state"], number>> = {
  queued: 3,
  kept: 3,
  "at-gateway": 4,
  stored: 6,
};

/**
 * Says where an item is.
 *
 * @param item - The same item in the outbox, which knows better than the trail; absent once it was confirmed.
 */
export function wayOf(entry: TrailEntry, item: OutboxItem | undefined, status: WayStatus): Way {
  const now = { ...entry, state: stateOf(entry, item) };
  const { receipt } = entry;
  const hold = holdOf(now, item, status);
  return {
    stations: stationsOf(now),
    ...(hold === undefined ? {} : { hold }),
    informed: receipt?.informed ?? [],
    held: receipt?.held ?? 0,
    ...heldReasonOf(receipt),
  };
}

function stationsOf(entry: TrailEntry): readonly Station[] {
  const { state, receipt } = entry;
  // Nobody is on whose list it could be: then it ends at the hospital.
  const endsThere = state === "stored" && (receipt?.informed.length ?? 0) === 0;
  const times = timesOf(entry);
  return ORDER.slice(0, endsThere ? -1 : undefined).map((name, index): Station => {
    const at = times[name];
    if (index < PASSED[state]) return passed(name, at, receipt !== undefined);
    if (index > PASSED[state]) return { name, state: "ahead" };
    return { name, state: state === "kept" ? "stopped" : "now" };
  });
}

function passed(name: StationName, at: number | undefined, isReceipted: boolean): Station {
  if (at !== undefined) return { name, state: "done", at };
  const isPassedOn = name === "at-gateway" && isReceipted;
  return { name, state: "done", ...(isPassedOn ? { isPassedOn } : {}) };
}

function heldReasonOf(receipt: TrailReceipt | undefined): Pick<Way, "heldReason"> {
  const reason = receipt?.lastHeld.find((one) => one !== null && one !== "") ?? receipt?.reason;
  return reason === undefined ? {} : { heldReason: reason };
}

function stateOf(entry: TrailEntry, item: OutboxItem | undefined): TrailEntry["state"] {
  if (item === undefined) return entry.state;
  return item.state === "sealed" ? "queued" : item.state;
}

function timesOf(entry: TrailEntry): Partial<Record<StationName, number>> {
  const ends = entry.series?.map(({ end }) => end) ?? [];
  const { created, atGatewayAt, receipt } = entry;
  return {
    ...(ends.length === 0 ? {} : { measured: Math.max(...ends) }),
    signed: created,
    queued: created,
    ...(atGatewayAt === undefined ? {} : { "at-gateway": atGatewayAt }),
    ...(receipt === undefined ? {} : { stored: receipt.stored, informed: receipt.stored }),
  };
}

function holdOf(
  entry: TrailEntry,
  item: OutboxItem | undefined,
  status: WayStatus,
): Hold | undefined {
  if (entry.state === "stored") return undefined;
  if (entry.state === "kept") return keptOf(entry, item);
  if (status.state !== "active") return { kind: "unconfirmed-device" };
  if (status.connection === "open") return undefined;
  const { lastError, nextTryAt, needsAttention } = status;
  return {
    kind: "no-connection",
    ...(lastError === undefined ? {} : { code: lastError.code }),
    ...(nextTryAt === undefined ? {} : { nextTryAt }),
    needsAttention,
  };
}

function keptOf(entry: TrailEntry, item: OutboxItem | undefined): Hold {
  const reason = item?.keptReason ?? entry.keptReason ?? "no-answer";
  const receiptReason = item?.receiptReason ?? entry.receipt?.reason;
  return { kind: "kept", reason, ...(receiptReason === undefined ? {} : { receiptReason }) };
}
