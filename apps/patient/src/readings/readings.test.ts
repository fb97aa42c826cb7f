import { DeviceError } from "@siphms/device";
import { type HistoryParameters, type HistoryResult, NOTICES, type Notice } from "@siphms/messages";
import type { Kind } from "@siphms/vitals";
import { describe, expect, it, vi } from "vitest";
import type { LatestValue, TrailEntry } from "../journal/index.ts";
import type { SensorCard } from "../sensors/board.ts";
import { Answer } from "./answer.ts";
import { heldSamples } from "./held-samples.ts";
import { readHistory, shownWindow } from "./history.ts";
import { isStale, latestShown } from "./latest.ts";
import { plotPoints, type ShownSample } from "./plot-points.ts";
import { seriesOf } from "./series-of.ts";
import { toMeasure } from "./to-measure.ts";

const NOW = Date.UTC(2026, 2, 1, 12);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const METRIC = { temperature: "celsius", glucose: "mmol/L" } as const;

function latestOf(kind: Kind, at: number): LatestValue {
  return { kind, at, value: kind === 2 ? [120, 80, null] : 70, origin: 0, id: "01" };
}

describe("series to record", () => {
  it("hold each kind in the order of its times, with its origin", () => {
    const values = [
      { at: 30, kind: 1 as const, value: 73 },
      { at: 10, kind: 1 as const, value: 71 },
      { at: 20, kind: 6 as const, value: 980 },
    ];
    expect(seriesOf(values, 2)).toEqual([
      { kind: 1, start: 10, deltas: [0, 20], values: [71, 73], origin: 2 },
      { kind: 6, start: 20, deltas: [0], values: [980], origin: 2 },
    ]);
    expect(values[0]?.at).toBe(30);
  });

  it("are none of nothing", () => {
    expect(seriesOf([], 1)).toEqual([]);
  });
});

describe("the points of a chart", () => {
  function sampleAt(at: number, change: Partial<ShownSample> = {}): ShownSample {
    return { kind: 1, at, value: 70, origin: 0, ...change };
  }

  it("say what is held, whatever it came from", () => {
    const points = plotPoints([sampleAt(0), sampleAt(1, { held: "clock", origin: 1 })], METRIC);
    expect(points.map(({ mark }) => mark)).toEqual([undefined, "quarantined"]);
  });

  it("say what was typed in and what was imported, and nothing of a sensor's", () => {
    const samples = [sampleAt(0), sampleAt(1, { origin: 1 }), sampleAt(2, { origin: 2 })];
    const marks = plotPoints(samples, METRIC).map(({ mark }) => mark);
    expect(marks).toEqual([undefined, "typed", "imported"]);
  });

  it("are in the person's own units", () => {
    const wanted = { ...METRIC, temperature: "fahrenheit" } as const;
    const [point] = plotPoints([sampleAt(0, { kind: 5, value: 3700 })], wanted);
    expect(point?.value).toBeCloseTo(98.6);
  });
});

describe("the newest values on a screen", () => {
  const card: SensorCard = {
    id: "strap",
    state: { kind: "measuring", types: ["heart-rate"] },
    types: ["heart-rate"],
    values: [{ kind: 1, at: NOW, value: 0, isEstimated: false }],
    curve: [],
  };

  it("are a sensor's, where it is newer than what was signed; without an item", () => {
    expect(latestShown([latestOf(1, NOW - 1), latestOf(2, NOW - DAY)], [card])).toEqual([
      { kind: 1, at: NOW, value: 0, origin: 0, held: "no-signal" },
      latestOf(2, NOW - DAY),
    ]);
  });

  it("are what was signed, where that is newer", () => {
    expect(latestShown([latestOf(1, NOW + 1)], [card])).toEqual([latestOf(1, NOW + 1)]);
  });

  it("grow old in minutes where they come by the second, in a day where they are measured on purpose", () => {
    expect(isStale(1, 4 * 60_000)).toBe(false);
    expect(isStale(1, 6 * 60_000)).toBe(true);
    expect(isStale(2, 23 * HOUR)).toBe(false);
    expect(isStale(2, 25 * HOUR)).toBe(true);
  });
});

