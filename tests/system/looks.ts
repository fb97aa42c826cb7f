import { AxeBuilder } from "@axe-core/playwright";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Page } from "playwright-core";

/** Where screenshots go, for people to look at; without it none are taken. */
const SHOTS = process.env["SIPHMS_SCREENSHOTS"];

const LAYOUT_LOOKS = 10;
const LAYOUT_PAUSE_MS = 100;
const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 800 };

/** What a check for accessibility found that somebody could not get past: serious or critical. */
export async function seriousFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => {
      const places = nodes.map(({ html }) => html).join(" ");
      return `${id}: ${places.slice(0, 400)}`;
    });
}

/**
 * Looks at the console's screen as it stands: in English by day and in Arabic by night, on a phone and on a desk.
 *
 * The page is not loaded anew, so that what a person has opened or typed is looked at as well. It ends as it began.
 *
 * @param name - Of the screenshots.
 * @returns What is seriously wrong, which language it was found in first.
 */
export async function lookAtScreen(page: Page, name: string): Promise<string[]> {
  if (SHOTS !== undefined) mkdirSync(SHOTS, { recursive: true });
  const before = page.viewportSize() ?? DESKTOP;
  const found: string[] = [];
  // Whatever moves is at its place at once: a picture, and a colour, of half a movement is nobody's.
  await page.emulateMedia({ reducedMotion: "reduce" });
  for (const language of ["en", "ar"]) {
    await speak(page, language);
    await paint(page, language === "ar" ? "dark" : "light");
    for (const [size, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
      await page.setViewportSize(viewport);
      if (SHOTS !== undefined) {
        await page.screenshot({ path: join(SHOTS, `console-${name}-${language}-${size}.png`) });
      }
      if (await isWiderThanWindow(page)) found.push(`${language} ${size}: scrolls sideways`);
    }
    await page.setViewportSize(before);
    found.push(...(await seriousFindings(page)).map((text) => `${language} ${text}`));
  }
  await speak(page, "en");
  await paint(page, "light");
  return found;
}

/** Chooses the language where the page has its list, also where a dialog lies over it. */
async function speak(page: Page, language: string): Promise<void> {
  await page.evaluate((code) => {
    const lists = [...document.querySelectorAll("select")];
    const list = lists.find(({ options }) => [...options].some(({ value }) => value === "ar"));
    if (list === undefined) throw new Error("this screen has no list of languages");
    list.value = code;
    list.dispatchEvent(new Event("change", { bubbles: true }));
  }, language);
  await page.locator(`html[lang=${language}]`).waitFor({ state: "attached" });
}

async function paint(page: Page, scheme: "dark" | "light"): Promise<void> {
  await page.evaluate((value) => {
    document.documentElement.setAttribute("data-mantine-color-scheme", value);
  }, scheme);
}

/** What follows the window's size a moment later, as charts do, is given that moment. */
async function isWiderThanWindow(page: Page): Promise<boolean> {
  for (let look = 0; look < LAYOUT_LOOKS; look++) {
    const isWider = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth > clientWidth;
    });
    if (!isWider) return false;
    await wait(LAYOUT_PAUSE_MS);
  }
  return true;
}
