import type { SensorContact, SensorSeries } from "@siphms/gatt";
import { samples } from "@siphms/messages";
import type { Kind, WireValue } from "@siphms/vitals";
import type { SensorErrorCode } from "./bluetooth.ts";
import type { SaveTrouble, SensorEvent, SensorState, SensorType } from "./events.ts";

/** A value that a sensor has just given. */
export interface LiveValue {
  readonly kind: Kind;
  /** ms, by the corrected clock. */
  readonly at: number;
  readonly value: WireValue;
  readonly status?: number;
  /** Its time is the best guess there is. */
  readonly isEstimated: boolean;
}

/** One point of a small chart. */
export interface CurvePoint {
  readonly at: number;
  readonly value: number;
}

/** What is known of one sensor since the app was opened. */
export interface SensorCard {
  readonly id: string;
  readonly state: SensorState;
  /** What it measures, also while it is away. */
  readonly types: readonly SensorType[];
  readonly values: readonly LiveValue[];
  /** The last minutes of its first kind. */
  readonly curve: readonly CurvePoint[];
  readonly curveKind?: undefined | Kind;
  /** What a cuff or thermometer shows while it is still measuring. */
  readonly progress?: undefined | Extract<SensorEvent, { readonly kind: "progress" }>["progress"];
  readonly batteryPercent?: number;
  readonly contact?: undefined | SensorContact;
  /** How far its clock is wrong, ms; positive: fast. */
  readonly clockError?: number | "unset";
  readonly transfer?: Pick<
    Extract<SensorEvent, { readonly kind: "transfer" }>,
    "outcome" | "records"
  >;
  /** What it measured last that is no reading, and why. */
  readonly withheld?: undefined | Extract<SensorEvent, { readonly kind: "withheld" }>["withheld"];
  /** A value came that its characteristic does not allow. */
  readonly isMalformed?: undefined | boolean;
  /** No room: values were not taken in. */
  readonly isNotTaken?: undefined | boolean;
}

/** All that a screen shows of the sensors. A value: each event makes a new one. */
export interface Board {
  readonly cards: readonly SensorCard[];
  readonly search?: "searching" | "chosen" | SensorErrorCode;
  /** Readings that are not durable yet, and when the next try is. */
  readonly trouble?:
    | undefined
    | {
        readonly code: SaveTrouble;
        readonly retryAt: number;
        readonly waiting: number;
      };
  /** Samples that no item can hold. */
  readonly unusable: number;
}

/** A board without sensors. */
export const EMPTY_BOARD: Board = { cards: [], unusable: 0 };

const MAX_CURVE_POINTS = 180;
const RR_INTERVAL: Kind = 8;

/** What the board shows after an event. */
export function boardAfter(board: Board, event: SensorEvent): Board {
  if ("sensor" in event) return withCard(board, event.sensor, (card) => cardAfter(card, event));
  switch (event.kind) {
    case "search":
      return { ...board, search: event.state };
    case "save-failed":
      return { ...board, trouble: event };
    case "saved": {
      return { ...board, trouble: undefined };
    }
    case "unusable":
      return { ...board, unusable: board.unusable + event.samples };
  }
}

/** The board with exactly these sensors, in this order. */
export function boardOf(
  board: Board,
  sensors: readonly { readonly id: string; readonly state: SensorState }[],
): Board {
  const cards = sensors.map(({ id, state }) => {
    const known = board.cards.find((card) => card.id === id);
    return known ?? { ...newCard(id), state };
  });
  return { ...board, cards };
}

type OfSensor = Extract<SensorEvent, { readonly sensor: string }>;

function newCard(id: string): SensorCard {
  return { id, state: { kind: "stopped" }, types: [], values: [], curve: [] };
}

function withCard(board: Board, id: string, edit: (card: SensorCard) => SensorCard): Board {
  const isKnown = board.cards.some((card) => card.id === id);
  const cards = isKnown ? board.cards : [...board.cards, newCard(id)];
  return { ...board, cards: cards.map((card) => (card.id === id ? edit(card) : card)) };
}

function cardAfter(card: SensorCard, event: OfSensor): SensorCard {
  switch (event.kind) {
    case "state":
      return withState(card, event.state);
    case "reading":
      return withReading(card, event);
    case "progress":
      return { ...card, progress: event.progress };
    case "withheld":
      return { ...card, progress: undefined, withheld: event.withheld };
    case "malformed":
      return { ...card, isMalformed: true };
    case "repeated":
      return { ...card, progress: undefined };
    case "not-taken":
      return { ...card, isNotTaken: true };
    case "battery":
      return { ...card, batteryPercent: event.percent };
    case "contact":
      return { ...card, contact: event.contact };
    case "clock":
      return { ...card, clockError: event.error };
    case "transfer":
      return { ...card, transfer: { records: event.records, outcome: event.outcome } };
  }
}

function withState(card: SensorCard, state: SensorState): SensorCard {
  if (state.kind === "measuring") return { ...card, state, types: state.types };
  // What was said of the skin or of a running measurement is not true any more.
  return { ...card, state, contact: undefined, progress: undefined };
}

function withReading(
  card: SensorCard,
  { series, time }: Extract<SensorEvent, { readonly kind: "reading" }>,
): SensorCard {
  const shown = series.filter(({ kind }) => kind !== RR_INTERVAL);
  const values = shown.flatMap((one) => lastOf(one, time.isEstimated));
  const kept = card.values.filter(({ kind }) => !values.some((one) => one.kind === kind));
  return {
    ...card,
    values: [...values, ...kept],
    ...curveAfter(card, shown),
    progress: undefined,
    withheld: undefined,
    isMalformed: undefined,
    isNotTaken: undefined,
  };
}

function lastOf(series: SensorSeries, isEstimated: boolean): readonly LiveValue[] {
  const last = [...samples(series)].at(-1);
  if (last === undefined) return [];
  const { at, value, status } = last;
  const { kind } = series;
  return [{ kind, at, value, isEstimated, ...(status === undefined ? {} : { status }) }];
}

function curveAfter(
  { curve, curveKind }: SensorCard,
  series: readonly SensorSeries[],
): Pick<SensorCard, "curve" | "curveKind"> {
  const kind = curveKind ?? series[0]?.kind;
  if (kind === undefined) return { curve };
  const points = series
    .filter((one) => one.kind === kind)
    .flatMap((one) => [...samples(one)])
    .map(({ at, value }) => ({ at, value: typeof value === "number" ? value : (value[0] ?? 0) }));
  // Stored records of a meter may come after newer ones.
  const all = [...curve, ...points].sort((a, b) => a.at - b.at);
  return { curve: all.slice(-MAX_CURVE_POINTS), curveKind: kind };
}
