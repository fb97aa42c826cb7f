import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildReport, REFERENCE_PAGES, ROW_NOTES } from "./build-report.ts";
import { resultsOf, test } from "./samples.ts";
import type { TestResult } from "./test-results.ts";

const HEAD = "# Page\n\n## Part\n\n| Id | Source | Requirement |\n|---|---|---|\n";
const NOTES = { due: ["HS-1"], operatorOnly: [], rows: { "HS-1": { here: "This." } } };
let project = "";
let said: string[] = [];

function put(file: string, text: string): void {
  mkdirSync(dirname(join(project, file)), { recursive: true });
  writeFileSync(join(project, file), text);
}

function build(tests: readonly TestResult[]): number {
  put("results.json", JSON.stringify(resultsOf(tests)));
  const say = (line: string): void => void said.push(line);
  return buildReport({ project, results: join(project, "results.json"), out: out(), say });
}

function out(): string {
  return join(project, "evidence");
}

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "siphms-report-"));
  said = [];
  put(REFERENCE_PAGES[0], `${HEAD}| HS-1 | 164.312(x) | Doors |\n`);
  put(REFERENCE_PAGES[1], `${HEAD}| SR-1 | V1 | Locks |\n`);
  put(ROW_NOTES, JSON.stringify(NOTES));
});
afterEach(() => rmSync(project, { recursive: true }));

describe("building the report", () => {
  it("writes page and JSON, and ends with 0 where all that is due has passed", () => {
    const passing = test("is shut [HS-1]");
    expect(build([passing])).toBe(0);
    const json = JSON.parse(readFileSync(join(out(), "hipaa.json"), "utf8")) as object;
    expect(json).toMatchObject({
      run: { commit: "c0ffee", counts: { passed: 1 } },
      faults: [],
      rows: [
        { id: "HS-1", citation: "164.312(x)", status: "passed", tests: [passing], here: "This." },
        { id: "SR-1", citation: "V1", status: "not-yet", tests: [], here: "" },
      ],
    });
    expect(readFileSync(join(out(), "hipaa.html"), "utf8")).toContain("evidence report");
  });

  it("ends with 1 and names the row where one that is due has no passing test", () => {
    expect(build([test("is shut [HS-1]", "skipped")])).toBe(1);
    expect(said.join("\n")).toContain("FAULT HS-1 (164.312(x)) is due and has no passing test");
    expect(existsSync(join(out(), "hipaa.html"))).toBe(true);
  });

  it("ends with 1 where a test failed, whatever it shows", () => {
    expect(build([test("is shut [HS-1]"), test("something else", "failed")])).toBe(1);
  });

  it("ends with 2 and writes nothing where a title names an unknown row", () => {
    expect(build([test("is shut [HS-1]"), test("is shut [HS-l]")])).toBe(2);
    expect(said).toEqual([expect.stringContaining("unknown rows: HS-l")]);
    expect(existsSync(out())).toBe(false);
  });

  it.each([REFERENCE_PAGES[0], ROW_NOTES])("ends with 2 and names what is broken: %s", (file) => {
    put(file, "| Id |\n|---|\n| x |");
    expect(build([])).toBe(2);
    expect(said[0]).toContain(file);
  });
});
