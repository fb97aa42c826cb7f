import type { PersonRole } from "@siphms/api";
import { expect } from "vitest";
import type { Browser, Locator, Page } from "playwright-core";
import { watchedContext } from "./browser.ts";
import type { Installation } from "./installation.ts";

const DESK = { width: 1280, height: 800 };
/** Longer than anything takes that a person waits for. */
const WAIT_MS = 15_000;
/** No screen has more places to stop at. */
const MOST_TABS = 80;

/** The console of a demonstration, open for one person, and what went wrong in it. */
export interface OpenConsole {
  readonly page: Page;
  /** Console errors, broken policies and requests that leave this machine. */
  readonly complaints: string[];
}

/** Opens the console in a browser of its own for a person who need not be there yet. */
export async function openConsole(
  browser: Browser,
  installation: Installation,
  person: { readonly name: string; readonly role: PersonRole },
): Promise<OpenConsole> {
  const { context, complaints } = await watchedContext(browser, { viewport: DESK });
  context.setDefaultTimeout(WAIT_MS);
  await context.grantPermissions(["clipboard-write"]);
  const page = await context.newPage();
  const { link } = await installation.asOperator((operator) => operator.addStaff(person));
  await page.goto(link);
  await page.getByRole("button", { name: "Sign out" }).waitFor();
  return { page, complaints };
}

/** Presses Tab until something has the focus, as somebody does who has no mouse. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < MOST_TABS; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  expect.fail("the keyboard does not get there");
}
