import { describe, expect, it } from "vitest";
import { EMPTY_FIELDS, faultsOf, newPatientOf, type PatientFields } from "./patient-fields.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const GOOD: PatientFields = {
  name: " Ada Example ",
  birthDate: "1950-07-01",
  sex: "F",
  mrn: " A-17 ",
  problem: "",
  doctor: "",
};

describe("the form of a new patient", () => {
  it("is good with a name, a birth date and a record number", () => {
    expect(faultsOf(GOOD, NOW)).toEqual({});
  });

  it("wants what is missing, and nothing that may be left empty", () => {
    expect(faultsOf(EMPTY_FIELDS, NOW)).toEqual({
      name: "name-missing",
      birthDate: "birth-date-missing",
      mrn: "mrn-missing",
    });
    expect(faultsOf({ ...GOOD, name: "   " }, NOW)).toEqual({ name: "name-missing" });
  });

  it.each([
    ["2026-02-30", "birth-date-impossible"],
    ["2026-13-01", "birth-date-impossible"],
    ["1.7.1950", "birth-date-impossible"],
    ["2026-03-02", "birth-date-future"],
    ["1850-01-01", "birth-date-too-early"],
  ])("refuses %s as a birth date: %s", (birthDate, fault) => {
    expect(faultsOf({ ...GOOD, birthDate }, NOW)).toEqual({ birthDate: fault });
  });

  it.each(["A–17", "مريض", "A\t17", "A\u0000"])("refuses %j as a record number", (mrn) => {
    expect(faultsOf({ ...GOOD, mrn }, NOW)).toEqual({ mrn: "mrn-form" });
  });

  it("refuses texts that are longer than the hospital takes", () => {
    const long = { ...GOOD, name: "a".repeat(201), problem: "p".repeat(501), mrn: "1".repeat(65) };
    const faults = { name: "too-long", problem: "too-long", mrn: "too-long" };
    expect(faultsOf(long, NOW)).toEqual(faults);
  });

  it("sends nothing that was left empty, and no spaces at the ends", () => {
    expect(newPatientOf({ ...GOOD, sex: "" })).toEqual({
      name: "Ada Example",
      birthDate: "1950-07-01",
      mrn: "A-17",
    });
    const doctor = "Dr Iris Example";
    expect(newPatientOf({ ...GOOD, problem: " COPD ", doctor })).toEqual({
      name: "Ada Example",
      birthDate: "1950-07-01",
      mrn: "A-17",
      sex: "F",
      problem: "COPD",
      doctor,
    });
  });
});
