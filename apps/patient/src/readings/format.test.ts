import { describe, expect, it } from "vitest";
import { createFormats } from "./format.ts";

const METRIC = { temperature: "celsius", glucose: "mmol/L" } as const;
const AMERICAN = { temperature: "fahrenheit", glucose: "mg/dL" } as const;
const NOW = Date.UTC(2026, 2, 1, 12, 0, 0);
const MINUTE = 60_000;

const english = createFormats("en", METRIC, ["en-GB"]);
const arabic = createFormats("ar", METRIC, ["en-GB"]);
const american = createFormats("en", AMERICAN, ["en-US"]);

describe("a value on a screen", () => {
  it.each([
    [1, 72, "72 /min"],
    [2, [122, 78, null], "122/78 mmHg"],
    [2, [122, null, null], "122/– mmHg"],
    [3, 970, "97 %"],
    [5, 3670, "36.7 °C"],
    [5, 3700, "37.0 °C"],
    [6, 1080, "6.0 mmol/L"],
    [7, 7250, "72.5 kg"],
    [9, 1, "C"],
    [10, 20, "2.0 L/min"],
  ] as const)("of kind %i and wire value %j reads %s", (kind, wire, text) => {
    expect(english.valueWithUnit(kind, wire)).toBe(text);
  });

  it("is in the units that the person chose", () => {
    expect(american.valueWithUnit(5, 3670)).toBe("98.1 °F");
    expect(american.valueWithUnit(6, 1080)).toBe("108 mg/dL");
  });

  it.each([
    [1, 50, "50"],
    [2, 140, "140"],
    [5, 3605, "36.05"],
    [6, 699, "69.9"],
    [9, 1, "C"],
  ] as const)("of kind %i that is a limit is not rounded: %j reads %s", (kind, wire, text) => {
    const metric = createFormats("en", { temperature: "celsius", glucose: "mg/dL" }, ["en-GB"]);
    expect(metric.limit(kind, wire)).toBe(text);
  });

  it("has Western digits in Arabic too, as meters show them", () => {
    expect(arabic.value(5, 3670)).toMatch(/^36[.٫]7$/);
    expect(arabic.integer(1_200)).toBe("1200");
    expect(arabic.tick(97.5)).toMatch(/^97[.٫]5$/);
  });

  it("is refused when it has another kind's form", () => {
    expect(() => english.value(2, 120)).toThrow(RangeError);
    expect(() => english.value(1, [120, 80, null])).toThrow(RangeError);
  });

  it("leaves a wakefulness that is no level out", () => {
    expect(english.value(9, 7)).toBe("–");
  });
});

describe("a time on a screen", () => {
  it.each([
    [0, "now"],
    [20_000, "20 sec ago"],
    [4 * MINUTE, "4 min ago"],
    [59 * MINUTE + 59_000, "59 min ago"],
  ])("is relative %i ms ago", (age, text) => {
    expect(english.when(NOW - age, NOW)).toBe(text);
  });

  it("is the clock after an hour, and the date too on another day", () => {
    expect(english.when(NOW - 61 * MINUTE, NOW)).toMatch(/^\d\d:\d\d$/);
    expect(english.when(NOW - 26 * 60 * MINUTE, NOW)).toMatch(/2026/);
  });

  it("that lies ahead of a clock that was set back is told with its date, never as if it were new", () => {
    expect(english.when(NOW + 10 * MINUTE, NOW)).toMatch(/2026/);
  });

  it("a few seconds ahead is now: clocks differ", () => {
    expect(english.when(NOW + 5_000, NOW)).toBe("now");
  });

  it("to come is told the same way, and never in the past", () => {
    expect(english.until(NOW + 2 * MINUTE, NOW)).toBe("in 2 min");
    expect(english.until(NOW - 5 * MINUTE, NOW)).toBe("now");
  });

  it("is told in Arabic", () => {
    expect(arabic.when(NOW - 4 * MINUTE, NOW)).toMatch(/قبل/);
    expect(arabic.when(NOW - 4 * MINUTE, NOW)).not.toMatch(/[٠-٩]/);
  });

  it("has lengths in minutes, hours or days, without a sign", () => {
    expect(english.length(-150_000)).toBe("3 minutes");
    expect(english.length(10)).toBe("1 minute");
    expect(english.length(7_200_000)).toBe("2 hours");
    expect(english.length(3 * 86_400_000)).toBe("3 days");
  });
});
