import { describe, expect, it } from "vitest";
import { checkTyped } from "./typed.ts";

const METRIC = { temperature: "celsius", glucose: "mmol/L" } as const;
const AMERICAN = { temperature: "fahrenheit", glucose: "mg/dL" } as const;

describe("what a person types in", () => {
  it("becomes a wire value of its kind", () => {
    expect(checkTyped({ kind: 1, text: "72" }, METRIC)).toEqual({ kind: "value", value: 72 });
    expect(checkTyped({ kind: 5, text: "36,7" }, METRIC)).toEqual({ kind: "value", value: 3670 });
    expect(checkTyped({ kind: 2, text: "122", lower: "٧٨" }, METRIC)).toEqual({
      kind: "value",
      value: [122, 78, null],
    });
  });

  it("is taken in the unit that the person chose", () => {
    expect(checkTyped({ kind: 5, text: "98.6" }, AMERICAN)).toEqual({ kind: "value", value: 3700 });
    expect(checkTyped({ kind: 6, text: "6" }, METRIC)).toEqual({ kind: "value", value: 1081 });
  });

  it.each([
    [{ kind: 1, text: "" }, "empty", "text"],
    [{ kind: 1, text: "seventy" }, "not-a-number", "text"],
    [{ kind: 1, text: "0" }, "no-signal", "text"],
    [{ kind: 1, text: "720" }, "out-of-range", "text"],
    [{ kind: 2, text: "", lower: "80" }, "empty", "text"],
    [{ kind: 2, text: "120" }, "empty", "lower"],
    [{ kind: 2, text: "120", lower: "x" }, "not-a-number", "lower"],
    [{ kind: 2, text: "80", lower: "120" }, "pressure-order", "lower"],
    [{ kind: 2, text: "500", lower: "80" }, "out-of-range", "text"],
    [{ kind: 2, text: "120", lower: "8" }, "out-of-range", "lower"],
    [{ kind: 3, text: "970" }, "out-of-range", "text"],
    [{ kind: 5, text: "98.6" }, "unit", "text"],
    [{ kind: 5, text: "3.7" }, "out-of-range", "text"],
    [{ kind: 6, text: "108" }, "unit", "text"],
    [{ kind: 7, text: "7250" }, "out-of-range", "text"],
  ] as const)("%j is asked back: %s in %s", (typed, fault, field) => {
    expect(checkTyped(typed, METRIC)).toEqual({ kind: "fault", fault, field });
  });

  it("in the unit of another place is asked back there too", () => {
    expect(checkTyped({ kind: 5, text: "36.7" }, AMERICAN)).toMatchObject({ fault: "unit" });
    expect(checkTyped({ kind: 6, text: "6" }, AMERICAN)).toMatchObject({ fault: "unit" });
  });
});
