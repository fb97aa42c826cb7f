import type { PersonRole } from "@siphms/api";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startBrowser, watchedContext } from "../system/browser.ts";
import { lookAtScreen } from "../system/looks.ts";
import { startStaffedHospital, type StaffedHospital } from "../system/staffed-hospital.ts";
import { setUpPasskey } from "../system/staff-pages.ts";
import { VirtualAuthenticator } from "../system/virtual-authenticator.ts";

/** Longer than anything here takes, and short enough to say where a test stands still. */
const PATIENCE_MS = 30_000;
const REASON = "Found unconscious in the corridor";

let hospital: StaffedHospital;
let browser: Browser;
let contexts: BrowserContext[];
let complaints: string[];

/** Somebody at a browser of their own, with a passkey. */
async function arrive(name: string, role: PersonRole): Promise<Page> {
  const watched = await watchedContext(browser);
  contexts.push(watched.context);
  complaints = watched.complaints;
  watched.context.setDefaultTimeout(PATIENCE_MS);
  const page = await watched.context.newPage();
  const authenticator = await VirtualAuthenticator.attach(page);
  await setUpPasskey(page, await hospital.link(name, role));
  await authenticator.answerByItself(false);
  return page;
}

async function goTo(page: Page, place: string): Promise<void> {
  await page.getByRole("link", { name: place, exact: true }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
}

beforeAll(async () => {
  hospital = await startStaffedHospital();
  browser = await startBrowser();
});

beforeEach(() => {
  contexts = [];
});

afterEach(async () => {
  // The browser itself reports answers that say no; nothing else may be wrong, the page's policy least of all.
  expect(complaints.filter((text) => !/status of 4(01|03|04|09|22)/.test(text))).toEqual([]);
  for (const context of contexts) await context.close();
});

afterAll(async () => {
  await browser.close();
  await hospital.close();
});

describe("people", () => {
  it("are invited by a link that opens their own set-up, and get another one when all is lost (SR-10, SR-11)", async () => {
    const page = await arrive("Ada Administrator", "administrator");
    await goTo(page, "People");
    await page.getByText("Ada Administrator").nth(1).waitFor();
    expect(await lookAtScreen(page, "people")).toEqual([]);
    await page.getByRole("button", { name: "Invite somebody" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("Nora Newcomer");
    await page.getByRole("dialog").getByLabel("Role").selectOption("nurse");
    expect(await lookAtScreen(page, "people-invite")).toEqual([]);
    await page.getByRole("button", { name: "Make the link" }).click();
    await page.getByRole("img", { name: "QR code of the link for Nora Newcomer" }).waitFor();
    const link = await page.getByTestId("staff-link").innerText();
    expect(await lookAtScreen(page, "people-link")).toEqual([]);
    await page.getByRole("button", { name: "Close" }).click();
    const newcomer = await browser.newPage();
    await newcomer.goto(link);
    await newcomer.getByText("This link is for Nora Newcomer, nurse.").waitFor();
    await newcomer.close();
    await page.getByRole("button", { name: "New link for Nora Newcomer" }).click();
    await page.getByText("Check first who is asking").waitFor();
    await page.getByRole("button", { name: "Make the link" }).click();
    expect(await page.getByTestId("staff-link").innerText()).not.toBe(link);
  });

  it("lose every session with another role, and with the account; nobody does it to themselves (SR-18) [HS-308a3C]", async () => {
    const page = await arrive("Olga Administrator", "administrator");
    const victim = await arrive("Dora Doctor", "doctor");
    await goTo(page, "People");
    await page.getByRole("button", { name: "Change role of Dora Doctor" }).click();
    await page.getByLabel("New role").selectOption("nurse");
    expect(await lookAtScreen(page, "people-role")).toEqual([]);
    await page.getByRole("button", { name: "Change the role" }).click();
    await page.getByText("Done. It is on record.").waitFor();
    // Its live stream ends, and the screen with it.
    await victim.getByText("Your session has ended.").waitFor();
    await page.getByRole("button", { name: "Disable Dora Doctor" }).click();
    await page.getByText("A disabled account is never enabled again.").waitFor();
    expect(await lookAtScreen(page, "people-disable")).toEqual([]);
    await page.getByRole("button", { name: "Cancel" }).click();
    expect((await hospital.desk.list()).find(({ name }) => name === "Dora Doctor")?.state).toBe(
      "active",
    );
    await page.getByRole("button", { name: "Disable Dora Doctor" }).click();
    await page.getByRole("button", { name: "Disable the account" }).click();
    await page.getByText("nurse · disabled").waitFor();
    expect((await hospital.desk.list()).find(({ name }) => name === "Dora Doctor")?.state).toBe(
      "disabled",
    );
    expect(await page.getByRole("button", { name: "Disable Olga Administrator" }).count()).toBe(0);
  });
});

describe("care relations", () => {
  it("begin for a person and a patient, refuse what is not there, and end (SR-23)", async () => {
    const page = await arrive("Karl Administrator", "administrator");
    await hospital.desk.add({ name: "Dr Carla Carer", role: "doctor" });
    await hospital.addPatient({ mrn: "CARE-1", name: "Ida Example" });
    await goTo(page, "Care");
    await page.getByRole("button", { name: "Begin care" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Person").selectOption("Dr Carla Carer");
    await dialog.getByLabel("Patient (MRN)").fill("NOBODY");
    await dialog.getByLabel("Until (empty: until it is ended)").fill("2020-01-01T10:00");
    const begin = dialog.getByRole("button", { name: "Begin care" });
    await begin.click();
    await page.getByText("This time has passed.").waitFor();
    await dialog.getByLabel("Until (empty: until it is ended)").fill("");
    await begin.click();
    await page.getByText("There is no such person, or no patient with this MRN.").waitFor();
    expect(await lookAtScreen(page, "care-begin")).toEqual([]);
    await dialog.getByLabel("Patient (MRN)").fill("CARE-1");
    await begin.click();
    await page.getByText("Patient CARE-1").waitFor();
    expect(await lookAtScreen(page, "care")).toEqual([]);
    await page.getByLabel("Search by person or MRN").fill("nothing like it");
    await page.getByText("Nothing matches").waitFor();
    await page.getByLabel("Search by person or MRN").fill("care-1");
    await page.getByRole("button", { name: "End care of CARE-1 by Dr Carla Carer" }).click();
    await page.getByRole("button", { name: "End the care" }).click();
    await page.getByText("Patient CARE-1").waitFor({ state: "detached" });
    expect(await hospital.access.listCare("CARE-1")).toEqual([]);
  });
});

describe("access in an emergency [HS-312a2ii]", () => {
  it("opens with a reason and by keys alone, is seen at once, and is reviewed by somebody else", async () => {
    const officer = await arrive("Otto Officer", "privacy-officer");
    await officer.getByText("No review is open.").waitFor();
    await officer.getByText("New ones appear by themselves.").waitFor();
    const nurse = await arrive("Nina Nurse", "nurse");
    const patient = await hospital.addPatient({ mrn: "GLASS-1", name: "Emil Example" });
    await goTo(nurse, "Emergency access");
    expect(await lookAtScreen(nurse, "emergency")).toEqual([]);
    const mrn = nurse.getByLabel("MRN of the patient");
    const reason = nurse.getByLabel("Why you need it");
    for (let tabs = 0; tabs < 20 && !(await hasFocus(nurse, "MRN of the patient")); tabs++) {
      await nurse.keyboard.press("Tab");
    }
    await nurse.keyboard.type("GLASS-9");
    await nurse.keyboard.press("Tab");
    await nurse.keyboard.type("short");
    await nurse.keyboard.press("Tab");
    await nurse.keyboard.press("Enter");
    await nurse.getByText("5 more characters are needed.").waitFor();
    await reason.fill(REASON);
    await nurse.keyboard.press("Tab");
    await nurse.keyboard.press("Enter");
    await nurse.getByText("There is no patient with this MRN.").waitFor();
    await mrn.fill("GLASS-1");
    await nurse.keyboard.press("Enter");
    await nurse.waitForURL(`${hospital.origin}/patients/${patient}`);
    await nurse.getByText("Emil Example").first().waitFor();

    await officer.getByText(REASON).waitFor();
    await officer.getByText("1 review is open").waitFor();
    expect(await lookAtScreen(officer, "reviews")).toEqual([]);
    await officer.getByRole("button", { name: "Close the review" }).click();
    await officer.getByText("Choose a finding.").waitFor();
    await officer.getByText("10 more characters are needed.").waitFor();
    await officer.getByLabel("justified", { exact: true }).check();
    await officer.getByLabel("Note").fill("Asked the ward: nobody else was there");
    await officer.getByRole("link", { name: "Access log of this patient: GLASS-1" }).click();
    await officer.getByRole("cell", { name: "opened in an emergency" }).waitFor();
    expect(await lookAtScreen(officer, "access-log")).toEqual([]);
    expect(officer.url()).not.toContain("GLASS");
    await goTo(officer, "Reviews");
    await officer.getByLabel("not justified").check();
    await officer.getByLabel("Note").fill("The patient was never in this hospital's corridor");
    await officer.getByRole("button", { name: "Close the review" }).click();
    await officer.getByText("No review is open.").waitFor();
    await officer.getByText("Closed", { exact: true }).waitFor();
    expect(await lookAtScreen(officer, "reviews-closed")).toEqual([]);
  });

  it("is nobody's to review who opened it, nor the officer's who asks for a patient that is not there", async () => {
    const officer = await arrive("Olaf Officer", "privacy-officer");
    await goTo(officer, "Access log");
    await officer.getByLabel("MRN").fill("NOBODY");
    await officer.getByRole("button", { name: "Show" }).click();
    await officer.getByText("There is no patient with this MRN.").waitFor();
    await officer.goto(`${hospital.origin}/emergency`);
    expect(await officer.getByLabel("Why you need it").count()).toBe(0);
  });
});

describe("the own account", () => {
  it("shows what happened to it, adds and removes passkeys, and keeps the last way in (SR-11)", async () => {
    const page = await arrive("Dr Axel Account", "doctor");
    await goTo(page, "My account");
    await page.getByText("Nothing yet.").waitFor();
    await page.getByRole("button", { name: "Remove This device" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("It is all that you can sign in with.").waitFor();
    expect(await lookAtScreen(page, "account-remove")).toEqual([]);
    await page.keyboard.press("Escape");
    // The first one refuses a second passkey for the same person: another device is at hand.
    await VirtualAuthenticator.attach(page, { isPlugged: true });
    await page.getByLabel("Name of this passkey").fill("My phone");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByRole("button", { name: "Remove My phone" }).waitFor();
    await page.reload();
    await page.getByText("A passkey was added.").waitFor();
    expect(await lookAtScreen(page, "account")).toEqual([]);
    await page.getByRole("button", { name: "I have read this" }).click();
    await page.getByRole("button", { name: "I have read this" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Remove My phone" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByRole("button", { name: "Remove My phone" }).waitFor({ state: "detached" });
    await page.getByText("A passkey was removed.").waitFor();
  });
});

async function hasFocus(page: Page, label: string): Promise<boolean> {
  return page.getByLabel(label).evaluate((element) => element === document.activeElement);
}
