// `npm run test:nightly`: builds, runs the tests that are too slow for every change (tests/nightly), kills each program some
// hundreds of times under load, and prints what came of it.
// `-- --write` puts the table into docs/reliability.md (only where nothing was found); `-- --rounds 50` plays fewer rounds.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

const PAGE = new URL("../docs/reliability.md", import.meta.url);
const BEGIN = "<!-- nightly: begin -->";
const END = "<!-- nightly: end -->";

const { values } = parseArgs({
  options: { write: { type: "boolean" }, rounds: { type: "string", default: "500" } },
});
if (!/^[1-9]\d{0,4}$/.test(values.rounds)) {
  process.stderr.write("--rounds takes a whole number, 1 to 99999.\n");
  process.exit(2);
}

function run(command, args, env = {}) {
  return (
    spawnSync(command, args, { stdio: "inherit", env: { ...process.env, ...env } }).status === 0
  );
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

function row(cells) {
  return `| ${cells.join(" | ")} |`;
}

/** The rounds of several victims share one history, so what is found can be laid at no one victim's door. */
function table(result) {
  const counts = ["lost", "doubled", "receipt-for-nothing"].map(
    (kind) => result.violations[kind] ?? 0,
  );
  const others = Object.entries(result.violations)
    .filter(([kind]) => !["lost", "doubled", "receipt-for-nothing"].includes(kind))
    .map(([kind, count]) => `${kind} ${count}`);
  const sum = (name) => result.victims.reduce((total, victim) => total + victim[name], 0);
  const longest = Math.max(...result.victims.map((victim) => victim.longestRecoveryMs));
  return [
    row([
      "killed",
      "rounds",
      "while envelopes were under way",
      "lost",
      "doubled",
      "receipts for nothing",
      "served again after (median)",
      "longest",
    ]),
    row(["---", "--:", "--:", "--:", "--:", "--:", "--:", "--:"]),
    ...result.victims.map((victim) =>
      row([
        victim.victim,
        victim.rounds,
        victim.underWay,
        ...counts.map((count) => (count === 0 ? 0 : "?")),
        seconds(victim.medianRecoveryMs),
        seconds(victim.longestRecoveryMs),
      ]),
    ),
    row(["**all**", sum("rounds"), sum("underWay"), ...counts, "", seconds(longest)]),
    "",
    `Compared, operation by operation: ${result.readings.toLocaleString("en")} signed messages with ` +
      `${result.samples.toLocaleString("en")} samples, and ${result.receipts.toLocaleString("en")} receipts that devices hold. ` +
      `Anything else that was wrong: ${others.join(", ") || "nothing"}.`,
  ].join("\n");
}

const folder = mkdtempSync(join(tmpdir(), "siphms-nightly-"));
const file = join(folder, "result.json");
const began = Date.now();
let ok = run("npm", ["run", "--silent", "build"]);
const isSlowPassed = ok && run("npx", ["vitest", "run", "--project", "nightly"]);
ok &&= run(
  "npx",
  ["vitest", "run", "--project", "fault", "--reporter", "verbose", "tests/fault/crash-rounds"],
  { SIPHMS_CRASH_ROUNDS: values.rounds, SIPHMS_CRASH_RESULT: file },
);
const result = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
rmSync(folder, { recursive: true });

if (result !== undefined) {
  const minutes = Math.round((Date.now() - began) / 60_000);
  const text = [
    `${new Date().toISOString().slice(0, 10)}, Node.js ${process.versions.node}, ${availableParallelism()} cores, ` +
      `${minutes} minutes, SIPHMS_CRASH_SEED=${result.seed}:`,
    "",
    table(result),
  ].join("\n");
  process.stdout.write(`\n${text}\n`);
  if (ok && values.write) {
    const page = readFileSync(PAGE, "utf8");
    const [head, tail] = [page.indexOf(BEGIN), page.indexOf(END)];
    if (head < 0 || tail < head) throw new Error(`docs/reliability.md has lost its marks ${BEGIN}`);
    const begin = page.slice(0, head + BEGIN.length);
    writeFileSync(PAGE, `${begin}\n${text}\n${page.slice(tail)}`);
    process.stdout.write("\nWritten into docs/reliability.md.\n");
  }
}
ok &&= isSlowPassed;
if (!ok) process.stdout.write("\nNOT PASSED.\n");
process.exit(ok ? 0 : 1);
