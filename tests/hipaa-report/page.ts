import type { Evidence, EvidenceRow, RowStatus } from "./evidence.ts";
import { escapeHtml, inlineMarkup } from "./markup.ts";
import { PAGE_STYLE } from "./page-style.ts";
import type { TestResult } from "./test-results.ts";

const STATUS_WORDS: Readonly<Record<RowStatus, string>> = {
  passed: "passed",
  failed: "failed",
  "not-yet": "not yet",
  operator: "operator",
};
const STATUS_MEANINGS: Readonly<Record<RowStatus, string>> = {
  passed: "at least one test of this run shows it, and none of those that ran failed",
  failed: "a test that shows it failed in this run",
  "not-yet": "no test of this run shows it: not built, not tested, or not part of this run",
  operator: "nothing of it can be software's: it is the operator's alone",
};
const BINDINGS: Readonly<Record<string, string>> = {
  R: "required",
  "R*": "a standard, required",
  A: "addressable",
  P: "Privacy or Breach Rule",
};
const STATUSES = ["passed", "failed", "not-yet", "operator"] as const;

function badge(status: RowStatus): string {
  return `<span class="badge ${status}">${STATUS_WORDS[status]}</span>`;
}

function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}

/** The tests of a row, file by file; titles lie folded until somebody opens them, and are all printed. */
function testList(tests: readonly TestResult[]): string {
  const files = new Map<string, TestResult[]>();
  for (const test of tests) files.set(test.file, [...(files.get(test.file) ?? []), test]);
  const blocks = [...files].map(([file, inFile]) => {
    const counts = (["passed", "failed", "skipped"] as const)
      .map((state) => [inFile.filter((test) => test.state === state).length, state] as const)
      .filter(([count]) => count > 0)
      .map(([count, state]) => `${count} ${state}`);
    const items = inFile.map(
      ({ name, state }) =>
        `<li class="${state}">${state === "passed" ? "" : `<strong>${state}:</strong> `}${escapeHtml(name)}</li>`,
    );
    return `<details><summary><code>${escapeHtml(file)}</code>: ${counts.join(", ")}</summary><ul>${items.join("")}</ul></details>`;
  });
  return blocks.join("");
}

function helpersOf(row: EvidenceRow, rows: readonly EvidenceRow[]): string {
  return rows
    .filter(({ helps }) => helps.split(/[,\s]+/).includes(row.id))
    .map(({ id, status }) => `<a href="#${id}">${id}</a> (${STATUS_WORDS[status]})`)
    .join(", ");
}

function rowSection(row: EvidenceRow, rows: readonly EvidenceRow[]): string {
  const binding = BINDINGS[row.binding];
  const facts: [string, string][] = [
    ["Asks for", inlineMarkup(row.asks)],
    ["What does it here", row.here === "" ? "nothing is claimed" : inlineMarkup(row.here)],
    ["Shown by", row.tests.length === 0 ? "no test of this run" : testList(row.tests)],
    ["Stays with the operator", row.duty === "" ? "nothing named" : inlineMarkup(row.duty)],
  ];
  const helpers = helpersOf(row, rows);
  if (helpers !== "") facts.splice(3, 0, ["Helped by", helpers]);
  if (row.helps !== "") facts.push(["Helps", escapeHtml(row.helps)]);
  const list = facts.map(([term, text]) => `<dt>${term}</dt><dd>${text}</dd>`).join("");
  const heading = `${row.id} · ${escapeHtml(row.citation)}${binding === undefined ? "" : ` · ${binding}`}`;
  return `<article id="${row.id}" class="${row.status}"><h4>${heading} ${badge(row.status)}${row.isPart ? " · in part" : ""}${row.isDue ? " · due" : ""}</h4><dl>${list}</dl></article>`;
}

