const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The lengths of time that one button shows; all is from the first value on. */
export const PRESETS = {
  "1h": HOUR_MS,
  "6h": 6 * HOUR_MS,
  "24h": DAY_MS,
  "7d": 7 * DAY_MS,
  "30d": 30 * DAY_MS,
  all: undefined,
} as const;

/** Name of one of {@link PRESETS}. */
export type Preset = keyof typeof PRESETS;

/** A part of time, ms. */
export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** The part of time that the charts show. */
export type TimeView =
  /** Everything up to now. */
  | { readonly kind: "all" }
  /** Goes with the patient's clinical time. */
  | { readonly kind: "newest"; readonly spanMs: number }
  /** Stands still. */
  | ({ readonly kind: "fixed" } & TimeSpan);

/** Shorter than this there is nothing more to see. */
export const SHORTEST_MS = MINUTE_MS;
/** Longer than this nobody was ever watched. */
export const LONGEST_MS = 30 * 366 * DAY_MS;

/** The view that a button asks for. */
export function presetView(preset: Preset): TimeView {
  const spanMs = PRESETS[preset];
  return spanMs === undefined ? { kind: "all" } : { kind: "newest", spanMs };
}

/** The button that fits a view, if one does. */
export function presetOf(view: TimeView): Preset | undefined {
  if (view.kind === "all") return "all";
  if (view.kind === "fixed") return undefined;
  return (Object.keys(PRESETS) as Preset[]).find((name) => PRESETS[name] === view.spanMs);
}

/** Where a view lies at an instant. @param earliest - Of the first value, ms; where it is known. */
export function spanOf(view: TimeView, now: number, earliest: number | undefined): TimeSpan {
  if (view.kind === "fixed") return { from: view.from, to: view.to };
  if (view.kind === "newest") return { from: now - view.spanMs, to: now };
  return { from: Math.min(earliest ?? now - DAY_MS, now - HOUR_MS), to: now };
}

/** Moves what is shown by a share of its length, into the past where that is negative; never beyond now. */
export function panned({ from, to }: TimeSpan, share: number, now: number): TimeView {
  const length = to - from;
  const end = to + share * length;
  return end >= now ? { kind: "newest", spanMs: length } : fixed(end - length, end);
}

/**
 * Shows more or less time.
 *
 * @param factor - Above 1 shows more.
 * @param at - The instant that keeps its place, ms.
 */
export function zoomed(
  { from, to }: TimeSpan,
  { factor, at }: { readonly factor: number; readonly at: number },
  now: number,
): TimeView {
  const length = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (to - from) * factor));
  const share = (at - from) / (to - from);
  const end = at + (1 - share) * length;
  return end >= now ? { kind: "newest", spanMs: length } : fixed(end - length, end);
}

/** The day that somebody chose, in their own time zone; nothing for what is no day or lies ahead. */
export function dayView(isoDate: string, now: number): TimeView | undefined {
  const from = Date.parse(`${isoDate}T00:00:00`);
  if (!Number.isFinite(from) || from < 0 || from > now) return undefined;
  const next = new Date(from);
  next.setDate(next.getDate() + 1);
  return fixed(from, next.getTime());
}

function fixed(from: number, to: number): TimeView {
  const length = to - from;
  const begin = Math.max(0, Math.round(from));
  return { kind: "fixed", from: begin, to: begin + Math.round(length) };
}
