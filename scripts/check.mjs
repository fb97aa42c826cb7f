// `npm run check`: everything that must hold before a change is proposed. As many steps at a time as there are cores; what
// each step said is shown when it ends. `npm run check -- lint types` runs only those,
// `npm run check -- --except "unit tests"` all but that.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

/** The long ones first, so that no core waits at the end. */
const STEPS = [
  ["unit tests", "npx", ["vitest", "run", "--project", "unit", "--reporter", "dot"]],
  [
    "lint",
    "npx",
    ["eslint", "--max-warnings", "0", "packages", "apps", "tests", "vitest.config.ts"],
  ],
  ["types", "npx", ["tsc", "-b"]],
  ["types of tests", "npx", ["tsc", "-p", "tsconfig.lint.json"]],
  ["types of the console", "npx", ["tsc", "-p", "apps/console/tsconfig.json", "--noEmit"]],
  ["types of the patient app", "npx", ["tsc", "-p", "apps/patient/tsconfig.json"]],
  ["format", "npx", ["prettier", "--check", "--log-level", "warn", "."]],
  [
    "direction",
    "npx",
    [
      "depcruise",
      "--config",
      ".dependency-cruiser.cjs",
      "--output-type",
      "err",
      "packages",
      "apps",
    ],
  ],
  ["dead code", "npx", ["knip"]],
];

const named = process.argv.slice(2);
const isExcept = named[0] === "--except";
const waiting = STEPS.filter(([name]) => named.length === 0 || named.includes(name) !== isExcept);
let failed = 0;

async function run([name, command, args]) {
  const begin = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const said = [];
  child.stdout.on("data", (chunk) => said.push(chunk));
  child.stderr.on("data", (chunk) => said.push(chunk));
  const status = await new Promise((resolve) => child.once("close", resolve));
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  if (status !== 0) {
    failed++;
    process.stdout.write(Buffer.concat(said));
  }
  process.stdout.write(`${status === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)\n`);
}

async function lane() {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await run(step);
}

await Promise.all(Array.from({ length: availableParallelism() }, lane));
process.exit(failed === 0 ? 0 : 1);
