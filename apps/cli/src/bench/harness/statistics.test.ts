import { describe, expect, it } from "vitest";

import { median, percentile, rounded } from "./statistics.ts";

describe("a median", () => {
  it("is the middle one, in whatever order they come", () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it("is the mean of the two in the middle", () => {
    expect(median([10, 1, 4, 2])).toBe(3);
  });

  it("compares numbers, not their digits", () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  it("leaves what it was given as it was", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it("refuses nothing at all", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe("a percentile", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it("is one of the values, by the nearest rank", () => {
    expect(percentile(hundred, 50)).toBe(50);
    expect(percentile(hundred, 99)).toBe(99);
    expect(percentile(hundred, 100)).toBe(100);
  });

  it("takes the higher value where the rank falls between two", () => {
    expect(percentile([1, 2, 3], 50)).toBe(2);
    expect(percentile([1, 2], 51)).toBe(2);
  });

  it("leaves what it was given as it was", () => {
    const values = Float64Array.of(3, 1, 2);
    percentile(values, 99);
    expect([...values]).toEqual([3, 1, 2]);
  });

  it.each([0, -1, 101, NaN])("refuses %s percent", (percent) => {
    expect(() => percentile([1], percent)).toThrow(RangeError);
  });

  it("refuses nothing at all", () => {
    expect(() => percentile([], 50)).toThrow(RangeError);
  });
});

describe("a rounded figure", () => {
  it("keeps so many digits, wherever the point stands", () => {
    expect(rounded(123_456.7)).toBe(123_500);
    expect(rounded(0.012_345_67)).toBe(0.01235);
  });
});
