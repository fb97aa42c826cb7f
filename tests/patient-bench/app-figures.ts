import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import type { BenchValue } from "../../apps/cli/src/bench/harness/bench-result.ts";
import { median, rounded } from "../../apps/cli/src/bench/harness/statistics.ts";
import type { Installation } from "../system/installation.ts";
import { PatientPhone } from "../system/patient-phone.ts";
import { VirtualAuthenticator } from "../system/virtual-authenticator.ts";

const UNLOCKINGS = 7;
const KILOBYTE = 1_000;

/** Measures the built app with its screens: what it loads before anything is shown, and how soon it is ready. */
export async function appFigures(
  browser: Browser,
  installation: Installation,
): Promise<Readonly<Record<string, BenchValue>>> {
  return {
    firstScreenScriptKbGzip: await firstScreen(browser, installation),
    unlockToReadyMs: await unlocking(browser, installation),
  };
}

/** Everything that is JavaScript, until the first screen stands; what a service worker fetches for later is not counted. */
async function firstScreen(browser: Browser, installation: Installation): Promise<number> {
  const phone = await PatientPhone.fresh(browser, { serviceWorkers: "block" });
  const sizes: Promise<number>[] = [];
  phone.page.on("response", (response) => {
    if (response.request().resourceType() !== "script") return;
    sizes.push(response.body().then((body) => gzipSync(body).length));
  });
  await phone.page.goto(installation.appUrl, { waitUntil: "networkidle" });
  await phone.heading("Connect this phone to your hospital");
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  await phone.context.close();
  return rounded(bytes / KILOBYTE);
}

/**
 * From the finger to an open session, with a new handshake. By fingerprint, since there is no Argon2id in it: the time of
 * that is chosen, not suffered.
 */
async function unlocking(browser: Browser, installation: Installation): Promise<number> {
  const phone = await PatientPhone.fresh(browser);
  await VirtualAuthenticator.attach(phone.page);
  await phone.enrol(installation, "BENCH-UNLOCK", "Fingerprint or face");
  const times: number[] = [];
  for (let round = 0; round < UNLOCKINGS; round++) {
    await phone.press("Lock");
    await phone.heading("Locked");
    times.push(await phone.page.evaluate<number>(UNLOCK_AND_WAIT));
  }
  await phone.context.close();
  return rounded(median(times));
}

/** Runs in the page; as text, since what compiles this file on the way would put calls of its own into a function. */
const UNLOCK_AND_WAIT = `new Promise((resolve) => {
  const button = [...document.querySelectorAll("button")].find(
    ({ textContent }) => textContent === "Use fingerprint or face",
  );
  const begin = performance.now();
  button.click();
  const look = () => {
    const isOpen = document.querySelector("[data-connection=open]") !== null;
    if (isOpen) resolve(performance.now() - begin);
    else setTimeout(look, 1);
  };
  look();
})`;
