// `npm run pictures:console`: the pictures of the console in `docs/pictures`, of a demonstration with invented patients alone.
// They are made anew by it whenever a screen has changed.
import { fileURLToPath } from "node:url";
import { quarantineEntriesPath, type PersonRole, type QuarantineEntries } from "@siphms/api";
import type { Browser, Page } from "playwright-core";
import { DEMO_DOCTOR } from "../../apps/cli/src/demo/patients.ts";
import { startBrowser } from "../system/browser.ts";
import { Installation } from "../system/installation.ts";
import { drawSheet, type Picture } from "./sheet.ts";

const FOLDER = fileURLToPath(new URL("../../docs/pictures/", import.meta.url));
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };
/** The demonstration's patients have some hours behind them by then. */
const WARM_UP_MS = 30_000;
/** Charts and pictures of codes are drawn by then. */
const SETTLE_MS = 1500;

interface Look {
  readonly language: "ar" | "en";
  readonly scheme: "dark" | "light";
  readonly viewport: typeof DESK | typeof PHONE;
}

const DAY: Look = { language: "en", scheme: "light", viewport: DESK };
const NIGHT: Look = { language: "ar", scheme: "dark", viewport: DESK };
const POCKET: Look = { language: "en", scheme: "light", viewport: PHONE };
const POCKET_NIGHT: Look = { language: "ar", scheme: "dark", viewport: PHONE };

/** Opens the console for a person and a look. */
async function open(person: { name: string; role: PersonRole }, look: Look): Promise<Page> {
  const { link } = await installation.asOperator((operator) => operator.addStaff(person));
  const context = await browser.newContext({
    ...{ viewport: look.viewport, colorScheme: look.scheme },
    locale: look.language === "ar" ? "ar-EG" : "en-GB",
  });
  const page = await context.newPage();
  await page.goto(link);
  await page.locator(`html[lang=${look.language}] main h1`).waitFor();
  return page;
}

async function take(page: Page, path: string): Promise<Picture> {
  await page.goto(`${installation.consoleUrl}${path}`);
  await page.locator("main h1").waitFor();
  return shot(page);
}

async function shot(page: Page): Promise<Picture> {
  await page.waitForTimeout(SETTLE_MS);
  return { png: await page.screenshot(), width: page.viewportSize()?.width ?? 0 };
}

/** The patient who has something in quarantine, and a message of it. */
async function quarantined(page: Page): Promise<{ patient: string; evidence: string }> {
  const links = page.getByRole("main").locator('a[href^="/patients/"]');
  await links.first().waitFor();
  const hrefs = await links.evaluateAll((all) => all.map((one) => one.getAttribute("href") ?? ""));
  for (const href of new Set(hrefs)) {
    const id = href.split("/")[2] ?? "";
    const path = quarantineEntriesPath(decodeURIComponent(id), "held");
    const answer = await page.request.get(`${installation.consoleUrl}${path}`);
    const { entries } = (await answer.json()) as QuarantineEntries;
    const [first] = entries;
    if (first !== undefined) {
      return { patient: href, evidence: `${href}/evidence/${first.messageId}` };
    }
  }
  throw new Error("nobody has anything in quarantine yet");
}

const [installation, browser]: [Installation, Browser] = await Promise.all([
  Installation.start(["--demo", "--recordings", "none"]),
  startBrowser(),
]);
try {
  const doctor = { name: DEMO_DOCTOR, role: "doctor" } as const;
  const administrator = { name: "Alex Example", role: "administrator" } as const;
  const officer = { name: "Paz Example", role: "privacy-officer" } as const;
  const day = await open(doctor, DAY);
  await day.waitForTimeout(WARM_UP_MS);
  const { patient, evidence } = await quarantined(day);
  const worklist = await take(day, "/");
  await day.screenshot({ path: `${FOLDER}console-worklist.png` });
  const vitals = await take(day, patient);
  await day.screenshot({ path: `${FOLDER}console-patient.png` });
  const desk = await open(administrator, DAY);
  const night = await open(doctor, NIGHT);
  const pocket = await open(doctor, POCKET);
  const pocketNight = await open(doctor, POCKET_NIGHT);
  const pictures = [
    worklist,
    vitals,
    await take(night, "/"),
    await take(night, patient),
    await take(day, `${patient}?tab=quarantine`),
    await take(day, evidence),
    await take(day, `${patient}?tab=devices`),
    await take(night, "/register"),
    await take(desk, "/admin/people"),
    await take(desk, "/admin/system"),
    await take(await open(administrator, NIGHT), "/admin/patients"),
    await take(await open(officer, DAY), "/privacy/reviews"),
    await take(pocket, "/"),
    await take(pocket, patient),
    await take(pocket, `${patient}?tab=messages`),
    await take(pocket, evidence),
    await take(pocketNight, "/"),
    await take(pocketNight, patient),
    await take(pocketNight, `${patient}?tab=quarantine`),
    await take(pocketNight, "/register"),
  ];
  await drawSheet(browser, pictures, `${FOLDER}console.png`);
} finally {
  await browser.close();
  await installation.remove();
}