describe("what to measure next", () => {
  function ask(body: { kinds?: readonly Kind[]; until?: number }, created = NOW - HOUR): Notice {
    const encoded = NOTICES["measure-now"].encode(body);
    return { messageId: new Uint8Array(16), created, kind: "measure-now", body: encoded };
  }

  it("is what the hospital asked for and nobody has measured since", () => {
    const notices = [ask({ kinds: [2, 6], until: NOW + HOUR })];
    expect(toMeasure(notices, [latestOf(2, NOW - 1)], NOW)).toEqual([
      { kind: 6, reason: "asked", until: NOW + HOUR },
    ]);
  });

  it("is anything where the hospital names nothing", () => {
    expect(toMeasure([ask({})], [], NOW)).toEqual([{ kind: undefined, reason: "asked" }]);
  });

  it("is still asked for where the measurement was held", () => {
    const held = { ...latestOf(2, NOW - 1), held: "out-of-range" };
    expect(toMeasure([ask({ kinds: [2] })], [held], NOW)).toHaveLength(1);
  });

  it("is nothing that was asked for until a time that is over", () => {
    expect(toMeasure([ask({ kinds: [2], until: NOW - 1 })], [], NOW)).toEqual([]);
  });

  it("is what was measured on purpose on another day, but neither a pulse nor what was given up", () => {
    const latest = [
      latestOf(2, NOW - 2 * DAY),
      latestOf(1, NOW - 2 * DAY),
      latestOf(7, NOW - 30 * DAY),
    ];
    expect(toMeasure([], latest, NOW)).toEqual([{ kind: 2, reason: "day-old" }]);
  });

  it("is named once, by its better reason", () => {
    expect(toMeasure([ask({ kinds: [2] })], [latestOf(2, NOW - 2 * DAY)], NOW)).toEqual([
      { kind: 2, reason: "asked" },
    ]);
  });

  it("is nothing where other notices came", () => {
    const text: Notice = {
      ...ask({}),
      kind: "message",
      body: NOTICES.message.encode({ text: "x" }),
    };
    expect(toMeasure([text], [], NOW)).toEqual([]);
  });
});

describe("the history", () => {
  /** A hospital with samples of kind 1 at these times, a thousand in an answer. */
  function hospital(times: readonly number[]) {
    const asked: HistoryParameters[] = [];
    const ask = (parameters: HistoryParameters): Promise<HistoryResult> => {
      asked.push(parameters);
      if (parameters.kinds?.includes(1) !== true) return Promise.resolve({ series: [] });
      const found = times.filter((at) => at >= parameters.from && at < parameters.to);
      const page = found.slice(0, 1_000);
      const [start] = page;
      if (start === undefined) return Promise.resolve({ series: [] });
      const deltas = page.map((at, index) => at - (page[index - 1] ?? at));
      const series = [
        { kind: 1 as const, start, deltas, values: page.map(() => 70), origin: 0 as const },
      ];
      const next = found[1_000];
      return Promise.resolve(next === undefined ? { series } : { series, nextFrom: next });
    };
    return { ask, asked };
  }

  it("is found whole with few questions where there is little", async () => {
    const times = [NOW - 20 * DAY, NOW - 3 * DAY, NOW - HOUR / 2];
    const { ask, asked } = hospital(times);
    const history = await readHistory(ask, "month", NOW);
    expect(history.samples.map(({ at }) => at)).toEqual(times);
    expect(history).not.toHaveProperty("cutBefore");
    expect(asked.length).toBeLessThan(20);
  });

  it("asks for each moment once", async () => {
    const { ask, asked } = hospital([]);
    await readHistory(ask, "week", NOW);
    const ofOne = asked.filter(({ kinds }) => kinds?.includes(1)).reverse();
    expect(ofOne[0]?.from).toBe(NOW - 7 * DAY);
    expect(ofOne.slice(1).every(({ from }, index) => from === ofOne[index]?.to)).toBe(true);
  });

  it("gives the newest where there is too much, and says from when", async () => {
    const times = Array.from({ length: 86_400 }, (_, second) => NOW - DAY + second * 1_000);
    const { ask, asked } = hospital(times);
    const { samples, cutBefore } = await readHistory(ask, "day", NOW);
    expect(samples.at(-1)?.at).toBe(times.at(-1));
    expect(samples[0]?.at).toBe(cutBefore);
    expect(samples.length).toBeGreaterThan(10_000);
    expect(asked.length).toBeLessThan(40);
  });

  it("ends although the hospital names the same place to go on again and again", async () => {
    const ask = (parameters: HistoryParameters): Promise<HistoryResult> =>
      Promise.resolve({ series: [], nextFrom: parameters.from });
    expect(await readHistory(ask, "day", NOW)).toEqual({ samples: [] });
  });

  it("fails as the question does", async () => {
    const ask = () => Promise.reject(new DeviceError("REQUEST_UNANSWERED", "no answer"));
    await expect(readHistory(ask, "day", NOW)).rejects.toMatchObject({
      code: "REQUEST_UNANSWERED",
    });
  });
});

