import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { EvidenceFile } from "@siphms/api";
import type { Browser, Download, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MinimalDevice } from "../minimal-device/minimal-device.ts";
import { startBrowser, watchedContext } from "../system/browser.ts";
import { openConsole, tabTo, type OpenConsole } from "../system/demo-console.ts";
import { Installation } from "../system/installation.ts";
import { lookAtScreen } from "../system/looks.ts";
import { seriesEnding } from "../system/ward.ts";

const MRN = "DESK-1";
const PATIENT = "Ada Example";
const DOCTOR = { name: "Dr Iris Example", role: "doctor" } as const;
const NURSE = { name: "Noor Example", role: "nurse" } as const;
const REASON = "Called the patient: sprinting, the strap sat well.";

let installation: Installation;
let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "siphms-desk-"));
  [installation, browser] = await Promise.all([
    Installation.start(["--demo", "--recordings", "none"]),
    startBrowser(),
  ]);
});
afterAll(async () => {
  await browser.close();
  await installation.remove();
  rmSync(folder, { recursive: true });
});

describe("what administrators do about an installation", () => {
  let administrator: OpenConsole;
  let page: Page;

  beforeAll(async () => {
    const person = { name: "Alex Example", role: "administrator" } as const;
    administrator = await openConsole(browser, installation, person);
    page = administrator.page;
  });

  it("begins with what is missing, and ticks what is done", async () => {
    await page.getByRole("heading", { name: "First steps" }).waitFor();
    await page.getByText("A gateway is connected (done)").waitFor();
    await page.getByText("There is a privacy officer (to do)").waitFor();
    expect(await lookAtScreen(page, "first-steps")).toEqual([]);
    await installation.asOperator((operator) =>
      operator.addStaff({ name: "Paz Example", role: "privacy-officer" }),
    );
    await page.getByText("There is a privacy officer (done)").waitFor();
    await installation.asOperator((operator) => operator.addStaff(DOCTOR));
  });

  it("says how gateways, parts, keys and counters stand", async () => {
    await page.getByRole("link", { name: "Gateways" }).click();
    await page.getByText("connected since").waitFor();
    expect(await lookAtScreen(page, "gateways")).toEqual([]);
    await page.getByRole("link", { name: "System" }).click();
    await page.getByText("Everything works.").waitFor();
    await page.getByText("Nothing was refused.").waitFor();
    await page.getByRole("button", { name: "Check now" }).click();
    await page.getByText("nothing was altered").waitFor();
    expect(await lookAtScreen(page, "system")).toEqual([]);
  });

  it("registers a patient for a doctor, and is shown the phones and no reading", async () => {
    await page.getByRole("link", { name: "Register patient" }).click();
    await page.getByLabel("Full name").fill("Ben Example");
    await page.getByLabel("Birth date").fill("1950-07-01");
    await page.getByLabel("Medical record number (MRN)").fill("DESK-0");
    await page.getByLabel("Doctor in charge").selectOption(DOCTOR.name);
    await page.getByRole("button", { name: "Register", exact: true }).click();
    await page.getByRole("heading", { name: "Ben Example is registered" }).waitFor();
    await page.getByRole("link", { name: "To the patient's devices" }).click();
    await page.getByText("No phone is connected yet").waitFor();
    await page.getByRole("link", { name: "All patients" }).click();
    await page.getByRole("cell", { name: DOCTOR.name }).waitFor();
    expect(administrator.complaints).toEqual([]);
  });
});

