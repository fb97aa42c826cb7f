import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { REFERENCE_PAGES, ROW_NOTES } from "./build-report.ts";
import { parseReferenceRows } from "./reference-rows.ts";
import { parseRowNotes } from "./row-notes.ts";
import { rowsInTitle } from "./test-results.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const KNOWN = new Set(
  REFERENCE_PAGES.flatMap((page) =>
    parseReferenceRows(readFileSync(join(PROJECT, page), "utf8")).map(({ id }) => id),
  ),
);
const NOTES = parseRowNotes(readFileSync(join(PROJECT, ROW_NOTES), "utf8"));

/** Rows that test files name. The report's own tests name invented ones, never in a title. */
function rowsInTests(): Map<string, string> {
  const found = new Map<string, string>();
  for (const top of ["packages", "apps", "tests"]) {
    for (const file of readdirSync(join(PROJECT, top), { recursive: true, encoding: "utf8" })) {
      if (!/\.test\.tsx?$/.test(file) || /node_modules|^hipaa-report/.test(file)) continue;
      const path = join(top, file);
      const text = readFileSync(join(PROJECT, path), "utf8");
      for (const id of rowsInTitle(text)) found.set(id, path);
    }
  }
  return found;
}

describe("the rows of the HIPAA evidence report", () => {
  const named = rowsInTests();

  it("are read from both pages, and tests name many of them", () => {
    expect(KNOWN.size).toBeGreaterThan(150);
    expect(named.size).toBeGreaterThan(40);
  });

  it("that tests name are all known", () => {
    expect([...named].filter(([id]) => !KNOWN.has(id))).toEqual([]);
  });

  it("that tests name have a word in the data file about what does it", () => {
    expect([...named].filter(([id]) => NOTES.rows[id] === undefined)).toEqual([]);
  });

  it("that the data file names are all known, and none is named twice", () => {
    const ids = [...NOTES.due, ...NOTES.operatorOnly, ...Object.keys(NOTES.rows)];
    expect(ids.filter((id) => !KNOWN.has(id))).toEqual([]);
    expect(new Set(NOTES.due).size).toBe(NOTES.due.length);
  });
});
