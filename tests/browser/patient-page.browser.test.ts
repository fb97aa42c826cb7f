import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MinimalDevice } from "../minimal-device/minimal-device.ts";
import { startBrowser } from "../system/browser.ts";
import { openConsole, tabTo, type OpenConsole } from "../system/demo-console.ts";
import { Installation } from "../system/installation.ts";
import { lookAtScreen } from "../system/looks.ts";
import { admit, admitWithDevice, seriesEnding } from "../system/ward.ts";

const DOCTOR = "Dr Iris Example";
const ADA = { mrn: "PAGE-1", name: "Ada Example", carer: DOCTOR };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("a patient's page", () => {
  let installation: Installation;
  let browser: Browser;
  let opened: OpenConsole;
  let page: Page;
  let device: MinimalDevice;
  let address: string;

  const card = (name: string) => page.getByRole("region", { name, exact: true });
  const chart = (name: string) => card(name).getByRole("group", { name });
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  const openTable = (name: string) => card(name).getByRole("button").last().click();

  /** When the time begins and ends that the charts show. */
  async function shown(): Promise<{ readonly from: number; readonly to: number }> {
    const text = (await page.locator(".siphms-time-span").textContent()) ?? "";
    const [, from = "", to = ""] = /^From (.*) to (.*)$/.exec(text) ?? [];
    return { from: Date.parse(from), to: Date.parse(to) };
  }
  async function length(): Promise<number> {
    const { from, to } = await shown();
    return Math.round((to - from) / 1000) * 1000;
  }
  const isLive = async () => (await button("Now").getAttribute("aria-pressed")) === "true";

  async function send(...series: Parameters<MinimalDevice["send"]>[0]): Promise<void> {
    await device.send(series, Date.now());
  }

  beforeAll(async () => {
    [installation, browser] = await Promise.all([
      Installation.start(["--demo", "--recordings", "none"]),
      startBrowser(),
    ]);
    opened = await openConsole(browser, installation, { name: DOCTOR, role: "doctor" });
    page = opened.page;
    device = await admitWithDevice(installation, ADA);
    const now = Date.now();
    const minute = Array.from({ length: 60 }, (_, second) => 70 + (second % 7));
    await send(seriesEnding(now - 10 * MINUTE, minute), seriesEnding(now - 2 * MINUTE, minute));
    await send(seriesEnding(now - MINUTE, [[122, 78, 93]], { kind: 2 }));
    await send(seriesEnding(now - 3 * MINUTE, [3670], { kind: 5, origin: 1 }));
    await send(seriesEnding(now - MINUTE, [3910], { kind: 5, origin: 2 }));
    await send(seriesEnding(now - HOUR, [88]));
    await send(seriesEnding(now, [71, 0]));
    await page.getByRole("link", { name: ADA.name }).click();
    await page.getByRole("heading", { name: ADA.name }).waitFor();
    address = new URL(page.url()).pathname;
  });
  afterAll(async () => {
    await browser.close();
    await installation.remove();
  });

  it("says who it is, and goes on saying it however far one scrolls", async () => {
    await card("Temperature").waitFor();
    const strip = page.locator(".siphms-strip");
    for (const fact of [ADA.name, "1 Jul 1950", ADA.mrn, "woman", "Problem", "Doctor"]) {
      await strip.getByText(fact, { exact: false }).first().waitFor();
    }
    for (const size of [
      { width: 1280, height: 800 },
      { width: 360, height: 740 },
    ]) {
      await page.setViewportSize(size);
      await page.evaluate(() => {
        scrollTo(0, document.body.scrollHeight);
      });
      await expect
        .poll(() => strip.evaluate((element) => element.getBoundingClientRect().top))
        .toBe(await page.locator("header").evaluate((e) => e.getBoundingClientRect().bottom));
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    expect(await page.title()).not.toContain(ADA.name);
  });

  it("shows pressures as pairs, and marks what is late, held, typed in or imported, in words", async () => {
    await page.getByTestId("latest-blood-pressure").getByText("122/78 (93)").waitFor();
    await card("Heart rate").getByText("1 value in quarantine").waitFor();
    await card("Heart rate").getByText("late").first().waitFor();
    await card("Temperature").getByText("typed in").first().waitFor();
    await card("Temperature").getByText("imported").first().waitFor();
    // What stands in quarantine is never the newest value; what is far out says so.
    await page.getByTestId("latest-heart-rate").getByText("71").waitFor();
    await page
      .getByTestId("latest-body-temperature")
      .getByRole("img", { name: "Urgent" })
      .waitFor();
    expect(await page.getByTestId("latest-heart-rate").getByRole("img").count()).toBe(0);
  });

  it("has each value in a table, with its unit, where it is from, and its signed original", async () => {
    await openTable("Heart rate");
    await openTable("Temperature");
    const held = card("Heart rate").getByRole("row").filter({ hasText: "no signal" });
    expect(await held.getByRole("cell").nth(1).textContent()).toBe("0 /min");
    await held.getByText("in quarantine").waitFor();
    const typed = card("Temperature").getByRole("row").filter({ hasText: "typed in" });
    await typed.getByText("36.7 °C").waitFor();
    await card("Heart rate")
      .getByText(/^The newest 100 of 1\d\d rows/)
      .waitFor();
    const original = typed.getByRole("link", { name: "Signed original" });
    expect(await original.getAttribute("href")).toMatch(
      new RegExp(`^${address}/evidence/[\\w-]{10,}\\?device=[\\w-]+$`),
    );
    expect(await lookAtScreen(page, "patient-tables")).toEqual([]);
    await original.click();
    await page.waitForURL(/\/evidence\//);
    await page.goBack();
    await card("Heart rate").waitFor();
  });

  it("moves and zooms all charts with the keys alone, and says what stands under the crosshair", async () => {
    await tabTo(page, chart("Heart rate"));
    expect(await length()).toBe(6 * HOUR);
    expect(await isLive()).toBe(true);
    await page.keyboard.press("+");
    await expect.poll(length).toBe(3 * HOUR);
    await page.keyboard.press("-");
    await page.keyboard.press("ArrowLeft");
    await expect.poll(isLive).toBe(false);
    const before = await shown();
    await page.keyboard.press("ArrowLeft");
    await expect.poll(async () => (await shown()).from).toBeLessThan(before.from - HOUR);
    await page.keyboard.press("End");
    await expect.poll(isLive).toBe(true);
    await page.keyboard.press("Shift+ArrowLeft");
    const readout = card("Heart rate").locator(".siphms-chart-point");
    await expect.poll(() => readout.textContent()).toMatch(/: 0 \/min, in quarantine$/);
    await page.keyboard.press("Shift+ArrowLeft");
    await expect.poll(() => readout.textContent()).toMatch(/: 71 \/min$/);
    expect(await readout.getAttribute("aria-live")).toBe("polite");
    // The other charts point at the same instant.
    const crosshair = card("Temperature").locator(".u-cursor-x");
    await expect.poll(() => crosshair.evaluate((e) => e.classList.contains("u-off"))).toBe(false);
  });

  it("moves by dragging, zooms by Ctrl and the wheel, and leaves the wheel alone to the page", async () => {
    const area = await middleOf(card("Heart rate").locator(".u-over"));
    await page.mouse.move(area.x, area.y);
    await page.mouse.down();
    await page.mouse.move(area.x + 120, area.y, { steps: 6 });
    await page.mouse.up();
    await expect.poll(isLive).toBe(false);
    const before = await length();
    await page.mouse.wheel(0, 40);
    expect(await length()).toBe(before);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, 200);
    await page.keyboard.up("Control");
    await expect.poll(length).toBeGreaterThan(before);
    await button("Now").click();
  });

  it("goes by buttons to an hour, a week, everything, a day, and back to now", async () => {
    await page.getByText("1 hour", { exact: true }).click();
    await expect.poll(length).toBe(HOUR);
    await button("Earlier").click();
    await expect.poll(isLive).toBe(false);
    await page.getByText("Week", { exact: true }).click();
    await expect.poll(length).toBe(7 * 24 * HOUR);
    await page.getByText("All", { exact: true }).click();
    // From the first value, which is an hour old.
    await expect.poll(length).toBeLessThan(2 * HOUR);
    await page.getByLabel("Go to a day").fill("2026-01-05");
    await expect.poll(length).toBe(24 * HOUR);
    expect((await shown()).from).toBe(Date.parse("2026-01-05T00:00:00"));
    await page.getByText("6 hours", { exact: true }).click();
    await expect.poll(isLive).toBe(true);
  });

  it("goes on live, and fades what is too old to look live", async () => {
    await send(seriesEnding(Date.now(), [97]));
    await page.getByTestId("latest-heart-rate").getByText("97").waitFor();
    expect(await card("Heart rate").locator(".siphms-stale").count()).toBe(0);
    await page.clock.install({ time: Date.now() + 2 * HOUR });
    await page.clock.runFor(2_000);
    await card("Heart rate").locator(".siphms-stale").waitFor();
    expect(await card("Temperature").locator(".siphms-stale").count()).toBe(0);
    await page.clock.setSystemTime(Date.now());
  });

  it("is as wide as its place in the very frame in which the screen turns", async () => {
    for (const size of [
      { width: 1280, height: 800 },
      { width: 740, height: 360 },
      { width: 360, height: 740 },
    ]) {
      await page.setViewportSize(size);
      const tooWide = await page.evaluate(
        () =>
          new Promise<number>((resolve) => {
            requestAnimationFrame(() => {
              const charts = [...document.querySelectorAll(".siphms-chart")];
              const wide = charts.filter((element) => {
                const plot = element.querySelector(".uplot");
                return (plot?.clientWidth ?? 0) > element.clientWidth;
              });
              resolve(wide.length);
            });
          }),
      );
      expect(tooWide).toBe(0);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  it("prints charts and tables, the person on each sheet, and nothing that can be pressed", async () => {
    await page.emulateMedia({ media: "print" });
    await card("Temperature").getByRole("table").waitFor();
    expect(await card("Blood pressure").getByRole("table").isVisible()).toBe(true);
    for (const control of ["Print", "Now", "Values as a table"]) {
      expect(await button(control).first().isVisible()).toBe(false);
    }
    expect(await page.getByRole("navigation").first().isVisible()).toBe(false);
    const display = (selector: string) =>
      page.locator(selector).evaluate((element) => getComputedStyle(element).display);
    // The head of a table is what a browser repeats on every sheet.
    expect(await display(".siphms-strip")).toBe("table-header-group");
    expect(await display(".siphms-record")).toBe("table");
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
    expect(pdf.match(/\/Type ?\/Page\b/g)?.length).toBeGreaterThan(1);
    expect(pdf).toMatch(/\/MediaBox ?\[0 0 59[45][\d.]* 84[12][\d.]*\]/);
    await page.emulateMedia({ media: null });
  });

  it("opens its other parts by the address, and comes back to the same one", async () => {
    await page.getByRole("tab", { name: "Devices" }).click();
    await page.waitForURL(/\?tab=devices$/);
    await page.getByText("Ward phone").first().waitFor();
    await page.reload();
    await page.getByText("Ward phone").first().waitFor();
    expect(await lookAtScreen(page, "patient-devices-tab")).toEqual([]);
    await page.getByRole("tab", { name: "Vital signs" }).click();
    await card("Heart rate").waitFor();
    expect(await lookAtScreen(page, "patient")).toEqual([]);
  });

  it("says of somebody else's patient exactly what it says of nobody's (SR-23) [HS-312a1]", async () => {
    await admit(installation, { mrn: "PAGE-2", name: "Ben Foreign", carer: DOCTOR });
    await installation.asOperator((operator) => operator.endCare({ staff: DOCTOR, mrn: "PAGE-2" }));
    const [foreign] = await installation.asOperator((operator) => operator.patients("PAGE-2"));
    expect(foreign?.patient).toMatch(/^[0-9a-f-]{36}$/);
    const said: (string | null)[] = [];
    for (const id of [foreign?.patient ?? "", "00000000-0000-4000-8000-000000000000"]) {
      await page.goto(`${installation.consoleUrl}/patients/${id}`);
      const alert = page.getByRole("alert").filter({ hasText: "No such patient" });
      await alert.waitFor();
      said.push(await alert.textContent());
    }
    expect(said[0]).toBe(said[1]);
    expect(await page.content()).not.toContain("Ben Foreign");
    expect(await lookAtScreen(page, "patient-unknown")).toEqual([]);
    await page.getByRole("main").getByRole("link", { name: "Emergency access" }).waitFor();
  });

  it("says for as long as it is so that a record is open in an emergency [HS-312a2ii]", async () => {
    const opening = await page.evaluate(async () => {
      const body = JSON.stringify({ mrn: "PAGE-2", reason: "Found unconscious on the stairs" });
      const headers = { "content-type": "application/json" };
      const answer = await fetch("/api/break-glass", { method: "POST", headers, body });
      return (await answer.json()) as { readonly patient: string };
    });
    await page.goto(`${installation.consoleUrl}/patients/${opening.patient}`);
    await page.getByText(/Open in an emergency, (59|60) minutes left/).waitFor();
    await page.getByText("Ben Foreign").waitFor();
    expect(opened.complaints.filter((text) => !text.includes("404"))).toEqual([]);
  });
});

async function middleOf(place: Locator): Promise<{ readonly x: number; readonly y: number }> {
  await place.scrollIntoViewIfNeeded();
  const box = await place.boundingBox();
  if (box === null) throw new Error("not on the screen");
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