describe("what doctors and nurses do about a record", () => {
  let doctor: OpenConsole;
  let device: MinimalDevice;
  let page: Page;
  let patientUrl: string;
  const button = (name: string) => page.getByRole("button", { name, exact: true });

  async function keep(download: Promise<Download>): Promise<string> {
    const taken = await download;
    const file = join(folder, taken.suggestedFilename());
    await taken.saveAs(file);
    return file;
  }

  beforeAll(async () => {
    doctor = await openConsole(browser, installation, DOCTOR);
    page = doctor.page;
    device = new MinimalDevice(await installation.invite(MRN, PATIENT));
    const code = await device.enrol("Ada's phone");
    await installation.asOperator(async (operator) => {
      await operator.confirm({ mrn: MRN, code });
      await operator.beginCare({ mrn: MRN, staff: DOCTOR.name });
    });
    await device.connect();
    const now = Date.now();
    await device.send([seriesEnding(now, [72, 0, 74, 310])], now);
    await page.getByRole("link", { name: PATIENT }).click();
    await page.getByRole("heading", { name: PATIENT }).waitFor();
    patientUrl = page.url();
  });

  it("lets a nurse look at the quarantine, and decide nothing", async () => {
    await installation.asOperator(async (operator) => {
      await operator.addStaff(NURSE);
      await operator.beginCare({ mrn: MRN, staff: NURSE.name });
    });
    const { page: other, complaints } = await openConsole(browser, installation, NURSE);
    await other.goto(`${patientUrl}?tab=quarantine`);
    await other.getByText("Releasing and rejecting is for doctors").waitFor();
    await other.getByText("outside the possible range").waitFor();
    expect(await other.getByRole("button", { name: "Release" }).count()).toBe(0);
    expect(complaints).toEqual([]);
    await other.context().close();
  });

  it("wants a reason, and with the keyboard alone releases a value, which then appears", async () => {
    expect(await page.getByTestId("latest-heart-rate").innerText()).not.toContain("310");
    await page.getByRole("tab", { name: /^Quarantine/ }).click();
    await page.getByText("no signal").first().waitFor();
    expect(await lookAtScreen(page, "quarantine")).toEqual([]);
    await tabTo(page, page.getByRole("checkbox", { name: /outside the possible range/ }));
    await page.keyboard.press("Space");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Shift+Tab");
    await tabTo(page, button("Release"));
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Release into the record" });
    await tabTo(page, dialog.getByLabel("Reason"));
    await page.keyboard.type("short");
    await tabTo(page, dialog.getByRole("button", { name: "Release" }));
    await page.keyboard.press("Enter");
    await dialog.getByText("The reason is too short").waitFor();
    expect(await lookAtScreen(page, "release")).toEqual([]);
    await dialog.getByLabel("Reason").fill(REASON);
    await dialog.getByRole("button", { name: "Release" }).press("Enter");
    await page.getByText("1 value is released and counts as a reading").waitFor();
    await page.getByRole("tab", { name: "Vital signs" }).click();
    await page.getByTestId("latest-heart-rate").getByText("310").waitFor();
  });

  it("rejects with a reason, and shows who decided what and why", async () => {
    await page.getByRole("tab", { name: /^Quarantine/ }).click();
    await page.getByRole("checkbox", { name: /no signal/ }).check();
    await button("Reject").click();
    const dialog = page.getByRole("dialog", { name: "Reject for good" });
    await dialog.getByLabel("Reason").fill("The strap was off, nothing was measured.");
    await dialog.getByRole("button", { name: "Reject" }).click();
    await page.getByText("1 value is rejected").waitFor();
    await page.getByText("Nothing waits for a decision").waitFor();
    await page.getByText("Decided", { exact: true }).click();
    const decisions = page.getByTestId("decision");
    await decisions.nth(1).waitFor();
    const texts = (await decisions.allInnerTexts()).join("\n");
    for (const part of ["released", "rejected", DOCTOR.name, REASON]) expect(texts).toContain(part);
    expect(await lookAtScreen(page, "decided")).toEqual([]);
  });

  it("shows the signed original of a value, verified on the spot [HS-312c2]", async () => {
    await page.getByRole("link", { name: "Evidence" }).first().click();
    await page.getByTestId("verdict").getByText("every check passed").waitFor();
    const main = await page.getByRole("main").innerText();
    for (const part of ["Ada's phone", "72", "310"]) expect(main).toContain(part);
    await page.getByText("For the curious").click();
    await page.getByText("application/siphms-readings-1").first().waitFor();
    expect(await lookAtScreen(page, "evidence")).toEqual([]);
    expect(await page.title()).toBe("Evidence of a reading · SIPHMS console");
  });

  it("gives a file and a page that agree, offline, and refuse what was altered", async () => {
    const evidence = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download the evidence" }).click();
    const file = await keep(evidence);
    const verifier = page.waitForEvent("download");
    await page.getByRole("link", { name: "Download the verifier page" }).click();
    const opened = await watchedContext(browser, { offline: true });
    const other = await opened.context.newPage();
    await other.goto(pathToFileURL(await keep(verifier)).href);
    await other.locator("input[type=file]").setInputFiles(file);
    await other.getByText("Genuine: every check passed").waitFor();
    const whole = JSON.parse(readFileSync(file, "utf8")) as EvidenceFile;
    const middle = Math.floor(whole.message.length / 2);
    const changed = whole.message[middle] === "A" ? "B" : "A";
    const message = whole.message.slice(0, middle) + changed + whole.message.slice(middle + 1);
    const altered = join(folder, "altered.siphms-evidence.json");
    writeFileSync(altered, JSON.stringify({ ...whole, message }));
    await other.locator("input[type=file]").setInputFiles(altered);
    await other.getByText("Refused").waitFor();
    expect(await other.getByText("Genuine").count()).toBe(0);
    expect(opened.complaints).toEqual([]);
    await opened.context.close();
  });

  it("SR-23: knows no evidence of a message that there is not, nor of a stranger's patient", async () => {
    const patient = new URL(patientUrl).pathname;
    for (const path of [`${patient}/evidence/${"A".repeat(22)}`, "/patients/x/evidence/x"]) {
      await page.goto(`${installation.consoleUrl}${path}`);
      await page.getByRole("alert").getByText("There is no such message").waitFor();
    }
    expect(await lookAtScreen(page, "no-evidence")).toEqual([]);
  });

  it("sends a message and asks to measure, and says that neither was seen yet", async () => {
    await page.goto(`${patientUrl}?tab=messages`);
    await button("Send").click();
    await page.getByText("Type a message first").waitFor();
    await page.getByLabel("Message to the patient").fill("Measure before breakfast.");
    await button("Send").click();
    await page.getByText("Sent to one phone").waitFor();
    await page.getByText("Measure before breakfast.").waitFor();
    expect(await page.getByLabel("Message to the patient").inputValue()).toBe("");
    await page.getByText("Measure now", { exact: true }).first().click();
    await page.getByLabel("Blood pressure").check();
    await button("Send").click();
    await page.getByText("not seen yet").nth(1).waitFor();
    expect(await lookAtScreen(page, "messages")).toEqual([]);
  });

  it("has complained of nothing but the refusals that were asked for", () => {
    expect(doctor.complaints.filter((text) => !/40[04]/.test(text))).toEqual([]);
  });
});
