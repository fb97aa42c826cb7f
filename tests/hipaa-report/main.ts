// `npm run evidence`: runs all tests and writes what they show of HIPAA's rules to evidence/hipaa.html and hipaa.json.
// `-- --results FILE` reads the results of a run that was (`npm test -- --results FILE`), `-- --out FOLDER` writes elsewhere.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildReport } from "./build-report.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Runs the tests; the closing lines of the report say what failed. */
function runTests(results: string): void {
  spawnSync(process.execPath, [join(PROJECT, "scripts/test.mjs"), "--results", results], {
    cwd: PROJECT,
    stdio: "inherit",
  });
}

const { values } = parseArgs({
  options: { results: { type: "string" }, out: { type: "string", default: "evidence" } },
});
const folder = mkdtempSync(join(tmpdir(), "siphms-evidence-"));
try {
  const results = resolve(values.results ?? join(folder, "results.json"));
  if (values.results === undefined) runTests(results);
  if (existsSync(results)) {
    process.exitCode = buildReport({ project: PROJECT, results, out: resolve(values.out), say });
  } else {
    say(`No evidence report: there are no results of tests in ${results}.`);
    process.exitCode = 2;
  }
} finally {
  rmSync(folder, { recursive: true });
}
