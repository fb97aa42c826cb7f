import type { SensorSeries } from "@siphms/gatt";
import { describe, expect, it } from "vitest";
import { type Board, boardAfter, boardOf, EMPTY_BOARD, type SensorCard } from "./board.ts";
import type { SensorEvent } from "./events.ts";

const NOW = 1_800_000_000_000;

function after(...events: readonly SensorEvent[]): Board {
  return events.reduce(boardAfter, EMPTY_BOARD);
}

function card(board: Board, id = "strap"): SensorCard {
  const found = board.cards.find((one) => one.id === id);
  if (found === undefined) throw new Error("no such card");
  return found;
}

function reading(series: Partial<SensorSeries> = {}, isEstimated = false): SensorEvent {
  const whole = { kind: 1, start: NOW, step: 0, values: [70], origin: 0, ...series } as const;
  const time = { at: NOW, source: "arrival", isEstimated } as const;
  return { kind: "reading", sensor: "strap", series: [whole], time };
}

const MEASURING: SensorEvent = {
  kind: "state",
  sensor: "strap",
  state: { kind: "measuring", types: ["heart-rate"] },
};
const LOST: SensorEvent = {
  kind: "state",
  sensor: "strap",
  state: { kind: "lost", retryAt: NOW, reason: "disconnected" },
};

describe("the board of the sensors", () => {
  it("shows the newest value of each kind", () => {
    const board = after(
      reading(),
      reading({ values: [71], start: NOW + 1 }),
      reading({ kind: 11 }),
    );
    expect(card(board).values).toEqual([
      { kind: 11, at: NOW, value: 70, isEstimated: false },
      { kind: 1, at: NOW + 1, value: 71, isEstimated: false },
    ]);
  });

  it("shows no intervals between beats: nobody reads them", () => {
    expect(card(after(reading({ kind: 8, values: [833] }))).values).toEqual([]);
  });

  it("says that a time is an estimate", () => {
    expect(card(after(reading({}, true))).values[0]?.isEstimated).toBe(true);
  });

  it("draws the first kind alone, in the order of times, and not without end", () => {
    const late = reading({ start: NOW - 1, values: [60] });
    const board = after(reading(), reading({ kind: 3, values: [970] }), late);
    expect(card(board).curve).toEqual([
      { at: NOW - 1, value: 60 },
      { at: NOW, value: 70 },
    ]);
    let long = EMPTY_BOARD;
    for (let second = 0; second < 500; second++)
      long = boardAfter(long, reading({ start: NOW + second * 1_000 }));
    expect(card(long).curve).toHaveLength(180);
    expect(card(long).curve.at(-1)?.at).toBe(NOW + 499_000);
  });

  it("keeps what a sensor measures while it is away, and what it said of the skin no longer", () => {
    const contact: SensorEvent = { kind: "contact", sensor: "strap", contact: "present" };
    const board = after(MEASURING, contact, reading(), LOST);
    expect(card(board)).toMatchObject({ types: ["heart-rate"], state: { kind: "lost" } });
    expect(card(board).values).toHaveLength(1);
    expect(card(board).contact).toBeUndefined();
  });

  it("shows a cuff's pressure only until its measurement has come, or nothing will", () => {
    const progress = { type: "cuff-pressure" } as Extract<
      SensorEvent,
      { kind: "progress" }
    >["progress"];
    const inflating: SensorEvent = { kind: "progress", sensor: "strap", progress };
    expect(card(after(inflating)).progress).toBe(progress);
    const ends: readonly SensorEvent[] = [
      reading(),
      LOST,
      { kind: "repeated", sensor: "strap" },
      {
        kind: "withheld",
        sensor: "strap",
        withheld: [{ kind: 2, reason: "no-value" }],
        time: { at: NOW, source: "arrival", isEstimated: false },
      },
    ];
    for (const end of ends) expect(card(after(inflating, end)).progress).toBeUndefined();
  });

  it("says why something was not taken, until a reading is", () => {
    const troubles: readonly SensorEvent[] = [
      {
        kind: "withheld",
        sensor: "strap",
        withheld: [{ kind: 2, reason: "other-user" }],
        time: { at: NOW, source: "arrival", isEstimated: false },
      },
      { kind: "malformed", sensor: "strap", characteristic: 0x2a37, code: "GATT_TOO_SHORT" },
      { kind: "not-taken", sensor: "strap" },
    ];
    const board = troubles.reduce(boardAfter, EMPTY_BOARD);
    expect(card(board)).toMatchObject({ isMalformed: true, isNotTaken: true });
    expect(card(board).withheld).toHaveLength(1);
    const cured = card(boardAfter(board, reading()));
    expect([cured.withheld, cured.isMalformed, cured.isNotTaken]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("knows battery, clock and stored values of each sensor by itself", () => {
    const board = after(
      { kind: "battery", sensor: "strap", percent: 87 },
      { kind: "clock", sensor: "meter", error: "unset" },
      { kind: "transfer", sensor: "meter", records: 12, outcome: "lost" },
    );
    expect(card(board)).toMatchObject({ batteryPercent: 87 });
    expect(card(board, "meter")).toMatchObject({
      clockError: "unset",
      transfer: { records: 12, outcome: "lost" },
    });
    expect(card(board, "meter").batteryPercent).toBeUndefined();
  });

  it("warns of readings that are not durable until they are", () => {
    const failed: SensorEvent = {
      kind: "save-failed",
      code: "STORE_FAILED",
      retryAt: NOW,
      waiting: 3,
    };
    expect(after(failed).trouble).toMatchObject({ code: "STORE_FAILED", waiting: 3 });
    expect(after(failed, { kind: "saved", samples: 3 }).trouble).toBeUndefined();
  });

  it("counts what could not be used", () => {
    const unusable: SensorEvent = { kind: "unusable", samples: 2 };
    expect(after(unusable, unusable).unusable).toBe(4);
  });

  it("is not altered by an event", () => {
    const board = after(MEASURING, reading());
    const before = JSON.stringify(board);
    boardAfter(board, reading({ values: [99] }));
    expect(JSON.stringify(board)).toBe(before);
  });

  it("has exactly the sensors that are remembered, in their order", () => {
    const board = after(MEASURING, { kind: "battery", sensor: "gone", percent: 1 });
    const stopped = { kind: "stopped" } as const;
    const shown = boardOf(board, [
      { id: "new", state: stopped },
      { id: "strap", state: stopped },
    ]);
    expect(shown.cards.map(({ id }) => id)).toEqual(["new", "strap"]);
    expect(card(shown).types).toEqual(["heart-rate"]);
  });
});
