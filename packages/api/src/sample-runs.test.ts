import { describe, expect, it } from "vitest";
import {
  parseApi,
  readingsSchema,
  runsOfSamples,
  samplesOfRuns,
  type ApiSample,
  type SampleRun,
} from "./index.ts";

const shared = {
  kind: "heart-rate",
  unit: "/min",
  origin: "sensor",
  state: "stored",
  device: "AAAAAAAAAAA",
  messageId: "AAAAAAAAAAAAAAAAAAAAAA",
} as const;
const run: SampleRun = { ...shared, start: 1000, step: 500, values: [70, 71, 72] };
const sample = (at: number, value: number) => ({ ...shared, at, value });

describe("runs of samples", () => {
  it("become a sample for each value", () => {
    expect(samplesOfRuns([run])).toEqual([sample(1000, 70), sample(1500, 71), sample(2000, 72)]);
  });

  it("may have steps of their own", () => {
    const uneven = { ...run, step: [1, 10] };
    expect(samplesOfRuns([uneven]).map(({ at }) => at)).toEqual([1000, 1001, 1011]);
  });

  it("are put in order of time, and at one instant of their kinds", () => {
    const early = { ...run, start: 900, step: 0, values: [60] };
    const same: SampleRun = { ...run, kind: "body-weight", start: 1000, step: 0, values: [80] };
    const order = samplesOfRuns([run, same, early]).map(({ kind, at }) => [kind, at]);
    expect(order.slice(0, 3)).toEqual([
      ["heart-rate", 900],
      ["body-weight", 1000],
      ["heart-rate", 1000],
    ]);
  });

  it.each([[[1]], [[1, 2, 3]], [[]]])("are refused with the steps %j for three values", (steps) => {
    expect(() => samplesOfRuns([{ ...run, step: steps }])).toThrow(RangeError);
  });

  it.each([
    ["no values", { values: [] }],
    ["a negative step", { step: -1 }],
    ["half a millisecond", { step: 0.5 }],
    ["a time of its own", { at: 1000 }],
    ["a state that there is not", { state: "dropped" }],
    ["a text as value", { values: ["70"] }],
    ["a pressure of two numbers", { values: [[120, 80]] }],
  ])("are refused on the wire with %s", (_what, change) => {
    expect(parseApi(readingsSchema, { runs: [run] })).toBeDefined();
    expect(() => parseApi(readingsSchema, { runs: [{ ...run, ...change }] })).toThrow(
      expect.objectContaining({ code: "API_MALFORMED" }),
    );
  });
});

describe("samples put together into runs", () => {
  const samples = (...values: number[]): ApiSample[] =>
    values.map((value, index) => sample(1000 + index * 500, value));

  it("are one run where nothing but time and value differs", () => {
    expect(runsOfSamples(samples(70, 71, 72))).toEqual([run]);
    expect(runsOfSamples([])).toEqual([]);
  });

  it("have steps of their own where they are uneven", () => {
    const uneven = [sample(0, 70), sample(1, 71), sample(11, 72)];
    expect(runsOfSamples(uneven)[0]?.step).toEqual([1, 10]);
  });

  it.each<[string, Partial<ApiSample>]>([
    ["another kind", { kind: "spo2" }],
    ["another fate", { state: "late" }],
    ["a reason", { reason: "no-signal" }],
    ["another origin", { origin: "typed" }],
    ["another message", { messageId: "BAAAAAAAAAAAAAAAAAAAAA" }],
    ["another device", { device: "BAAAAAAAAAA" }],
    ["an earlier time", { at: 1 }],
  ])("begin anew with %s", (_what, change) => {
    const [first, second, third] = samples(70, 71, 72);
    const all = [
      first!,
      { ...second!, ...change },
      { ...third!, ...change, at: change.at ?? 2000 },
    ];
    const runs = runsOfSamples(all);
    expect(runs.map(({ values }) => values)).toEqual([[70], [71, 72]]);
  });

  it("are the same again when they are taken apart", () => {
    const mixed: ApiSample[] = [
      ...samples(70, 71),
      { ...sample(1000, 0), state: "quarantined", reason: "no-signal" },
      { ...shared, kind: "blood-pressure", unit: "mmHg", at: 5000, value: [120, 80, null] },
    ];
    const again = samplesOfRuns(runsOfSamples(mixed));
    expect(again).toHaveLength(mixed.length);
    expect(again).toEqual(expect.arrayContaining(mixed));
  });
});
