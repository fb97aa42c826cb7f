import { isKind, isOrigin, isWireValue } from "@siphms/vitals";
import type { TrailSeries } from "./item-series.ts";
import type { LatestValue, Trail, TrailEntry, TrailReceipt } from "./trail.ts";

/** The bytes of a trail, to be sealed. */
export function encodeTrail(trail: Trail): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(trail));
}

/** Reads a trail; `undefined` for bytes of any other form. What it holds was sealed by this app, so the form is all there is to check. */
export function parseTrail(bytes: Uint8Array): Trail | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    // Neither text nor JSON: the same as any other form.
    return undefined;
  }
  return isTrail(value) ? value : undefined;
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => Number.isSafeInteger(value);
const isAbsentOr =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const isOneOf =
  (...words: readonly unknown[]): Check =>
  (value) =>
    words.includes(value);

function hasForm(value: unknown, form: Readonly<Record<string, Check>>): boolean {
  if (typeof value !== "object" || value === null) return false;
  const members: ReadonlyMap<string, unknown> = new Map(Object.entries(value));
  return Object.entries(form).every(([name, check]) => check(members.get(name)));
}

function isTrail(value: unknown): value is Trail {
  return hasForm(value, { entries: isListOf(isEntry), latest: isListOf(isLatest) });
}

function isEntry(value: unknown): value is TrailEntry {
  return hasForm(value, {
    id: isText,
    created: isNumber,
    samples: isNumber,
    series: isAbsentOr(isListOf(isSeries)),
    state: isOneOf("queued", "at-gateway", "stored", "kept"),
    atGatewayAt: isAbsentOr(isNumber),
    keptAt: isAbsentOr(isNumber),
    keptReason: isAbsentOr(isText),
    receipt: isAbsentOr(isReceipt),
  });
}

function isSeries(value: unknown): value is TrailSeries {
  return (
    hasForm(value, {
      kind: isKind,
      origin: isOrigin,
      count: isNumber,
      start: isNumber,
      end: isNumber,
      lastStatus: isAbsentOr(isNumber),
      low: isAbsentOr(isNumber),
      high: isAbsentOr(isNumber),
    }) && hasValueOfKind(value, "last")
  );
}

function isLatest(value: unknown): value is LatestValue {
  const form = {
    kind: isKind,
    at: isNumber,
    origin: isOrigin,
    id: isText,
    held: isAbsentOr(isText),
  };
  return hasForm(value, form) && hasValueOfKind(value, "value");
}

function isReceipt(value: unknown): value is TrailReceipt {
  return hasForm(value, {
    outcome: isOneOf(0, 1, 2, 3),
    received: isNumber,
    stored: isNumber,
    informed: isListOf(isText),
    reason: isAbsentOr(isText),
    name: isText,
    held: isNumber,
    lastHeld: isListOf((one) => one === null || isText(one)),
  });
}

function hasValueOfKind(value: unknown, member: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  const members: ReadonlyMap<string, unknown> = new Map(Object.entries(value));
  const kind = members.get("kind");
  return isKind(kind) && isWireValue(kind, members.get(member));
}
