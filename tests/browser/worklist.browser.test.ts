import type { AlertList } from "@siphms/api";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MinimalDevice } from "../minimal-device/minimal-device.ts";
import { startBrowser } from "../system/browser.ts";
import { openConsole, type OpenConsole } from "../system/demo-console.ts";
import { Installation } from "../system/installation.ts";
import { lookAtScreen } from "../system/looks.ts";
import { admit, admitWithDevice, seriesEnding } from "../system/ward.ts";

const DOCTOR = "Dr Iris Example";
const DESK = { width: 1280, height: 800 };
/** Once somebody looks after the first one: what waits comes before what does not, and a value long over still waits. */
const BY_NEED = ["Zoe Calm", "Ben Warning", "Dua Urgent", "Eli Silent", "Ada Calm"] as const;

describe("the worklist", () => {
  let installation: Installation;
  let browser: Browser;
  let opened: OpenConsole;
  let page: Page;
  const devices = new Map<string, MinimalDevice>();

  const patient = (name: string) => ({ mrn: `MRN-${name.slice(0, 3)}`, name, carer: DOCTOR });
  const names = () => page.locator(".siphms-worklist-name").allTextContents();
  const row = (name: string) => page.getByRole("row").filter({ hasText: name });
  const need = (name: string, word: string) => row(name).locator(".siphms-need", { hasText: word });
  const button = (name: RegExp | string) => page.getByRole("button", { name });
  const press = (key: string) => page.keyboard.press(key);
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");

  async function send(name: string, ...heartRates: readonly number[]): Promise<void> {
    const now = Date.now();
    const receipt = await devices.get(name)?.send([seriesEnding(now, heartRates)], now);
    expect(receipt?.outcome).toBe(0);
  }

  /** Acknowledges the open alert of a patient, as from another window of the same person. */
  async function lookAfter(name: string): Promise<void> {
    const id = await row(name).getAttribute("data-patient");
    const status = await page.evaluate(async (patient) => {
      const { stands } = (await (await fetch("/api/alerts")).json()) as AlertList;
      const [alert] = stands[patient]?.open ?? [];
      const answer = await fetch(`/api/patients/${patient}/alerts/acknowledge`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ alert: alert?.id, level: alert?.level }),
      });
      return answer.status;
    }, id ?? "");
    expect(status).toBe(204);
  }

  beforeAll(async () => {
    [installation, browser] = await Promise.all([
      Installation.start(["--demo", "--recordings", "none"]),
      startBrowser(),
    ]);
    opened = await openConsole(browser, installation, { name: DOCTOR, role: "doctor" });
    page = opened.page;
  });
  afterAll(async () => {
    await browser.close();
    await installation.remove();
  });

  it("says to somebody who has nobody what to do", async () => {
    await page.getByText("Nobody is in your care yet").waitFor();
    expect(await lookAtScreen(page, "worklist-empty")).toEqual([]);
    await page.getByRole("main").getByRole("link", { name: "Register a patient" }).waitFor();
  });

  it("is ordered by open alerts, then no data, then names (SR-66)", async () => {
    for (const [name, ...heartRates] of [
      ["Zoe Calm", 70],
      ["Ada Calm", 71],
      // Two in a row: one alone warns nobody.
      ["Ben Warning", 95, 95],
      ["Dua Urgent", 140],
    ] as const) {
      devices.set(name, await admitWithDevice(installation, patient(name)));
      await send(name, ...heartRates);
    }
    await admit(installation, patient("Eli Silent"));
    const order = ["Dua Urgent", "Ben Warning", "Eli Silent", "Ada Calm", "Zoe Calm"];
    await expect.poll(names).toEqual(order);
    for (const [name, word] of [
      ["Dua Urgent", "Urgent"],
      ["Ben Warning", "Warning"],
      ["Eli Silent", "No data"],
      ["Ada Calm", "No alerts"],
    ] as const) {
      await need(name, word).waitFor();
    }
    // Never a number without its unit and its age, and what is far out says so in words.
    const value = row("Dua Urgent").getByRole("cell").filter({ hasText: "140" });
    await value.getByRole("img", { name: "Urgent" }).waitFor();
    await value.getByText("/min").waitFor();
    await value.locator("time").waitFor();
    // A score of which parameters are missing is a lower bound, and says of how many it is.
    const score = row("Dua Urgent").locator(".siphms-worklist-news2");
    await expect.poll(() => score.textContent()).toMatch(/at least 3 1 of 7/);
    await row("Dua Urgent").getByText("1 open, 1 waiting").waitFor();
  });

  it("draws the last six hours beside a value, with their range in words", async () => {
    await page.reload();
    await row("Zoe Calm").getByRole("img", { name: "Last 6 hours: from 70 to 70" }).waitFor();
    expect(await row("Eli Silent").locator("svg").count()).toBe(0);
  });

  it("shows those who need attention, who have no data, or nobody, and how many each would be", async () => {
    await button(/^Needs attention\s*2$/).click();
    await expect.poll(names).toEqual(["Dua Urgent", "Ben Warning"]);
    expect(new URL(page.url()).searchParams.get("show")).toBe("attention");
    await button(/^No data\s*1$/).click();
    await expect.poll(names).toEqual(["Eli Silent"]);
    await button(/^Emergency access\s*0$/).click();
    await page.getByText("None of your patients is in this selection").waitFor();
    await button("Show all").click();
    await page.getByRole("status").getByText("5 patients").waitFor();
  });

  it("finds by name or record number, and keeps what is searched for out of the address", async () => {
    const search = page.getByLabel("Search by name or MRN");
    await search.fill("mrn-ben");
    await expect.poll(names).toEqual(["Ben Warning"]);
    expect(page.url()).not.toContain("ben");
    await search.fill("nobody");
    await page.getByText("No patient matches “nobody”").waitFor();
    await search.fill("");
    await page.getByLabel("Order").selectOption("Name");
    const byName = ["Ada Calm", "Ben Warning", "Dua Urgent", "Eli Silent", "Zoe Calm"];
    await expect.poll(names).toEqual(byName);
    await page.getByLabel("Order").selectOption("Open alerts");
  });

  it("does not move under the pointer, says who would, and moves when asked or left alone", async () => {
    await row("Zoe Calm").hover();
    await send("Zoe Calm", 150);
    await need("Zoe Calm", "Urgent").waitFor();
    await page.getByRole("status").getByText("1 patient changed place.").waitFor();
    expect((await names()).at(-1)).toBe("Zoe Calm");
    await button("Put in order").click();
    await expect.poll(async () => (await names()).slice(0, 2)).toEqual(["Dua Urgent", "Zoe Calm"]);
    await row("Zoe Calm").hover();
    await lookAfter("Dua Urgent");
    await page.getByText("1 patient changed place.").waitFor();
    await page.mouse.move(2, 2);
    await expect.poll(names).toEqual(BY_NEED);
    expect(await page.getByText("changed place").count()).toBe(0);
  });

  it("can be used with the keyboard alone, and lists its keys", async () => {
    await page.getByRole("heading", { name: "Patients" }).click();
    await press("?");
    const dialog = page.getByRole("dialog");
    for (const key of ["j", "k", "/", "?", "Enter", "Home", "End"]) {
      await dialog.getByText(key, { exact: true }).waitFor();
    }
    expect(await lookAtScreen(page, "worklist-keys")).toEqual([]);
    await press("Escape");
    await dialog.waitFor({ state: "detached" });
    await press("/");
    await page.keyboard.type("a");
    expect(await page.getByLabel("Search by name or MRN").inputValue()).toBe("a");
    await press("Backspace");
    await press("ArrowDown");
    expect(await focused()).toBe(BY_NEED[0]);
    await press("j");
    expect(await focused()).toBe(BY_NEED[1]);
    await press("ArrowDown");
    await press("k");
    expect(await focused()).toBe(BY_NEED[1]);
    await press("End");
    expect(await focused()).toBe(BY_NEED.at(-1));
    await press("Home");
    await press("Enter");
    await page.getByRole("heading", { name: BY_NEED[0] }).waitFor();
    await page.goBack();
  });

  it("leaves single letters alone where somebody switched them off", async () => {
    await page.getByRole("link", { name: "Dua Urgent" }).focus();
    await button("Keys").click();
    await page.getByRole("switch").uncheck({ force: true });
    await press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("link", { name: "Dua Urgent" }).focus();
    await press("j");
    expect(await focused()).toBe("Dua Urgent");
    await press("ArrowDown");
    expect(await focused()).toBe("Eli Silent");
    await page.evaluate(() => localStorage.removeItem("siphms-single-keys"));
    await page.reload();
  });

  it("is a table on a desk and cards on a tablet and a phone, each value with its name", async () => {
    await page.getByRole("columnheader", { name: "Heart rate" }).waitFor();
    for (const viewport of [
      { width: 768, height: 1024 },
      { width: 360, height: 740 },
    ]) {
      await page.setViewportSize(viewport);
      await row("Dua Urgent").getByText("Heart rate").waitFor();
      // What belongs to a patient stays in that patient's card.
      await expect
        .poll(() =>
          page.evaluate(
            () =>
              [...document.querySelectorAll(".siphms-worklist-row")].filter(
                ({ scrollHeight, clientHeight }) => scrollHeight > clientHeight + 1,
              ).length,
          ),
        )
        .toBe(0);
    }
    await page.setViewportSize(DESK);
    expect(await lookAtScreen(page, "worklist")).toEqual([]);
  });

  it("says when the hospital cannot be reached, and is whole again when it can", async () => {
    await page.route("**/api/patients", (route) => route.abort());
    await page.reload();
    await page.getByRole("alert").getByText("The hospital can't be reached").waitFor();
    expect(await lookAtScreen(page, "worklist-offline")).toEqual([]);
    await page.unroute("**/api/patients");
    await button("Try again").click();
    await expect.poll(async () => (await names()).length).toBe(5);
    expect(opened.complaints.filter((text) => !text.includes("ERR_FAILED"))).toEqual([]);
  });
});
