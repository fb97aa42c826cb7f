import {
  createMessageId,
  encodeReadings,
  MAX_ITEM_BYTES,
  parseReadings,
  samples,
  type Series,
} from "@siphms/messages";
import { createNodeCrypto } from "@siphms/node-crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countSamples, splitReadings, type Unsigned } from "./split.ts";

const crypto = createNodeCrypto();
const CREATED = Date.UTC(2026, 0, 5);

function encode(series: readonly Series[]): Unsigned {
  const head = { messageId: createMessageId(CREATED, crypto), created: CREATED };
  return { ...head, payload: encodeReadings({ ...head, series }) };
}

/** Series of heart rates, evenly or unevenly spaced, with or without status bits. */
const seriesArbitrary: fc.Arbitrary<Series> = fc
  .record({
    values: fc.array(fc.integer({ min: 0, max: 300 }), {
      minLength: 1,
      maxLength: 3000,
      size: "max",
    }),
    step: fc.integer({ min: 1, max: 60_000 }),
    isUneven: fc.boolean(),
    hasStatus: fc.boolean(),
  })
  .map(({ values, step, isUneven, hasStatus }) => ({
    kind: 1,
    start: CREATED,
    ...(isUneven ? { deltas: values.map((_, i) => (i === 0 ? 0 : step + i)) } : { step }),
    values,
    origin: 0,
    ...(hasStatus ? { status: values.map((_, i) => i % 4) } : {}),
  }));

function flat(series: readonly Series[]): unknown[] {
  return series.flatMap((one) =>
    [...samples(one)].map(({ at, value, status }) => [at, value, status]),
  );
}

describe("splitReadings", () => {
  it("loses no sample, doubles none and keeps times and order", () => {
    fc.assert(
      fc.property(fc.array(seriesArbitrary, { minLength: 1, maxLength: 4 }), (series) => {
        const parts = splitReadings(series, encode);
        const back = parts.flatMap(({ payload }) => parseReadings(payload).series);
        expect(flat(back)).toEqual(flat(series));
        expect(parts.reduce((sum, part) => sum + part.samples, 0)).toBe(countSamples(series));
      }),
      { numRuns: 60 },
    );
  });

  it("makes no item of more than 1,024 samples or 16 KiB", () => {
    fc.assert(
      fc.property(fc.array(seriesArbitrary, { minLength: 1, maxLength: 4 }), (series) => {
        for (const part of splitReadings(series, encode)) {
          expect(part.samples).toBeLessThanOrEqual(1_024);
          expect(part.payload.length).toBeLessThanOrEqual(MAX_ITEM_BYTES - 256);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("gives each item an id of its own", () => {
    const long: Series = {
      kind: 1,
      start: CREATED,
      step: 1000,
      values: new Array<number>(5000).fill(70),
      origin: 0,
    };
    const ids = splitReadings([long], encode).map(({ messageId }) => messageId.join());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(8);
  });

  it("does not change what it was given", () => {
    const series = [
      { kind: 1, start: CREATED, deltas: [0, 5, 6], values: [1, 2, 3], origin: 0 },
    ] as const;
    const before = structuredClone(series);
    splitReadings(series, encode);
    expect(series).toEqual(before);
  });

  it("keeps what fits together in one item", () => {
    const short: Series = { kind: 1, start: CREATED, step: 0, values: [70], origin: 0 };
    expect(splitReadings([short, short, short], encode)).toHaveLength(1);
  });

  it("splits by bytes where the samples are few but their sensor is described at length", () => {
    const wordy: Series = {
      kind: 1,
      start: CREATED,
      step: 0,
      values: [70],
      origin: 0,
      sensor: { manufacturer: "m".repeat(6000) },
    };
    expect(splitReadings([wordy, wordy, wordy, wordy], encode).map(({ samples: n }) => n)).toEqual([
      2, 2,
    ]);
  });

  it("refuses one sample that is larger than an item", () => {
    const huge: Series = {
      kind: 1,
      start: CREATED,
      step: 0,
      values: [70],
      origin: 0,
      sensor: { manufacturer: "m".repeat(17_000) },
    };
    expect(() => splitReadings([huge], encode)).toThrow(RangeError);
  });

  it.each([
    ["no series at all", []],
    ["a series without values", [{ kind: 1, start: 1, step: 1, values: [], origin: 0 }]],
    ["neither step nor distances", [{ kind: 1, start: 1, values: [70], origin: 0 }]],
    ["step 0 with two values", [{ kind: 1, start: 1, step: 0, values: [70, 71], origin: 0 }]],
    [
      "fewer distances than values",
      [{ kind: 1, start: 1, deltas: [0], values: [1, 2], origin: 0 }],
    ],
    [
      "a first distance that is not 0",
      [{ kind: 1, start: 1, deltas: [1], values: [1], origin: 0 }],
    ],
    ["a value of another kind", [{ kind: 2, start: 1, step: 0, values: [70], origin: 0 }]],
    ["a value that is not whole", [{ kind: 1, start: 1, step: 0, values: [70.5], origin: 0 }]],
    ["a start before 1970", [{ kind: 1, start: -1, step: 0, values: [70], origin: 0 }]],
  ] as readonly [string, readonly Series[]][])("refuses %s", (_what, series) => {
    expect(() => splitReadings(series, encode)).toThrow(RangeError);
  });
});
