import { describe, expect, it } from "vitest";
import {
  isKind,
  isOrigin,
  type Kind,
  kindByName,
  kindInfo,
  KINDS,
  originName,
} from "@siphms/vitals";

describe("the table of vital signs", () => {
  it("holds eleven kinds in the order of their numbers", () => {
    expect(KINDS.map((info) => info.kind)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  it("finds each kind by number and by name", () => {
    for (const info of KINDS) {
      expect(kindInfo(info.kind)).toBe(info);
      expect(kindByName(info.name)).toBe(info);
    }
    expect(new Set(KINDS.map((info) => info.name)).size).toBe(11);
  });

  it("has scales of 1, a tenth or a hundredth only", () => {
    for (const info of KINDS) expect([1, 0.1, 0.01]).toContain(info.scale);
  });

  it("carries LOINC codes whose check digit is right", () => {
    for (const { loinc } of KINDS)
      expect(`${loinc} ${luhn(loinc)}`).toBe(`${loinc} ${loinc.at(-1) ?? ""}`);
  });

  it("knows no other names", () => {
    for (const name of ["", "Heart-Rate", "heart rate", "toString", "__proto__"]) {
      expect(kindByName(name)).toBeUndefined();
    }
  });

  it("refuses numbers outside the table", () => {
    for (const value of [0, 12, -1, 1.5, NaN, "1", null, undefined])
      expect(isKind(value)).toBe(false);
    expect(() => kindInfo(12 as Kind)).toThrow(RangeError);
  });
});

describe("origins", () => {
  it("have the words sensor, typed and imported", () => {
    expect([originName(0), originName(1), originName(2)]).toEqual(["sensor", "typed", "imported"]);
  });

  it("are 0, 1 and 2 only", () => {
    for (const value of [3, -1, 0.5, "0", null]) expect(isOrigin(value)).toBe(false);
  });
});

/** The check digit of a LOINC code (mod 10 over the digits before the dash). */
function luhn(loinc: string): string {
  const digits = Array.from(loinc.split("-")[0] ?? "", Number).reverse();
  const sum = digits.reduce((total, digit, place) => {
    const weighted = place % 2 === 0 ? digit * 2 : digit;
    return total + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}
