import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildReport } from "../hipaa-report/build-report.ts";
import { resultsOf, test } from "../hipaa-report/samples.ts";
import { SIZES, startBrowser, watchedContext } from "../system/browser.ts";
import { seriousFindings } from "../system/looks.ts";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const SHOTS =
  process.env["SIPHMS_SCREENSHOTS"] ?? join(tmpdir(), `siphms-screenshots-${userInfo().uid}`);
const FOLDED = "is shut to strangers";

describe("the HIPAA evidence report, opened from a disk in real Chromium", () => {
  const folder = mkdtempSync(join(tmpdir(), "siphms-report-"));
  const address = pathToFileURL(join(folder, "hipaa.html")).href;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  const requests: string[] = [];

  beforeAll(async () => {
    const tests = [
      test(`${FOLDED} [HS-312b]`),
      test("is shut at night [HS-312d]", "failed"),
      test("is shut by a lock [HS-312b, HS-312e1]", "skipped"),
    ];
    const results = join(folder, "results.json");
    writeFileSync(results, JSON.stringify(resultsOf(tests)));
    expect(buildReport({ project: PROJECT, results, out: folder, say: () => undefined })).toBe(1);
    mkdirSync(SHOTS, { recursive: true });
    browser = await startBrowser();
    const watched = await watchedContext(browser);
    complaints = watched.complaints;
    page = await watched.context.newPage();
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(address);
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  it("looks right on a phone and on a desk, by day and by night", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const size of ["phone", "desktop"] as const) {
        await page.setViewportSize(SIZES[size]);
        await page.screenshot({ path: join(SHOTS, `hipaa-report-${colorScheme}-${size}.png`) });
        const isWide = await page.evaluate(
          () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
        );
        expect([colorScheme, size, isWide]).toEqual([colorScheme, size, false]);
      }
      expect(await seriousFindings(page)).toEqual([]);
    }
  });

  it("unfolds a file's tests without a script, and leads from the overview to a row", async () => {
    const title = page.locator("article#HS-312b").getByText(FOLDED);
    expect(await title.isVisible()).toBe(false);
    await page.locator("article#HS-312b summary").click();
    expect(await title.isVisible()).toBe(true);
    await page.locator("article#HS-312b summary").click();
    await page.getByRole("link", { name: "HS-312d" }).first().click();
    expect(page.url()).toBe(`${address}#HS-312d`);
  });

  it("is printed with every test unfolded", async () => {
    await page.emulateMedia({ media: "print" });
    const item = page.locator("article#HS-312b li").first();
    expect(await item.evaluate((element) => element.getBoundingClientRect().height)).not.toBe(0);
    await page.pdf({ path: join(SHOTS, "hipaa-report.pdf"), format: "A4" });
    await page.emulateMedia({ media: "screen" });
  });

  it("asks for nothing but itself", () => {
    expect(new Set(requests.map((url) => url.split("#")[0]))).toEqual(new Set([address]));
    expect(complaints).toEqual([]);
  });
});
