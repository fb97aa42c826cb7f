import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromClinical, isWireValue, judge, KINDS, toClinical } from "@siphms/vitals";

const scalarKind = fc.constantFrom(
  ...KINDS.filter((info) => info.kind !== 2).map((info) => info.kind),
);
const pressurePart = fc.option(fc.integer({ min: -500, max: 500 }));

describe("any value", () => {
  it("comes back from clinical units as it went", () => {
    fc.assert(
      fc.property(scalarKind, fc.integer({ min: -1_000_000, max: 1_000_000 }), (kind, wire) => {
        expect(fromClinical(kind, toClinical(kind, wire))).toBe(wire);
      }),
    );
  });

  it("of a well-formed kind is judged without failing, and a kept pressure is plausible", () => {
    fc.assert(
      fc.property(fc.tuple(pressurePart, pressurePart, pressurePart), (pressure) => {
        fc.pre(isWireValue(2, pressure));
        const judgement = judge(2, pressure);
        if (judgement.verdict !== "mean-dropped") return;
        expect(isWireValue(2, judgement.value)).toBe(true);
        expect(judge(2, judgement.value)).toEqual({ verdict: "plausible" });
      }),
    );
  });
});
