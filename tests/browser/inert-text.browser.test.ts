import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBrowser, watchedContext } from "../system/browser.ts";
import { startStaffedHospital, type StaffedHospital } from "../system/staffed-hospital.ts";
import { setUpPasskey } from "../system/staff-pages.ts";
import { VirtualAuthenticator } from "../system/virtual-authenticator.ts";

const PATIENCE_MS = 30_000;
const MARK = "globalThis.wasRun=1";
/** Texts that would do something where they are taken for markup, for an address or for a template. */
const PAYLOADS = [
  `<img src=x onerror=${MARK}>`,
  `<script>${MARK}</script>`,
  `"><svg onload=${MARK}>`,
  `</title><script>${MARK}</script>`,
  `<iframe srcdoc="<script>parent.${MARK}</script>">`,
  `javascript:${MARK}`,
  `{{constructor.constructor('${MARK}')()}}`,
  `<a href="https://example.invalid/">press here</a>`,
];

let hospital: StaffedHospital;
let browser: Browser;
let page: Page;
let complaints: readonly string[];
const dialogs: string[] = [];
const foreign: string[] = [];

beforeAll(async () => {
  hospital = await startStaffedHospital();
  browser = await startBrowser();
  const watched = await watchedContext(browser);
  complaints = watched.complaints;
  watched.context.setDefaultTimeout(PATIENCE_MS);
  page = await watched.context.newPage();
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(hospital.origin)) foreign.push(request.url());
  });
  const authenticator = await VirtualAuthenticator.attach(page);
  const staffName = `Dr. <img src=x onerror=${MARK}>`;
  await setUpPasskey(page, await hospital.link(staffName, "doctor"));
  await authenticator.answerByItself(false);
  for (const [index, name] of PAYLOADS.entries()) {
    await hospital.addPatient({ mrn: `X-${index}`, name, carer: staffName });
  }
});
afterAll(async () => {
  await browser.close();
  await hospital.close();
});

async function expectInert(): Promise<void> {
  expect(await page.evaluate(() => "wasRun" in globalThis)).toBe(false);
  const made = page.locator("img[src=x], svg[onload], iframe, a[href*='example.invalid']");
  expect(await made.count()).toBe(0);
  expect([dialogs, foreign]).toEqual([[], []]);
}

describe("text that people typed [HS-308a5B]", () => {
  it("stands on the worklist as text, whatever it is (SR-47)", async () => {
    await page.goto(hospital.origin);
    for (const payload of PAYLOADS) {
      await page.getByText(payload, { exact: true }).first().waitFor();
    }
    await expectInert();
  });

  it.each(PAYLOADS.map((payload, index) => [payload, `X-${index}`] as const))(
    "stands on a patient's page as text: %s (SR-47)",
    async (payload) => {
      await page.goto(hospital.origin);
      await page.getByText(payload, { exact: true }).first().click();
      await page.waitForURL(/\/patients\//);
      await page.getByText(payload, { exact: true }).first().waitFor();
      await expectInert();
      // What stands in the window's title stands in the history of the browser too.
      expect(await page.title()).not.toContain(payload);
    },
  );

  it("breaks no rule of the page, and was refused nothing (SR-48)", () => {
    // The browser itself reports answers that say no: a link that is no session.
    expect(complaints.filter((text) => !/status of 4(01|22)/.test(text))).toEqual([]);
  });
});
