import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { startBenchInstallation } from "../../apps/cli/src/bench/harness/bench-installation.ts";
import type { BenchInstallation } from "../../apps/cli/src/bench/harness/bench-installation.ts";
import type { BenchScope } from "../../apps/cli/src/bench/harness/bench-scope.ts";
import { addDoctorOfAll } from "../../apps/cli/src/installation/doctor-of-all.ts";
import { watchedContext } from "../system/browser.ts";

const CONSOLE = fileURLToPath(new URL("../../apps/console/dist", import.meta.url));
/** The most that settings allow: all devices of the generator come from one address. */
const GATEWAY = { SIPHMS_GATEWAY_ADDRESS_PER_MINUTE: "10000000" };
const HOSPITAL = {
  SIPHMS_HOSPITAL_ENVELOPES_PER_MINUTE: "6000",
  // Only there a link signs a doctor in without a second factor.
  SIPHMS_DEMO: "yes",
};

/** Starts database, hospital with the built console, and gateway. */
export async function startSite(scope: BenchScope): Promise<BenchInstallation> {
  return startBenchInstallation(scope, {
    gateway: GATEWAY,
    hospital: HOSPITAL,
    consoleFolder: CONSOLE,
  });
}

/** Opens the console for a doctor who has every patient of this moment in their care. */
export async function openWard(
  browser: Browser,
  installation: BenchInstallation,
  doctor: { readonly name: string; readonly width: number; readonly height: number },
): Promise<Page> {
  const { name, width, height } = doctor;
  const { link } = await addDoctorOfAll(installation.operator, name);
  const { context } = await watchedContext(browser, { viewport: { width, height } });
  const page = await context.newPage();
  await page.goto(link);
  await page.locator("[data-patient]").first().waitFor();
  return page;
}
