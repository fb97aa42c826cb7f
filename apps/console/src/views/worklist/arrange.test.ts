import { describe, expect, it } from "vitest";
import type { ApiAlert } from "@siphms/api";
import type { KnownPatient } from "../../live/patient-store.ts";
import { anAlert, aTechnicalAlert } from "../alerts/alert-example.ts";
import { arrange, type Listed, type Wanted } from "./arrange.ts";

const NOW = 1_000 * 3_600_000;
const ALL: Wanted = { query: "", filter: "all", order: "need" };

function listed(
  name: string,
  open: readonly ApiAlert[] = [],
  change: Partial<KnownPatient> = {},
): Listed {
  const heart = { kind: "heart-rate", unit: "/min", origin: "sensor", late: false } as const;
  const patient: KnownPatient = {
    ...{ id: name, mrn: `MRN-${name}`, name, birthDate: "1950-07-01", problem: "" },
    sex: "F",
    latest: [{ ...heart, at: NOW, value: 70 }],
    ...{ quarantinedSamples: 0, lastContact: NOW, clinicalNow: NOW, toldAt: NOW },
    ...change,
  };
  return { patient, stand: { open: [...open], news2: null } };
}

const acknowledged = { by: "Dr Iris Example", at: NOW };
const WARD = [
  listed("Zoe"),
  listed("Ada"),
  listed("Ben", [], { latest: [], lastContact: null }),
  listed("Cem", [anAlert()], { lastContact: NOW - 10 }),
  listed("Dua", [aTechnicalAlert()], { breakGlassUntil: NOW + 1 }),
  listed("Eli", [anAlert({ acknowledged })], { breakGlassUntil: NOW, lastContact: NOW - 20 }),
];

function idsOf(change: Partial<Wanted>): readonly string[] {
  return arrange(WARD, { ...ALL, ...change }, NOW).ids;
}

describe("the worklist's order", () => {
  it("is by open alerts and what else is known, of equals by name", () => {
    expect(idsOf({})).toEqual(["Cem", "Eli", "Dua", "Ben", "Ada", "Zoe"]);
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
    expect(idsOf({ filter: "attention" })).toEqual(["Cem", "Eli"]);
    expect(idsOf({ filter: "no-data" })).toEqual(["Ben"]);
    expect(idsOf({ filter: "emergency" })).toEqual(["Dua"]);
  });

  it("say how many each would show, of those whom the search finds", () => {
    const { counts } = arrange(WARD, { ...ALL, filter: "emergency" }, NOW);
    expect(counts).toEqual({ all: 6, attention: 2, "no-data": 1, emergency: 1 });
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
