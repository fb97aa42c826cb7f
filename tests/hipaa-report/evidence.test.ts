import { describe, expect, it } from "vitest";
import { faultsOf, makeEvidence } from "./evidence.ts";
import { referenceRow, sourcesOf, test } from "./samples.ts";
import type { TestResult } from "./test-results.ts";

const passing = test("a door > is shut to strangers [HS-1]");

function statusOf(tests: readonly TestResult[]): unknown {
  return makeEvidence(sourcesOf(tests)).rows.find(({ id }) => id === "HS-1")?.status;
}

describe("a row of the report", () => {
  it("has passed with one passing test that names it", () => {
    expect(statusOf([passing])).toBe("passed");
  });

  it("has failed with one failed test, whatever else passed", () => {
    expect(statusOf([passing, test("is shut at night [HS-1]", "failed"), passing])).toBe("failed");
  });

  it.each([
    ["without a test", []],
    ["with tests that name none", [test("is shut to strangers")]],
    ["with a skipped test alone", [test("is shut to strangers [HS-1]", "skipped")]],
    ["with a test of another row", [test("is shut to strangers (SR-2)")]],
  ] as const)("is not there yet %s", (_what, tests) => {
    expect(statusOf(tests)).toBe("not-yet");
  });

  it("has passed although a test was skipped, which is listed beside the others", () => {
    const skipped = test("is shut where there is a lock [HS-1]", "skipped");
    const [row] = makeEvidence(sourcesOf([passing, skipped])).rows;
    expect(row).toMatchObject({ status: "passed", tests: [passing, skipped] });
  });

  it("is the operator's where nothing of it is software's, until a test shows it", () => {
    const sources = sourcesOf([]);
    const ofOperator = { ...sources, notes: { ...sources.notes, operatorOnly: ["SR-2"] } };
    expect(makeEvidence(ofOperator).rows[1]?.status).toBe("operator");
    const tested = { ...ofOperator, results: sourcesOf([test("x (SR-2)", "failed")]).results };
    expect(makeEvidence(tested).rows[1]?.status).toBe("failed");
  });

  it("gets each test once, and a test may show several rows, in whatever brackets", () => {
    const both = test("doors [HS-1] > are shut (HS-1, SR-2)");
    expect(makeEvidence(sourcesOf([both])).rows.map(({ tests }) => tests)).toEqual([
      [both],
      [both],
    ]);
  });

  it("keeps the operator's duty of its page unless the data file says it better", () => {
    const sources = sourcesOf([]);
    const reference = [
      referenceRow("HS-1", { duty: "Keys" }),
      referenceRow("SR-2", { duty: "Doors" }),
    ];
    const rows = {
      ...sources.notes.rows,
      "SR-2": { here: "That.", operator: "Doors and windows" },
    };
    const made = makeEvidence({ ...sources, reference, notes: { ...sources.notes, rows } });
    expect(made.rows.map(({ duty }) => duty)).toEqual(["Keys", "Doors and windows"]);
  });
});

describe("no report is made", () => {
  it.each([
    ["with a letter too many", "[HS-1b]"],
    ["with another zero", "(SR-02)"],
    ["beside a good one", "[HS-1, HS-312zz]"],
    ["beside what is no id", "[HX-1] (SR-999)"],
  ])("of a title that names a row which no page has: %s", (_what, ids) => {
    expect(() => makeEvidence(sourcesOf([passing, test(`is shut ${ids}`)]))).toThrow(
      /"is shut .*unknown rows: (HS|SR)-/,
    );
  });

  it.each([
    ["due", { due: ["HS-9"] }],
    ["the operator's", { operatorOnly: ["HS-9"] }],
    ["with words", { rows: { "HS-9": { here: "x" } } }],
  ])("of a data file that names one: %s", (_what, change) => {
    const sources = sourcesOf([]);
    const notes = { ...sources.notes, ...change };
    expect(() => makeEvidence({ ...sources, notes })).toThrow("unknown rows: HS-9");
  });

  it("of a row that has a test and no word about what does it", () => {
    const sources = sourcesOf([passing]);
    const notes = { ...sources.notes, rows: {} };
    expect(() => makeEvidence({ ...sources, notes })).toThrow("does not say what does it: HS-1");
  });

  it("of two pages with one row", () => {
    const sources = sourcesOf([]);
    const reference = [...sources.reference, referenceRow("HS-1")];
    expect(() => makeEvidence({ ...sources, reference })).toThrow("two reference pages");
  });
});

describe("the faults of a report", () => {
  it("are none where all that is due has passed", () => {
    expect(faultsOf(makeEvidence(sourcesOf([passing])))).toEqual([]);
  });

  it("name a row that is due and has no passing test", () => {
    expect(faultsOf(makeEvidence(sourcesOf([])))).toEqual([
      "HS-1 (164.312(x)) is due and has no passing test",
    ]);
  });

  it("name a row that failed, due or not, and count the run's failed tests", () => {
    const faults = faultsOf(makeEvidence(sourcesOf([passing, test("x (SR-2)", "failed")])));
    expect(faults).toEqual([
      "tests of this run that failed: 1",
      "SR-2 (164.312(x)): a test that shows it failed",
    ]);
  });

  it("hold a failed test that shows no row at all", () => {
    expect(faultsOf(makeEvidence(sourcesOf([passing, test("x", "failed")])))).toHaveLength(1);
  });
});
