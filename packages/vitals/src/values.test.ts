import { describe, expect, it } from "vitest";
import { fromClinical, isWireValue, type Kind, KINDS, toClinical } from "@siphms/vitals";

describe("the form of a value", () => {
  it("is an integer for every kind but blood pressure", () => {
    for (const { kind } of KINDS.filter((info) => info.kind !== 2)) {
      expect(isWireValue(kind, 72)).toBe(true);
      expect(isWireValue(kind, -5)).toBe(true);
      for (const wrong of [1.5, NaN, 2 ** 53, "72", null, undefined, true, [72], [1, 2, 3]]) {
        expect(isWireValue(kind, wrong)).toBe(false);
      }
    }
  });

  it("is three numbers or nulls for blood pressure, not all null", () => {
    for (const good of [
      [120, 80, 93],
      [120, 80, null],
      [null, null, 95],
    ]) {
      expect(isWireValue(2, good)).toBe(true);
    }
    const wrong = [
      120,
      [120, 80],
      [120, 80, 93, 60],
      [null, null, null],
      [120, "80", 93],
      [1.5, 1, 1],
      {},
      [],
    ];
    for (const value of wrong) expect(isWireValue(2, value)).toBe(false);
  });
});

describe("clinical units", () => {
  const pairs: readonly (readonly [Kind, number, number])[] = [
    [1, 72, 72],
    [3, 977, 97.7],
    [4, 16, 16],
    [5, 3670, 36.7],
    [5, 3807, 38.07],
    [6, 1053, 105.3],
    [7, 7255, 72.55],
    [8, 833, 833],
    [9, 2, 2],
    [10, 25, 2.5],
    [11, 68, 68],
  ];
  for (const [kind, wire, clinical] of pairs) {
    it(`turn ${wire} of kind ${kind} into ${clinical} and back`, () => {
      expect(toClinical(kind, wire)).toBe(clinical);
      expect(fromClinical(kind, clinical)).toBe(wire);
    });
  }

  it("keep the nulls of a pressure", () => {
    expect(toClinical(2, [120, null, 93])).toEqual([120, null, 93]);
    expect(fromClinical(2, [119.5, null, 92.49])).toEqual([120, null, 92]);
  });

  it("round halves up, decimal halves that binary fractions miss as well", () => {
    expect(fromClinical(7, 1.005)).toBe(101);
    expect(fromClinical(3, 97.25)).toBe(973);
    expect(fromClinical(5, 36.705)).toBe(3671);
    expect(fromClinical(1, 71.5)).toBe(72);
    expect(fromClinical(10, -0.25)).toBe(-2);
  });

  it("never make a negative zero", () => {
    expect(Object.is(fromClinical(10, -0.01), 0)).toBe(true);
  });

  it("refuse what is no number of the wire", () => {
    for (const value of [NaN, Infinity, -Infinity, 1e300]) {
      expect(() => fromClinical(5, value)).toThrow(RangeError);
    }
    expect(() => fromClinical(2, [null, null, null])).toThrow(RangeError);
  });

  it("refuse the form of another kind", () => {
    expect(() => toClinical(2, 120)).toThrow(RangeError);
    expect(() => toClinical(1, [120, 80, 93])).toThrow(RangeError);
    expect(() => fromClinical(2, 120)).toThrow(RangeError);
    expect(() => fromClinical(1, [120, 80, 93])).toThrow(RangeError);
  });
});
