import { describe, expect, it } from "vitest";
import type { KnownPatient } from "../../live/patient-store.ts";
import { arrange, type Wanted } from "./arrange.ts";

const NOW = 1_000 * 3_600_000;
const ALL: Wanted = { query: "", filter: "all", order: "need" };

function patient(
  name: string,
  heartRate?: number,
  change: Partial<KnownPatient> = {},
): KnownPatient {
  const shared = { kind: "heart-rate", unit: "/min", origin: "sensor", late: false } as const;
  return {
    ...{ id: name, mrn: `MRN-${name}`, name, birthDate: "1950-07-01", sex: "F", problem: "" },
    latest: heartRate === undefined ? [] : [{ ...shared, at: NOW, value: heartRate }],
    ...{ quarantinedSamples: 0, lastContact: NOW, clinicalNow: NOW, toldAt: NOW },
    ...change,
  };
}

const WARD = [
  patient("Zoe", 70),
  patient("Ada", 71),
  patient("Ben", undefined, { lastContact: null }),
  patient("Cem", 135, { lastContact: NOW - 10 }),
  patient("Dua", 95, { breakGlassUntil: NOW + 1 }),
  patient("Eli", 96, { breakGlassUntil: NOW, lastContact: NOW - 20 }),
];

function idsOf(change: Partial<Wanted>): readonly string[] {
  return arrange(WARD, { ...ALL, ...change }, NOW).ids;
}

describe("the worklist's order", () => {
  it("is by need, of equals by name", () => {
    expect(idsOf({})).toEqual(["Cem", "Dua", "Eli", "Ben", "Ada", "Zoe"]);
  });

  it("can be by name, or by the last contact from either end", () => {
    expect(idsOf({ order: "name" })).toEqual(["Ada", "Ben", "Cem", "Dua", "Eli", "Zoe"]);
    expect(idsOf({ order: "contact" }).slice(-3)).toEqual(["Cem", "Eli", "Ben"]);
    expect(idsOf({ order: "silence" }).slice(0, 3)).toEqual(["Ben", "Eli", "Cem"]);
  });

  it("leaves the list that it was given as it was", () => {
    const before = [...WARD];
    idsOf({ order: "name" });
    expect(WARD).toEqual(before);
  });
});

describe("the worklist's filters", () => {
  it("show who needs attention, who has no data, and whose record is open in an emergency at this moment", () => {
    expect(idsOf({ filter: "attention" })).toEqual(["Cem", "Dua", "Eli"]);
    expect(idsOf({ filter: "no-data" })).toEqual(["Ben"]);
    expect(idsOf({ filter: "emergency" })).toEqual(["Dua"]);
  });

  it("say how many each would show, of those whom the search finds", () => {
    const { counts } = arrange(WARD, { ...ALL, filter: "emergency" }, NOW);
    expect(counts).toEqual({ all: 6, attention: 3, "no-data": 1, emergency: 1 });
    expect(arrange(WARD, { ...ALL, query: "ben" }, NOW).counts.attention).toBe(0);
  });
});

describe("the worklist's search", () => {
  it("finds part of a name or of a record number, whatever the case", () => {
    expect(idsOf({ query: " aD " })).toEqual(["Ada"]);
    expect(idsOf({ query: "mrn-z" })).toEqual(["Zoe"]);
  });

  it("finds nobody by where a name ends and a number begins, nor by anything else", () => {
    expect(idsOf({ query: "adamrn" })).toEqual([]);
    expect(idsOf({ query: "1950" })).toEqual([]);
  });
});