describe("the time that charts show", () => {
  function sampleAt(at: number): ShownSample {
    return { kind: 1, at, value: 70, origin: 0 };
  }

  it("is the whole span where there are values from its beginning on", () => {
    const window = shownWindow([sampleAt(NOW - DAY + 1)], "day", NOW);
    expect(window.from).toBe(NOW - DAY);
    expect(window.to).toBeGreaterThan(NOW);
  });

  it("begins shortly before the first value, so that the first minutes are no line at the edge", () => {
    const window = shownWindow([sampleAt(NOW - HOUR), sampleAt(NOW - 2 * HOUR)], "month", NOW);
    expect(window.from).toBeLessThan(NOW - 2 * HOUR);
    expect(window.from).toBeGreaterThan(NOW - 3 * HOUR);
  });

  it("is never shorter than a quarter of an hour, nor longer than the span", () => {
    const short = shownWindow([sampleAt(NOW - 1_000)], "day", NOW);
    expect(NOW - short.from).toBe(HOUR / 4);
    expect(shownWindow([], "week", NOW).from).toBe(NOW - HOUR / 4);
    expect(shownWindow([sampleAt(NOW - 20 * DAY)], "week", NOW).from).toBe(NOW - 7 * DAY);
  });
});

describe("what is held of the own history", () => {
  const entry: TrailEntry = {
    id: "01",
    created: NOW,
    samples: 2,
    state: "stored",
    series: [
      { kind: 1, origin: 0, count: 1, start: NOW, end: NOW, last: 0 },
      { kind: 2, origin: 1, count: 1, start: NOW, end: NOW, last: [80, 120, null] },
    ],
    receipt: {
      outcome: 1,
      received: NOW,
      stored: NOW,
      informed: [],
      name: "ff",
      held: 1,
      lastHeld: [null, "pressure-order"],
    },
  };
  const span = { from: NOW - HOUR, to: NOW + HOUR };

  it("is what the receipt put into quarantine, with its reason", () => {
    expect(heldSamples([entry], span)).toEqual([
      { kind: 2, at: NOW, value: [80, 120, null], origin: 1, held: "pressure-order" },
    ]);
  });

  it("is nothing outside the span, nothing without a receipt", () => {
    expect(heldSamples([entry], { from: NOW + 1, to: NOW + HOUR })).toEqual([]);
    const { id, created, samples, series = [] } = entry;
    const waiting: TrailEntry = { id, created, samples, series, state: "queued" };
    expect(heldSamples([waiting], span)).toEqual([]);
  });
});

describe("a question to the hospital", () => {
  it("keeps its last answer while it is asked anew, also where that fails", async () => {
    const ask = vi.fn<() => Promise<number>>().mockResolvedValueOnce(1);
    const answer = new Answer(ask);
    await answer.ask();
    expect(answer.snapshot()).toEqual({ isAsking: false, value: 1 });
    ask.mockRejectedValueOnce(new DeviceError("REQUEST_UNANSWERED", "no answer"));
    const asking = answer.ask();
    expect(answer.snapshot()).toEqual({ isAsking: true, value: 1 });
    await asking;
    expect(answer.snapshot()).toEqual({ isAsking: false, value: 1, fault: "unanswered" });
  });

  it("is asked once at a time", async () => {
    const ask = vi.fn(() => Promise.resolve(1));
    const answer = new Answer(ask);
    await Promise.all([answer.ask(), answer.ask()]);
    expect(ask).toHaveBeenCalledOnce();
  });

  it.each([
    [new DeviceError("REQUEST_REFUSED", "", { hospitalError: "unknown-method" }), "not-offered"],
    [new DeviceError("REQUEST_REFUSED", "", { hospitalError: "busy" }), "refused"],
    [new DeviceError("ABORTED", ""), "unanswered"],
    [new DeviceError("RESPONSE_MALFORMED", ""), "failed"],
    [new Error("of the browser"), "failed"],
  ])("says what a failure means", async (error, fault) => {
    const answer = new Answer(() => Promise.reject(error));
    await answer.ask();
    expect(answer.snapshot()).toEqual({ isAsking: false, fault });
  });

  it("tells its listeners, and not those who have stopped", async () => {
    const answer = new Answer(() => Promise.resolve(1));
    const [stays, stops] = [vi.fn(), vi.fn()];
    answer.subscribe(stays);
    answer.subscribe(stops)();
    await answer.ask();
    expect(stays).toHaveBeenCalledTimes(2);
    expect(stops).not.toHaveBeenCalled();
  });
});
