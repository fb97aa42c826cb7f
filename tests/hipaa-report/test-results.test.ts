import { describe, expect, it } from "vitest";
import { resultsOf, test } from "./samples.ts";
import { parseTestResults, rowsInTitle } from "./test-results.ts";

describe("the rows in a title", () => {
  it.each([
    ["found in round brackets", "is shut (SR-05)", ["SR-05"]],
    ["found in its group's title", "a [HS-312a2ii] > b (SR-05)", ["HS-312a2ii", "SR-05"]],
    ["found beside each other", "is shut (SR-05, SR-06)", ["SR-05", "SR-06"]],
    ["found in front", "SR-23: is shut", ["SR-23"]],
    ["each named once", "a [HN-72h] > b [HN-72h]", ["HN-72h"]],
    ["no part of other words", "follows ETHS-312 and XHS-1, HS and HS-, hs-312b", []],
  ])("are %s", (_what, title, rows) => {
    expect(rowsInTitle(title)).toEqual(rows);
  });
});

describe("the results of a run", () => {
  const good = resultsOf([test("a"), test("b", "failed"), test("c", "skipped")]);

  it("come back as they were written", () => {
    expect(parseTestResults(JSON.stringify(good))).toEqual(good);
  });

  it.each([
    ["no JSON", "{"],
    ["another thing", "[]"],
    ["no tests", JSON.stringify({ ...good, tests: undefined })],
    ["no counts", JSON.stringify({ ...good, counts: { passed: 1 } })],
    ["no commit", JSON.stringify({ ...good, commit: 7 })],
    ["an unknown state", JSON.stringify({ ...good, tests: [{ ...test("a"), state: "pending" }] })],
    ["other counts than tests", JSON.stringify({ ...good, tests: [] })],
  ])("are refused with %s", (_what, text) => {
    expect(() => parseTestResults(text)).toThrow(/the results/);
  });
});
