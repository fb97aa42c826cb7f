import type { Browser } from "playwright-core";
import type { BenchInstallation } from "../../apps/cli/src/bench/harness/bench-installation.ts";
import type { BenchValue } from "../../apps/cli/src/bench/harness/bench-result.ts";
import type { BenchScope } from "../../apps/cli/src/bench/harness/bench-scope.ts";
import { median, rounded } from "../../apps/cli/src/bench/harness/statistics.ts";
import { untilSummarised } from "../../apps/cli/src/bench/history/history-site.ts";
import { createMachineClient } from "../../apps/cli/src/installation/key-login.ts";
import { MinimalDevice } from "../minimal-device/minimal-device.ts";
import { seriesEnding } from "../system/ward.ts";
import { showAll } from "./screen-watch.ts";
import { openWard } from "./site.ts";

const MINUTE_MS = 60_000;
const DAYS = 365;
/** Half a day of one a minute. */
const VALUES_A_MESSAGE = 720;
const MESSAGES = DAYS * 2;
const VALUES = MESSAGES * VALUES_A_MESSAGE;
const LOOKS = 7;
const MRN = "YEAR-1";
const NAME = "Yara Year";

/** Measures how long a year of one patient, a value a minute, takes from the press of a button to the picture. */
export async function yearFigures(
  scope: BenchScope,
  {
    browser,
    installation,
  }: { readonly browser: Browser; readonly installation: BenchInstallation },
): Promise<Readonly<Record<string, BenchValue>>> {
  scope.say(`Storing a year of ${String(VALUES)} values ...`);
  await storeYear(installation);
  await untilSummarised(installation);
  const doctor = { name: "Dr. Year", width: 1280, height: 800 };
  const page = await openWard(browser, installation, doctor);
  await page.getByLabel("Search by name or MRN").fill(MRN);
  await page.getByRole("link", { name: NAME }).click();
  const times: number[] = [];
  for (let look = 0; look < LOOKS; look++) {
    // Anew each time: nothing of the year is in the page.
    await page.reload();
    await page.getByRole("group", { name: /Heart rate/ }).waitFor();
    times.push(await page.evaluate<number>(showAll(VALUES)));
  }
  await page.context().close();
  return {
    yearOnScreenMs: rounded(median(times)),
    yearOnScreenSlowestMs: rounded(Math.max(...times)),
    yearValues: VALUES,
  };
}

async function storeYear({ operatorSocket }: BenchInstallation): Promise<void> {
  const operator = createMachineClient(operatorSocket);
  try {
    await operator.addPatient({ mrn: MRN, name: NAME, birthDate: "1950-07-01", sex: "F" });
    const device = new MinimalDevice((await operator.invite(MRN)).link);
    const code = await device.enrol("Year");
    await operator.confirm({ mrn: MRN, code });
    await device.connect();
    const now = Date.now();
    for (let message = MESSAGES; message > 0; message--) {
      const end = now - (message - 1) * VALUES_A_MESSAGE * MINUTE_MS - MINUTE_MS;
      const values = Array.from({ length: VALUES_A_MESSAGE }, (_, n) => 60 + ((n + message) % 40));
      const receipt = await device.send([seriesEnding(end, values, { stepMs: MINUTE_MS })], now);
      if (receipt.outcome !== 0) throw new RangeError("a part of the year was not stored");
    }
  } finally {
    operator.close();
  }
}
