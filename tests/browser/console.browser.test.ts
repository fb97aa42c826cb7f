import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { tmpdir, userInfo } from "node:os";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MinimalDevice } from "../minimal-device/minimal-device.ts";
import { SIZES, startBrowser, watchedContext } from "../system/browser.ts";
import { Installation } from "../system/installation.ts";
import { seriousFindings } from "../system/looks.ts";
import { seriesEnding } from "../system/ward.ts";

/** Screenshots are for people to look at. A folder for each user of the machine, in place of one that only the first may write. */
const SHOTS =
  process.env["SIPHMS_SCREENSHOTS"] ?? join(tmpdir(), `siphms-screenshots-${userInfo().uid}`);

describe("the console in real Chromium", () => {
  let installation: Installation;
  let browser: Browser;
  let context: BrowserContext;
  let complaints: string[];
  let page: Page;
  let device: MinimalDevice;

  async function staffLink(): Promise<string> {
    return (
      await installation.json<{ link: string }>(
        "staff",
        "add",
        "Dr Iris Example",
        "--role",
        "doctor",
      )
    ).link;
  }

  async function headingIsClear(): Promise<boolean> {
    return page.evaluate(() => {
      scrollTo(0, 0);
      const [header, heading] = [document.querySelector("header"), document.querySelector("h1")];
      if (header === null || heading === null) return false;
      return heading.getBoundingClientRect().top >= header.getBoundingClientRect().bottom;
    });
  }

  async function shoot(name: string): Promise<void> {
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      // The frame moves to its new place for a moment; then nothing may stand behind the header.
      await expect.poll(async () => headingIsClear()).toBe(true);
      await page.screenshot({ path: join(SHOTS, `console-${name}-${size}.png`) });
    }
    await page.setViewportSize(SIZES.desktop);
  }

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    installation = await Installation.start(["--demo", "--recordings", "none"]);
    device = new MinimalDevice(await installation.invite("BRW-1"));
    const code = await device.enrol("Browser test");
    await installation.json("enrolment", "confirm", "BRW-1", code);
    await staffLink();
    await installation.json("care", "begin", "BRW-1", "Dr Iris Example");
    await device.connect();
    browser = await startBrowser();
    ({ context, complaints } = await watchedContext(browser));
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser.close();
    await installation.remove();
  });

  it("shows nothing of a patient to somebody without a session [HS-312a1]", async () => {
    await page.goto(installation.consoleUrl);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await page.content()).not.toContain("Ada Example");
    const answer = await page.request.get(`${installation.consoleUrl}/api/patients`);
    expect(answer.status()).toBe(401);
    // The browser itself reports the 401 of the session query; nothing else may be wrong.
    expect(complaints.filter((text) => !text.includes("401"))).toEqual([]);
    complaints.length = 0;
  });

  it("opens a session from the demo's link and takes the token out of the address", async () => {
    await page.goto(await staffLink());
    await page.getByRole("link", { name: "Ada Example" }).waitFor();
    expect(page.url()).toBe(`${installation.consoleUrl}/`);
    await page.getByText("Live").first().waitFor();
  });

  it("refuses the same link a second time", async () => {
    const link = await staffLink();
    const { context: other } = await watchedContext(browser);
    const first = await other.newPage();
    await first.goto(link);
    await first.getByRole("link", { name: "Ada Example" }).waitFor();
    const { context: third } = await watchedContext(browser);
    const second = await third.newPage();
    await second.goto(link);
    await second.getByText("This link does not open anything").waitFor();
    await other.close();
    await third.close();
  });

  it("shows a value that a device sent within a second of its receipt", async () => {
    await page.getByRole("link", { name: "Ada Example" }).click();
    await page.getByRole("heading", { name: "Ada Example" }).waitFor();
    const now = Date.now();
    const receipt = await device.send([seriesEnding(now, [70, 71, 137])], now);
    const stored = performance.now();
    expect(receipt.outcome).toBe(0);
    await page.getByTestId("latest-heart-rate").getByText("137").waitFor();
    expect(performance.now() - stored).toBeLessThan(1000);
  });

  it("marks a value in quarantine and never shows it as the latest", async () => {
    const now = Date.now();
    // Taken after what is on screen already, the zero last.
    await device.send([seriesEnding(now + 5000, [72, 0])], now);
    await page.getByTestId("latest-heart-rate").getByText("72").waitFor();
    await page.getByText("1 value in quarantine").first().waitFor();
    await page.getByRole("button", { name: "Values as a table" }).first().click();
    await page.getByText("no signal").first().waitFor();
  });

  it("marks a value that came late", async () => {
    const now = Date.now();
    const hourAgo = now - 3_600_000;
    await device.send([seriesEnding(hourAgo, [88])], now);
    await page.locator(".siphms-mark", { hasText: "late" }).first().waitFor();
    await shoot("patient");
  });

  it("keeps two windows of one browser live at the same time", async () => {
    const second = await context.newPage();
    await second.goto(page.url());
    await second.getByRole("heading", { name: "Ada Example" }).waitFor();
    await second.getByText("Live").first().waitFor();
    const now = Date.now();
    await device.send([seriesEnding(now + 10_000, [96])], now);
    await page.getByTestId("latest-heart-rate").getByText("96").waitFor();
    await second.getByTestId("latest-heart-rate").getByText("96").waitFor();
    await second.close();
  });

  it("shows a bar for each hour in place of more values than a chart can hold", async () => {
    const now = Date.now();
    const stepMs = 10_000;
    for (let message = 1; message <= 35; message++) {
      const values = Array.from({ length: 600 }, (_, n) => 60 + ((n + message) % 30));
      const receipt = await device.send(
        [seriesEnding(now - message * 600 * stepMs, values, { stepMs })],
        now,
      );
      expect(receipt.outcome).toBe(0);
    }
    await page.reload();
    await page.getByRole("heading", { name: "Ada Example" }).waitFor();
    expect(await page.getByText("Too many values to show each").count()).toBe(0);
    await page.getByText("Week", { exact: true }).click();
    await page.getByText("Too many values to show each").waitFor();
    await page.getByRole("button", { name: "Values as a table" }).first().click();
    const bar = page.getByRole("row").filter({ hasText: "360" }).first();
    expect(await bar.getByRole("cell").allTextContents()).toEqual([
      expect.any(String),
      "60",
      expect.stringMatching(/^7\d/),
      "89",
      "360",
    ]);
    expect(await seriousFindings(page)).toEqual([]);
    await shoot("patient-summary");
  });

  it("says so when what it shows is no longer live", async () => {
    await context.setOffline(true);
    await installation.end("SIGKILL");
    await page.getByRole("alert").getByText("Not live").waitFor();
    await shoot("not-live");
    await context.setOffline(false);
    await installation.launch();
    await page.getByText("Live", { exact: false }).first().waitFor();
    complaints.length = 0;
  });

  it("holds nothing after signing out [HS-310c]", async () => {
    await page.goto(installation.consoleUrl);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByText("You are signed out").waitFor();
    const stored = await page.evaluate(async () => ({
      local: Object.keys(localStorage),
      session: Object.keys(sessionStorage),
      caches: await caches.keys(),
    }));
    expect(stored.local.every((key) => /language|color-scheme|single-keys/.test(key))).toBe(true);
    expect(stored.session).toEqual([]);
    expect(stored.caches).toEqual([]);
    expect(complaints.filter((text) => !text.includes("401"))).toEqual([]);
  });
});
