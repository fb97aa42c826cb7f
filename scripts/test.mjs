// `npm test`: builds, gets what the tests need, runs every kind of test, and closes with `N passed, N failed, N skipped`.
// `npm test -- e2e browser:console,worklist` runs one kind whole and of another the files that have one of these words.
// `npm test -- --results FILE` (or SIPHMS_RESULTS=FILE) also writes every test with its result, for `npm run evidence`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { aptInstall, findBrowser, hasBluetoothSim } from "./browser.mjs";

const KINDS = ["unit", "int", "e2e", "fault", "browser"];
const { values: options, positionals } = parseArgs({
  options: { results: { type: "string", default: process.env.SIPHMS_RESULTS ?? "" } },
  allowPositionals: true,
});
const wanted = positionals.map((word) => word.split(":"));
const kinds = wanted.length > 0 ? wanted.map(([kind]) => kind) : KINDS;
const filesOf = new Map(wanted.map(([kind, files]) => [kind, files?.split(",") ?? []]));
const ci = process.env.CI === "true";
const folder = mkdtempSync(join(tmpdir(), "siphms-test-"));
const total = { passed: 0, failed: 0, skipped: [], tests: [] };
const began = new Date().toISOString();
const commit = git("rev-parse", "HEAD");
const isChanged = git("status", "--porcelain") !== "";

function run(command, args, env = {}) {
  return (
    spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } }).status === 0
  );
}

function isThere(program) {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;
}

/** What git says; nothing where there is no git or no repository. */
function git(...args) {
  return spawnSync("git", args, { encoding: "utf8" }).stdout?.trim() ?? "";
}

/** What `npm run evidence` reads. `only` names the kinds and words of a run that was not of everything. */
function writeResults(file) {
  const facts = {
    commit,
    isChanged,
    began,
    ended: new Date().toISOString(),
    node: process.version,
  };
  const counts = { passed: total.passed, failed: total.failed, skipped: total.skipped.length };
  const results = { ...facts, only: positionals, counts, tests: total.tests };
  writeFileSync(file, `${JSON.stringify(results)}\n`);
}

if (!run("npm", ["run", "--silent", "build"])) {
  process.stdout.write("The build failed.\n0 passed, 1 failed, 0 skipped\n");
  process.exit(1);
}

if (kinds.includes("browser")) {
  if (!findBrowser()) aptInstall("chromium");
  if (!findBrowser()) {
    const why = "no Chromium or Chrome here, and apt could not install one (root or sudo needed)";
    process.stderr.write(`Browser tests: ${why}. Set SIPHMS_CHROMIUM to the path of one.\n`);
    if (ci) total.failed++;
    else total.skipped.push({ name: "all browser tests", why });
    kinds.splice(kinds.indexOf("browser"), 1);
  }
}
// With these Chromium meets sensors of a simulated BlueZ; without them those tests are skipped by name.
if (kinds.includes("browser") && !hasBluetoothSim()) {
  aptInstall("dbus", "python3-dbus", "python3-gi");
}
// Debian's own server lets the suite prove that a real PostgreSQL works too; without it that test is skipped by name.
if (
  kinds.includes("e2e") &&
  !existsSync("/usr/lib/postgresql/15/bin/initdb") &&
  process.getuid?.() === 0
) {
  aptInstall("postgresql-15");
}

// An HSM in software: without it the test of a key-encryption key that an HSM decrypts is skipped by name.
if (kinds.includes("int") && !isThere("softhsm2-util") && process.getuid?.() === 0) {
  aptInstall("softhsm2", "opensc");
}
// strace shows that nothing is acknowledged before it is on disk; without it those tests are skipped by name.
if (kinds.includes("fault") && !isThere("strace") && process.getuid?.() === 0) aptInstall("strace");

for (const kind of kinds) {
  process.stdout.write(`\n== ${kind} tests\n`);
  const file = join(folder, `${kind}.json`);
  const reporters = [
    "--reporter",
    kind === "unit" ? "dot" : "verbose",
    "--reporter",
    "./scripts/count-reporter.mjs",
  ];
  const env = { SIPHMS_TEST_COUNTS: file, SIPHMS_CHROMIUM: findBrowser() ?? "" };
  const files = filesOf.get(kind) ?? [];
  const ok = run("npx", ["vitest", "run", "--project", kind, ...reporters, ...files], env);
  const counts = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
  total.passed += counts?.passed ?? 0;
  total.failed += counts?.failed ?? 0;
  total.skipped.push(...(counts?.skipped ?? []));
  total.tests.push(...(counts?.tests ?? []).map((test) => ({ kind, ...test })));
  if (!ok && (counts?.failed ?? 0) === 0) total.failed++;
}
rmSync(folder, { recursive: true });
if (options.results !== "") writeResults(options.results);

process.stdout.write("\n");
for (const { file, name, why } of total.skipped) {
  process.stdout.write(
    `skipped: ${[file, name].filter(Boolean).join(": ")}${why ? ` (${why})` : ""}\n`,
  );
}
process.stdout.write(
  `${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped\n`,
);
process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
