import { rename, readdir, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENTRIES_FOLDER } from "../../apps/hospital/src/emergency/index.ts";
import { readStaticFiles } from "../../apps/hospital/src/http/static-files.ts";
import {
  createEmergencyWorld,
  type EmergencyWorld,
} from "../../apps/hospital/src/testing/emergency-world.ts";
import { bindDevice, storeBatch } from "../../apps/hospital/src/testing/hospital-world.ts";
import { startBrowser, watchedContext } from "../system/browser.ts";
import { freePort } from "../system/installation.ts";
import { lookAtScreen } from "../system/looks.ts";
import { setUpPassword, typeLogIn, type TypedFactors } from "../system/staff-pages.ts";
import { startStaffedHospital, type StaffedHospital } from "../system/staffed-hospital.ts";

const CONSOLE = fileURLToPath(new URL("../../apps/console/dist", import.meta.url));
const NURSE = "Nurse At Night";
const PATIENT = "Ada Canary";
const MODE = "Emergency mode: looking only";

let hospital: StaffedHospital;
let emergency: EmergencyWorld;
let origin: string;
let browser: Browser;
let context: BrowserContext;
let complaints: string[];
let page: Page;
let factors: TypedFactors;

/** Readings of the last hour, a value a minute. */
const storeReadings = async (patientId: string): Promise<void> => {
  const { world } = hospital;
  const confirmed = { confirmedAt: world.clock.now(), confirmedBy: "operator" };
  const sender = await bindDevice(world, patientId, { state: "active", ...confirmed });
  const start = world.clock.now() - 3_600_000;
  const series = ([1, 3] as const).map((kind) => ({
    ...{ kind, start, step: 60_000, origin: 0 as const },
    values: Array.from({ length: 60 }, (_, at) => (kind === 1 ? 70 : 950) + (at % 3)),
  }));
  await storeBatch(world, sender, { receivedAt: world.clock.now(), series });
};

beforeAll(async () => {
  hospital = await startStaffedHospital();
  browser = await startBrowser();
  ({ context, complaints } = await watchedContext(browser));
  context.setDefaultTimeout(10_000);
  page = await context.newPage();
  await page.clock.install({ time: hospital.world.clock.now() });
  const { clock } = hospital.world;
  const link = await hospital.link(NURSE, "nurse");
  factors = await setUpPassword(page, { link, name: NURSE, now: clock.now() });
  const patientId = await hospital.addPatient({ mrn: "M-1", name: PATIENT, carer: NURSE });
  await hospital.addPatient({ mrn: "M-2", name: "Bea Of Others" });
  await storeReadings(patientId);
  await clock.advance(60_000);
  await page.clock.fastForward(60_000);
  // The hospital goes away: nothing is asked of it any more.
  await page.goto("about:blank");
  origin = `http://localhost:${await freePort()}`;
  emergency = await createEmergencyWorld(hospital.world, {
    consoleOrigin: origin,
    pages: await readStaticFiles(process.env["SIPHMS_CONSOLE_DIR"] ?? CONSOLE),
  });
  emergency.console.server.prependListener("request", (_request, response) => {
    response.setHeader("date", new Date(clock.now()).toUTCString());
  });
  await emergency.console.listen({ host: "127.0.0.1", port: Number(new URL(origin).port) });
});

afterAll(async () => {
  await context.close();
  await browser.close();
  await emergency.console.close();
  await emergency.stop();
  await hospital.close();
  // The browser itself reports answers that say no; nothing else may be wrong, the page's policy least of all.
  expect(complaints.filter((text) => !/status of (401|422|503)/.test(text))).toEqual([]);
});

describe("the console in emergency mode [HS-308a7C]", () => {
  it("says what it is before anybody signs in, and lets in with password and code though nothing can be stored", async () => {
    await page.goto(origin);
    await page.getByText(MODE).waitFor();
    expect(await lookAtScreen(page, "emergency-log-in")).toEqual([]);
    await typeLogIn(page, { ...factors, code: factors.code(hospital.world.clock.now()) });
    await page.getByRole("button", { name: "Sign out", exact: true }).waitFor();
  });

  it("shows one's own patients and how old the copy is, and offers no place where something is done", async () => {
    await page.getByText(PATIENT).first().waitFor();
    await page.getByText(/You see a copy that goes up to/).waitFor();
    expect(await page.getByText("Bea Of Others").count()).toBe(0);
    expect(await page.getByText("Not live").count()).toBe(0);
    const rail = page.getByRole("navigation", { name: "Console" });
    expect(await rail.getByRole("link").allInnerTexts()).toEqual(["Worklist", "Alerts"]);
    expect(await lookAtScreen(page, "emergency-worklist")).toEqual([]);
  });

  it("shows a patient's record, and says so where something is to be changed", async () => {
    await page.getByText(PATIENT).first().click();
    await page
      .getByText(/Heart rate/)
      .first()
      .waitFor();
    expect(await lookAtScreen(page, "emergency-patient")).toEqual([]);
    await page.getByRole("tab", { name: "Messages" }).click();
    await page.getByRole("textbox").fill("Are you well?");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText(/Nothing was changed: in emergency mode/).waitFor();
    await page.goto(`${origin}/account`);
    await page.getByRole("heading", { name: "Not in emergency mode" }).waitFor();
    expect(await lookAtScreen(page, "emergency-elsewhere")).toEqual([]);
  });

  it("shows nothing of a patient when looks cannot be written down (SR-61) [HS-312b]", async () => {
    const folder = path.join(emergency.dataFolder, ENTRIES_FOLDER);
    for (const name of await readdir(folder)) await truncate(path.join(folder, name), 0);
    await rename(folder, `${folder}-aside`);
    await writeFile(folder, "");
    await page.goto(origin);
    await page.getByText(MODE).waitFor();
    await page.getByRole("button", { name: "Try again" }).first().waitFor();
    expect(await page.getByText(PATIENT).count()).toBe(0);
    await rm(folder);
    await page.getByRole("button", { name: "Try again" }).first().click();
    await page.getByText(PATIENT).first().waitFor();
  });
});
