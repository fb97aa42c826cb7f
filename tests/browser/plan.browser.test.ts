import { patientPartPath, type PatientPlan } from "@siphms/api";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MinimalDevice } from "../minimal-device/minimal-device.ts";
import { startBrowser } from "../system/browser.ts";
import { openConsole, type OpenConsole } from "../system/demo-console.ts";
import { Installation } from "../system/installation.ts";
import { lookAtScreen } from "../system/looks.ts";
import { PatientPhone } from "../system/patient-phone.ts";
import { admitWithDevice, seriesEnding } from "../system/ward.ts";

const DOCTOR = { name: "Dr Iris Example", role: "doctor" } as const;
const NURSE = { name: "Noor Example", role: "nurse" } as const;
const ADA = { mrn: "PLAN-1", name: "Ada Example", carer: DOCTOR.name };
const REASON = "Trained rower: forty a minute is usual at rest.";
const MINUTE = 60_000;

describe("a patient's alarm limits", () => {
  let installation: Installation;
  let browser: Browser;
  let opened: OpenConsole;
  let page: Page;
  let device: MinimalDevice;
  let patient: string;

  const tab = (name: string) => page.getByRole("tab", { name });
  const button = (name: string) => page.getByRole("button", { name, exact: true });
  const limit = (name: string, field: string) =>
    page.getByRole("group", { name, exact: true }).getByLabel(field, { exact: true });
  const reason = () => page.getByRole("textbox", { name: "Reason" });
  const said = (text: string) => page.getByRole("alert").getByText(text).waitFor();
  const version = (number: number) => page.getByTestId(`plan-version-${String(number)}`);

  /** The limits of the heart rate as the hospital tells the patient's device: part, low, high, level. */
  async function toldLimits(): Promise<unknown> {
    const answer = await device.request("limits", new Map());
    const limits: unknown = (answer.get(3) as Map<number, unknown> | undefined)?.get(1);
    return (limits as unknown[][]).filter(([kind]) => kind === 1);
  }

  /** Sets a plan past the page, as a colleague in another browser does. */
  async function setElsewhere(reason: string): Promise<number> {
    const path = patientPartPath(patient, "plan");
    return page.evaluate(
      async ([url, why]) => {
        const { version: held, rules } = (await (await fetch(url)).json()) as PatientPlan;
        const body = JSON.stringify({
          version: held,
          rules: { ...rules, news2: null },
          reason: why,
        });
        const headers = { "content-type": "application/json" };
        return (await fetch(url, { method: "PUT", headers, body })).status;
      },
      [path, reason] as const,
    );
  }

  beforeAll(async () => {
    [installation, browser] = await Promise.all([
      Installation.start(["--demo", "--recordings", "none"]),
      startBrowser(),
    ]);
    opened = await openConsole(browser, installation, DOCTOR);
    page = opened.page;
    device = await admitWithDevice(installation, ADA);
    const now = Date.now();
    const minute = Array.from({ length: 60 }, (_, second) => 70 + (second % 7));
    await device.send([seriesEnding(now - 2 * MINUTE, minute)], now);
    await device.send([seriesEnding(now, [[122, 78, 93]], { kind: 2 })], now);
    await page.getByRole("link", { name: ADA.name }).click();
    await page.getByRole("heading", { name: "Heart rate" }).waitFor();
    patient = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  });
  afterAll(async () => {
    await browser.close();
    await installation.remove();
  });

  it("are those of the template until a doctor sets them, and say so", async () => {
    await page.getByText("The template holds: Adults.").waitFor();
    await tab("Limits").click();
    await page.getByTestId("plan-set").getByText("The template holds: Adults.").waitFor();
    await page.getByText("Urgent: 40 or below, 131 or above").first().waitFor();
    await page.getByText("Blood pressure: no value for 14 hours").waitFor();
    await page.getByText("London: RCP, 2017.").waitFor();
  });

  it("are not changed without a reason, by what is no number, or against each other", async () => {
    await button("Change the limits").click();
    await limit("Heart rate, low", "Urgent").fill("thirty-eight");
    await button("Set the limits").click();
    await said("One field holds no number that fits.");
    await limit("Heart rate, low", "Urgent").fill("55");
    await button("Set the limits").click();
    await said("Heart rate, low: the urgent limit has to lie beyond the warning");
    await limit("Heart rate, low", "Urgent").fill("38");
    await button("Set the limits").click();
    await said("The reason is missing. Nothing was saved.");
  });

  it("can be more and fewer numbers, and the keyboard stays where it was", async () => {
    await page.getByLabel("Limit for").selectOption({ label: "Weight, high" });
    await button("Add").first().click();
    await limit("Weight, high", "Urgent").fill("120");
    await button("Remove: Weight, high").click();
    await expect.poll(() => limit("Weight, high", "Urgent").count()).toBe(0);
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    expect(await focused()).toContain("Heart rate, low");
    expect(await focused()).not.toContain("Reason");
  });

  it("ask whoever chooses SpO₂ scale 2 to order it", async () => {
    await reason().fill(REASON);
    await page.getByRole("radio", { name: /^Scale 2/ }).check();
    await page.getByText("only a clinician may order it").waitFor();
    await button("Set the limits").click();
    await said("Scale 2 has to be ordered");
    await limit("Heart rate, low", "Warning").focus();
    expect(await lookAtScreen(page, "plan-editor")).toEqual([]);
    await page.getByRole("radio", { name: "Scale 1" }).check();
  });

  it("hold from now on, with who set them and why, in the charts and on the patient's device", async () => {
    expect(await toldLimits()).toEqual([
      [1, 0, 50, 91, 0],
      [1, 0, 40, 131, 1],
    ]);
    await limit("Heart rate, high", "Warning").fill("");
    await button("Set the limits").click();
    await page.getByRole("status").getByText("The new limits hold from now on.").waitFor();
    await page.getByTestId("plan-set").getByText(`Set by ${DOCTOR.name}`).waitFor();
    await version(1).getByText(REASON).waitFor();
    const changed = await version(1).getByRole("listitem").allTextContents();
    expect(changed).toHaveLength(2);
    expect(changed[0]).toMatch(
      /^Heart rate, low.*Urgent: 38 or below.*before: Urgent: 40 or below/,
    );
    expect(await lookAtScreen(page, "plan")).toEqual([]);
    expect(await toldLimits()).toEqual([
      [1, 0, 50, null, 0],
      [1, 0, 38, 131, 1],
    ]);
    await tab("Messages").click();
    await page.getByText("Limits changed").waitFor();
    await tab("Vital signs").click();
    await page.getByText(`Set by ${DOCTOR.name}`).getByText(REASON).waitFor();
    const chart = page.getByRole("group", { name: /^Heart rate, \d+ values/ });
    const spoken = await chart.evaluate((element) =>
      (element.getAttribute("aria-describedby") ?? "")
        .split(" ")
        .map((id) => document.getElementById(id)?.textContent ?? "")
        .join(" "),
    );
    expect(spoken).toContain("Urgent at 38 or below, 131 or above; Warning at 50 or below");
    expect(spoken).toContain(REASON);
    // From above: 131 with the long dashes of what is urgent, 50 with the short ones of a warning, 38. There is none at 91.
    await expect.poll(() => dashedLines(page)).toEqual(["long", "short", "long"]);
    expect(await lookAtScreen(page, "limits-in-charts")).toEqual([]);
  });

  it("that a colleague has set meanwhile are not overwritten", async () => {
    expect(opened.complaints).toEqual([]);
    await tab("Limits").click();
    await button("Change the limits").click();
    await reason().fill("Fever since the morning round.");
    expect(await setElsewhere("Pregnant: NEWS2 is not for her.")).toBe(200);
    await button("Set the limits").click();
    await said("Somebody else has changed the limits meanwhile.");
    await button("Change nothing").click();
    await version(2).getByText("Pregnant: NEWS2 is not for her.").waitFor();
    await page.getByText("Not scored: it is not for people under 16").first().waitFor();
  });

  it("are read by a nurse, and not changed", async () => {
    const other = await openConsole(browser, installation, NURSE);
    await installation.asOperator((operator) =>
      operator.beginCare({ staff: NURSE.name, mrn: ADA.mrn }),
    );
    await other.page.getByRole("link", { name: ADA.name }).click();
    await other.page.getByRole("tab", { name: "Limits" }).click();
    await other.page.getByText("Changing the limits is for doctors.").waitFor();
    await other.page.getByTestId("plan-version-1").getByText(REASON).waitFor();
    expect(await other.page.getByRole("button", { name: "Change the limits" }).count()).toBe(0);
    expect(other.complaints).toEqual([]);
    await other.page.context().close();
  });

  it("stand in the patient's own app, which hears of a change", async () => {
    const phone = await PatientPhone.fresh(browser);
    const { link } = await installation.asOperator((operator) => operator.invite(ADA.mrn));
    await phone.page.goto(link);
    const code = await phone.takeInvitation();
    await installation.asOperator((operator) => operator.confirm({ mrn: ADA.mrn, code }));
    await phone.press("Access app");
    await phone.connection("open");
    await phone.go("Record");
    const own = phone.page.getByRole("region", { name: "My alarm limits" });
    await own.getByText("Heart rate: Urgent 38 or below, 131 or above (/min)").waitFor();
    await button("Change the limits").click();
    await limit("Heart rate, low", "Urgent").fill("36");
    await reason().fill("Thirty-seven at night, and well.");
    await button("Set the limits").click();
    await phone.page.getByText("Your alarm limits were changed.").waitFor();
    await own.getByText("Heart rate: Urgent 36 or below, 131 or above (/min)").waitFor();
    expect(phone.complaints).toEqual([]);
  });

  /** The dashed lines of the heart rate's chart from above, by how much of the width they fill. */
  async function dashedLines(shown: Page): Promise<("long" | "short")[]> {
    const canvas = shown.locator(".siphms-vital").first().locator("canvas");
    return canvas.evaluate((element: HTMLCanvasElement) => {
      const { width, height } = element;
      const pixels = element.getContext("2d")?.getImageData(0, 0, width, height).data;
      if (pixels === undefined) throw new Error("there is no chart");
      const wanted = getComputedStyle(document.documentElement)
        .getPropertyValue("--siphms-curve-heart")
        .trim()
        .slice(1);
      const colour = [0, 2, 4].map((at) => parseInt(wanted.slice(at, at + 2), 16));
      const lines: ("long" | "short")[] = [];
      let wasLine = false;
      for (let y = 0; y < height; y++) {
        let count = 0;
        for (let x = 0; x < width; x++) {
          const at = (y * width + x) * 4;
          const isCurve = colour.every(
            (part, index) => Math.abs((pixels[at + index] ?? 0) - part) < 90,
          );
          if (isCurve && (pixels[at + 3] ?? 0) > 40) count += 1;
        }
        const share = count / width;
        // The minute that was measured is a small part of six hours.
        if (share > 0.15 && !wasLine) lines.push(share > 0.45 ? "long" : "short");
        wasLine = share > 0.15;
      }
      return lines;
    });
  }
});
