// `npm run bench:patient`: how large and how fast the patient app is, in the Chromium of the browser tests. `-- --json` prints
// one line for machines. It stands here and not under `siphms bench`, so that the command line needs no browser's driver.
import { machineConditions } from "../../apps/cli/src/bench/harness/bench-conditions.ts";
import { printBenchResult } from "../../apps/cli/src/bench/harness/bench-result.ts";
import { standardOutput } from "../../apps/cli/src/output.ts";
import { startBrowser } from "../system/browser.ts";
import { Installation } from "../system/installation.ts";
import { appFigures } from "./app-figures.ts";
import { engineFigures } from "./engine-figures.ts";

const installation = await Installation.start();
const browser = await startBrowser();
try {
  const value = {
    ...(await appFigures(browser, installation)),
    ...(await engineFigures(browser, installation)),
  };
  const conditions = { ...(await machineConditions()), chromium: browser.version() };
  const noLimit = { limit: null, ratio: null, p50Ms: null, p99Ms: null };
  const result = { bench: "patient", value, ...noLimit, conditions };
  printBenchResult(result, { json: process.argv.includes("--json") }, standardOutput);
} finally {
  await browser.close();
  await installation.remove();
}
