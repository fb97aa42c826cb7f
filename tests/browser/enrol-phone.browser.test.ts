import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Invitation } from "@siphms/api";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MinimalDevice } from "../minimal-device/minimal-device.ts";
import { startBrowser } from "../system/browser.ts";
import { openConsole, tabTo, type OpenConsole } from "../system/demo-console.ts";
import { Installation } from "../system/installation.ts";
import { lookAtScreen } from "../system/looks.ts";
import { PatientPhone } from "../system/patient-phone.ts";
import { seriesEnding } from "../system/ward.ts";

const MRN = "REG-1";
const PATIENT = "Ada Example";

describe("registering a patient and connecting their phone", () => {
  let installation: Installation;
  let browser: Browser;
  let folder: string;
  let doctor: OpenConsole;
  let administrator: OpenConsole;
  let page: Page;
  let phone: PatientPhone;
  const button = (name: string) => page.getByRole("button", { name, exact: true });

  /** Makes an invitation and takes its link off the wire. */
  async function invitedLink(): Promise<string> {
    const answer = page.waitForResponse((response) => response.url().endsWith("/invitations"));
    await button("Make an invitation").click();
    await button("Copy the link").click();
    await button("Copied").waitFor();
    return ((await (await answer).json()) as Invitation).link;
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "siphms-register-"));
    [installation, browser] = await Promise.all([
      Installation.start(["--demo", "--recordings", "none"]),
      startBrowser(),
    ]);
    doctor = await openConsole(browser, installation, { name: "Dr Iris Example", role: "doctor" });
    page = doctor.page;
  });
  afterAll(async () => {
    await browser.close();
    await installation.remove();
    rmSync(folder, { recursive: true });
  });

  it("says in words what is missing, and goes to the first of it", async () => {
    await page.getByRole("link", { name: "Register patient" }).click();
    await page.locator("h1:focus").getByText("Register a patient").waitFor();
    expect(await page.title()).toBe("Register patient · SIPHMS console");
    await button("Register").click();
    await page.getByText("3 fields need another look").waitFor();
    await page.getByText("Type the medical record number.").waitFor();
    await page.locator("input[name=name]:focus").waitFor();
    expect(await lookAtScreen(page, "register-faults")).toEqual([]);
  });

  it("registers with the keyboard alone", async () => {
    await page.reload();
    await tabTo(page, page.getByLabel("Full name"));
    await page.keyboard.type(PATIENT);
    await tabTo(page, page.getByLabel("Birth date"));
    // The field's parts follow the browser's country.
    await page.getByLabel("Birth date").fill("1950-07-01");
    await tabTo(page, page.getByLabel("Medical record number (MRN)"));
    await page.keyboard.type(MRN);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: `${PATIENT} is registered` }).waitFor();
    await tabTo(page, button("Make an invitation"));
    await page.keyboard.press("Enter");
    await page.getByRole("img", { name: "QR code of the invitation" }).waitFor();
    await page.getByText(/^Works for 1[45]:\d\d more, once$/).waitFor();
    expect(await lookAtScreen(page, "invitation")).toEqual([]);
  });

  it("prints one sheet in the patient's language, and nothing else", async () => {
    for (const [language, words] of [
      ["en", "Connect your phone to the hospital"],
      ["ar", "اربط هاتفك بالمستشفى"],
    ] as const) {
      await page.getByLabel("Language of the sheet").selectOption(language);
      await page.emulateMedia({ media: "print" });
      const sheet = page.locator(".siphms-sheet");
      expect(await sheet.innerText()).toContain(words);
      expect(await sheet.innerText()).not.toContain(PATIENT);
      expect(await page.getByRole("heading", { name: PATIENT }).isVisible()).toBe(false);
      await page.screenshot({ path: join(folder, `sheet-${language}.png`), fullPage: true });
      const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
      expect(pdf.match(/\/Type ?\/Page\b/g)).toHaveLength(1);
      await page.emulateMedia({ media: null });
    }
  });

  it("has its code read by the patient's app, and waits for its digits", async () => {
    const picture = join(folder, "code.png");
    await page
      .getByRole("img", { name: "QR code of the invitation" })
      .screenshot({ path: picture });
    phone = await PatientPhone.fresh(browser);
    await phone.page.goto(installation.appUrl);
    await phone.page.locator("input[type=file]").setInputFiles(picture);
    await phone.page.getByText("Fingerprint of the hospital's key").waitFor();
    const code = await phone.takeInvitation();
    expect(code).toMatch(/^\d{6}$/);
    await page.getByText("The phone shows six digits").waitFor();
    expect(await page.content()).not.toContain(code);
    expect(await lookAtScreen(page, "compare-digits")).toEqual([]);
  });

  it("says what wrong digits mean, and confirms nothing by them", async () => {
    const code = (await phone.page.getByTestId("enrol-code").textContent()) ?? "";
    await page.getByLabel("Six digits").fill("12");
    await button("Confirm").click();
    await page.getByText("Six digits are needed").waitFor();
    await page.getByLabel("Six digits").fill(code === "000000" ? "111111" : "000000");
    await button("Confirm").click();
    await page.getByRole("alert").getByText("somebody may be in between").waitFor();
    expect(await phone.page.getByRole("button", { name: "Access app" }).count()).toBe(0);
  });

  it("goes from the right digits to the first reading on the screen", async () => {
    const code = (await phone.page.getByTestId("enrol-code").textContent()) ?? "";
    await page.getByLabel("Six digits").fill(code);
    await button("Confirm").click();
    await page.getByText("is active. What it signs counts").waitFor();
    await page.getByText("No reading yet").waitFor();
    await phone.press("Access app");
    await phone.connection("open");
    await phone.typeHeartRate(67);
    await page.getByTestId("first-reading").getByText("67").waitFor();
    expect(await lookAtScreen(page, "first-reading")).toEqual([]);
    await page.getByRole("link", { name: "Open the patient's page" }).click();
    await page.getByRole("heading", { name: PATIENT }).waitFor();
    expect(await page.title()).not.toContain(PATIENT);
    expect(phone.complaints).toEqual([]);
  });

  it("explains a record number that is in use, and registers nothing", async () => {
    await page.getByRole("link", { name: "Register patient" }).click();
    await page.getByLabel("Full name").fill("Somebody Else");
    await page.getByLabel("Birth date").fill("1960-01-02");
    await page.getByLabel("Medical record number (MRN)").fill(MRN);
    await button("Register").click();
    await page.getByRole("alert").getByText("This record number is in use already").waitFor();
    await page.getByRole("link", { name: "Worklist" }).click();
    await page.getByText(PATIENT).first().waitFor();
    expect(await page.getByText("Somebody Else").count()).toBe(0);
  });

  it("SR-15: takes a lost phone's right away after an identity check, and connects another", async () => {
    await page.getByRole("link", { name: PATIENT }).click();
    await page.getByRole("tab", { name: "Devices" }).click();
    await button("Phone lost or stolen").click();
    expect(await button("Go on").isDisabled()).toBe(true);
    await page.getByLabel("Birth date").check();
    expect(await button("Go on").isDisabled()).toBe(true);
    await page.getByLabel("Medical record number").check();
    expect(await lookAtScreen(page, "identity-check")).toEqual([]);
    await button("Go on").click();
    await button("Revoke").click();
    await page.getByText("takes nothing from").waitFor();
    expect(await lookAtScreen(page, "revoke")).toEqual([]);
    await button("Revoke the phone").click();
    await page.getByText("is revoked").waitFor();
    await phone.page.getByText("Not connected since").waitFor();
    await button("Go on").click();
    const device = new MinimalDevice(await invitedLink());
    const code = await device.enrol("Second phone");
    await page.getByLabel("Six digits").fill(code);
    await button("Confirm").click();
    await page.getByText("Second phone is active").waitFor();
    await device.connect();
    await device.send([seriesEnding(Date.now(), [71])], Date.now());
    await page.getByTestId("first-reading").getByText("71").waitFor();
    await button("Close").click();
    await page.getByText("Phones that are not connected any more").waitFor();
    expect(await lookAtScreen(page, "devices")).toEqual([]);
  });

  it("stops a phone that is not the patient's", async () => {
    const stranger = new MinimalDevice(await invitedLink());
    await stranger.enrol("Not Ada's");
    await button("Stop, this is not the phone").click();
    await page.getByText("Nothing of that phone is taken any more").waitFor();
    await expect(stranger.connect()).rejects.toThrow();
  });

  it("shows administrators who is registered with which phones, and no reading", async () => {
    const person = { name: "Alex Example", role: "administrator" } as const;
    administrator = await openConsole(browser, installation, person);
    const { page: desk, complaints } = administrator;
    await desk.getByRole("link", { name: "Patients" }).click();
    await desk.getByText("Second phone").waitFor();
    expect(await lookAtScreen(desk, "registry")).toEqual([]);
    await desk.getByRole("link", { name: `Phones of ${PATIENT}` }).click();
    await desk.getByRole("heading", { name: PATIENT }).waitFor();
    await desk.getByText("Second phone").first().waitFor();
    expect(await desk.content()).not.toContain("Heart rate");
    const id = new URL(desk.url()).searchParams.get("patient") ?? "";
    await desk.goto(`${installation.consoleUrl}/patients/${id}`);
    await desk.getByRole("heading", { name: "This page is not for your role" }).waitFor();
    expect(await lookAtScreen(desk, "not-for-role")).toEqual([]);
    const answer = await desk.request.get(`${installation.consoleUrl}/api/patients/${id}`);
    expect(answer.status()).toBe(403);
    expect(complaints).toEqual([]);
  });

  it("has complained of nothing but the refusals that were asked for", () => {
    // A record number that is taken, and the wrong digits, once: the browser itself reports such answers.
    const statuses = doctor.complaints.map((text) => /status of (\d+)/.exec(text)?.[1] ?? text);
    expect(statuses.filter((status) => status !== "409")).toEqual(["422"]);
  });
});
