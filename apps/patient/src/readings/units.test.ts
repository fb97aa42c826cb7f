import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromShown, toShown, unitOf, unitsFor, type UnitPreferences } from "./units.ts";

const METRIC: UnitPreferences = { temperature: "celsius", glucose: "mmol/L" };
const AMERICAN: UnitPreferences = { temperature: "fahrenheit", glucose: "mg/dL" };

describe("the units of a place", () => {
  it.each([
    ["en-US", "fahrenheit", "mg/dL"],
    ["en", "fahrenheit", "mg/dL"],
    ["en-GB", "celsius", "mmol/L"],
    ["de-DE", "celsius", "mg/dL"],
    ["ar-EG", "celsius", "mg/dL"],
    ["ar", "celsius", "mg/dL"],
    ["sv", "celsius", "mmol/L"],
  ])("%s: %s and %s", (locale, temperature, glucose) => {
    expect(unitsFor(locale)).toEqual({ temperature, glucose });
  });

  it.each(["", "not a locale", "x", "en_US_POSIX"])(
    "are metric for %j, which names no place",
    (text) => {
      expect(unitsFor(text)).toEqual(METRIC);
    },
  );
});

describe("a value in another unit", () => {
  it("comes back as it went, to the last digit that is shown", () => {
    fc.assert(
      fc.property(fc.integer({ min: 3000, max: 4300 }), (wire) => {
        const shown = toShown(5, wire, AMERICAN);
        expect(fromShown(5, shown, AMERICAN)).toBe(wire);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 10_000 }), (wire) => {
        expect(fromShown(6, toShown(6, wire, METRIC), METRIC)).toBe(wire);
      }),
    );
  });

  it("is only changed where a person can choose", () => {
    expect(toShown(1, 72, AMERICAN)).toBe(72);
    expect(toShown(2, [120, 80, null], AMERICAN)).toEqual([120, 80, null]);
    expect(unitOf(7, AMERICAN)).toBe("kg");
  });

  it("is refused where its kind has another form", () => {
    expect(() => fromShown(2, 120, METRIC)).toThrow(RangeError);
    expect(() => fromShown(1, [120, 80, null], METRIC)).toThrow(RangeError);
    expect(() => fromShown(1, NaN, METRIC)).toThrow(RangeError);
  });
});
