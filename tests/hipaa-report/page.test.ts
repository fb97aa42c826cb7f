import { describe, expect, it } from "vitest";
import { makeEvidence } from "./evidence.ts";
import { writePage } from "./page.ts";
import { referenceRow, sourcesOf, test } from "./samples.ts";

const HOSTILE = `</li><script>alert("x")</script><img src='x' onerror=alert(1)> & more`;

function pageOf(...tests: ReturnType<typeof test>[]): string {
  return writePage(makeEvidence(sourcesOf(tests)), []);
}

describe("the report as a page", () => {
  it("says what it is, and that only an operator can comply", () => {
    const page = pageOf(test("is shut [HS-1]"));
    expect(page).toContain("HIPAA evidence report");
    expect(page).toContain("supports compliance. Only an operator can comply.");
    expect(page).not.toMatch(/certified|compliant/i);
  });

  it("needs no script and nothing from elsewhere", () => {
    const page = pageOf(test("is shut [HS-1]"));
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|https?:|\bon\w+=/);
    expect(page).toContain("default-src 'none'");
  });

  it("shows each row with status, tests by file, what does it and whom it helps", () => {
    const page = pageOf(test("is shut [HS-1]"), test("is shut here (SR-2)", "skipped"));
    expect(page).toContain('<article id="HS-1" class="passed">');
    expect(page).toContain("<code>a.test.ts</code>: 1 passed");
    expect(page).toContain('<article id="SR-2" class="not-yet">');
    expect(page).toContain("<strong>skipped:</strong> is shut here (SR-2)");
    expect(page).toContain('<a href="#SR-2">SR-2</a> (not yet)');
  });

  it("says of a row whose text is of a part only that it is", () => {
    const sources = sourcesOf([test("is shut [HS-1]")]);
    const rows = { ...sources.notes.rows, "HS-1": { here: "Doors.", part: true } } as const;
    const made = makeEvidence({ ...sources, notes: { ...sources.notes, rows } });
    expect(writePage(made, [])).toContain(
      '<span class="badge passed">passed</span> · in part · due',
    );
    expect(pageOf()).not.toContain("· in part");
  });

  it("says the run's facts, and that a run was of a part or of changed files", () => {
    const { results, ...others } = sourcesOf([test("is shut [HS-1]")]);
    const part = { ...results, only: ["unit"], isChanged: true };
    const page = writePage(makeEvidence({ ...others, results: part }), []);
    expect(page).toContain("c0ffee");
    expect(page).toContain("1 passed, 0 failed, 0 skipped");
    expect(page).toContain("a part only: unit");
    expect(page).toContain("with changes that are not in it");
  });

  it("names the faults on top", () => {
    const page = writePage(makeEvidence(sourcesOf([])), ["HS-1 is due & missing"]);
    expect(page).toContain("<h2>1 fault</h2><ul><li>HS-1 is due &amp; missing</li></ul>");
  });

  it("shows whatever stands in a title, a row or a note as text alone", () => {
    const sources = sourcesOf([test(`${HOSTILE} [HS-1]`)]);
    const words = { asks: HOSTILE, citation: HOSTILE, duty: HOSTILE, section: HOSTILE };
    const page = writePage(
      makeEvidence({
        ...sources,
        reference: [referenceRow("HS-1", { ...words, page: HOSTILE }), referenceRow("SR-2")],
        notes: { ...sources.notes, rows: { "HS-1": { here: HOSTILE } } },
        results: { ...sources.results, commit: HOSTILE, node: HOSTILE, only: [HOSTILE] },
      }),
      [HOSTILE],
    );
    expect(page).not.toMatch(/<script|<img/);
    expect(page.split("&lt;script&gt;").length - 1).toBeGreaterThanOrEqual(9);
  });

  it("knows of all marks the two of the reference pages", () => {
    const sources = sourcesOf([]);
    const asks = "`a < b` and **c** and *d* [e](https-f)";
    const reference = [referenceRow("HS-1", { asks }), referenceRow("SR-2")];
    const page = writePage(makeEvidence({ ...sources, reference }), []);
    expect(page).toContain("<code>a &lt; b</code> and <strong>c</strong> and *d* [e](https-f)");
  });
});