/** Sections of one page, and rows of one section, in the order in which they came. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups];
}

function overview(rows: readonly EvidenceRow[]): string {
  const lines = grouped(rows, ({ page, section }) => `${page}: ${section}`).map(
    ([title, inSection]) => {
      const counts = STATUSES.map(
        (status) => `<td>${inSection.filter((row) => row.status === status).length}</td>`,
      ).join("");
      const links = inSection
        .map(({ id, status }) => `<a class="${status}" href="#${id}">${id}</a>`)
        .join(" ");
      return `<tr><th scope="row">${escapeHtml(title)}</th>${counts}<td class="links">${links}</td></tr>`;
    },
  );
  const heads = STATUSES.map((status) => `<th scope="col">${STATUS_WORDS[status]}</th>`).join("");
  return `<table><caption>Rows by section and status</caption><thead><tr><th scope="col">Section</th>${heads}<th scope="col">Rows</th></tr></thead><tbody>${lines.join("")}</tbody></table>`;
}

function runFacts({ run }: Evidence): string {
  const commit =
    run.commit === "" ? "unknown: not a repository" : `<code>${escapeHtml(run.commit)}</code>`;
  const { passed, failed, skipped } = run.counts;
  const facts: [string, string][] = [
    [
      "Commit",
      `${commit}${run.isChanged ? ", <strong>with changes that are not in it</strong>" : ""}`,
    ],
    ["Tests ran", `from ${escapeHtml(run.began)} to ${escapeHtml(run.ended)}`],
    ["Tests", `${passed} passed, ${failed} failed, ${skipped} skipped`],
    ["Of", run.only.length === 0 ? "all kinds" : `a part only: ${escapeHtml(run.only.join(" "))}`],
    ["Node.js", escapeHtml(run.node)],
  ];
  return `<dl>${facts.map(([term, text]) => `<dt>${term}</dt><dd>${text}</dd>`).join("")}</dl>`;
}

/**
 * Writes the report as one page that needs nothing else: no script, no network, no other file.
 *
 * @param faults - What keeps it from being evidence, as {@link faultsOf} says.
 */
export function writePage(evidence: Evidence, faults: readonly string[]): string {
  const { rows } = evidence;
  const parts = grouped(rows, ({ page }) => page).map(([page, inPage]) => {
    const sections = grouped(inPage, ({ section }) => section).map(
      ([section, inSection]) =>
        `<section><h3>${escapeHtml(section)}</h3>${inSection.map((row) => rowSection(row, rows)).join("\n")}</section>`,
    );
    return `<section><h2>${escapeHtml(page)}</h2>${sections.join("\n")}</section>`;
  });
  const trouble =
    faults.length === 0
      ? ""
      : `<section class="faults"><h2>${plural(faults.length, "fault")}</h2><ul>${faults.map((fault) => `<li>${escapeHtml(fault)}</li>`).join("")}</ul></section>`;
  const legend = STATUSES.map(
    (status) => `<dt>${badge(status)}</dt><dd>${STATUS_MEANINGS[status]}</dd>`,
  ).join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>SIPHMS: HIPAA evidence report</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<a class="skip" href="#rows">To the rows</a>
<header>
<h1>HIPAA evidence report of SIPHMS</h1>
<p><strong>This report supports compliance. Only an operator can comply.</strong> It is no certificate: there is none for HIPAA. It is
made from the results of one run of the project's own tests, and nobody has added to it by hand: a row has passed where a test says in its title that it
shows the row, and passed. What a test does not look at, it does not show. Nobody outside of the project has reviewed it.</p>
<p>Rows, citations and duties are from <code>docs/reference/hipaa-controls.md</code> and <code>security-requirements.md</code>, which say how far
citations were checked: look them up before quoting them. Paragraphs 164 are of 45 CFR. What does it here is from <code>docs/hipaa-rows.json</code>. Where to
begin as an operator: <code>docs/hipaa.md</code>.</p>
</header>
<main>
${trouble}
<section><h2>The run</h2>${runFacts(evidence)}</section>
<section><h2>What a status means</h2><dl>${legend}</dl>
<p>Skipped tests show nothing. They are listed, with the word, beside those that ran. A row that is <em>due</em> has to have passed before a release.
<em>In part</em>: what is here, and tested, is less than the row asks for, and its text says what.</p></section>
<section><h2>At a glance</h2><div class="wide" role="region" aria-label="Rows by section and status" tabindex="0">${overview(rows)}</div></section>
<div id="rows">
${parts.join("\n")}
</div>
</main>
</body>
</html>
`;
}
