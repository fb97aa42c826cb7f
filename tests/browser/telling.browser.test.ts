import type { PersonRole } from "@siphms/api";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createNotifyWorld,
  type NotifyWorld,
} from "../../apps/hospital/src/testing/notify-world.ts";
import { startBrowser, watchedContext } from "../system/browser.ts";
import { lookAtScreen } from "../system/looks.ts";
import { startStaffedHospital, type StaffedHospital } from "../system/staffed-hospital.ts";
import { setUpPasskey } from "../system/staff-pages.ts";
import { VirtualAuthenticator } from "../system/virtual-authenticator.ts";

/** Longer than anything here takes, and short enough to say where a test stands still. */
const PATIENCE_MS = 30_000;
const REASON = "Agreed on the round of the ward";
const ADDRESS = "dora@hospital.example";

let hospital: StaffedHospital;
let told: NotifyWorld;
let browser: Browser;
let contexts: BrowserContext[];
let complaints: string[];

async function arrive(name: string, role: PersonRole): Promise<Page> {
  const watched = await watchedContext(browser);
  contexts.push(watched.context);
  complaints = watched.complaints;
  watched.context.setDefaultTimeout(PATIENCE_MS);
  const page = await watched.context.newPage();
  await VirtualAuthenticator.attach(page);
  await setUpPasskey(page, await hospital.link(name, role));
  return page;
}

const goTo = (page: Page, place: string): Promise<void> =>
  page.getByRole("link", { name: place }).click();

/** A fault as the delivering job or the alerts job notes it. */
const raise = (reason: string) =>
  hospital.world.database.withTransaction((tx) =>
    told.notifier.systemFault(tx, { what: "delivery-failed", way: "email", reason }),
  );

beforeAll(async () => {
  [hospital, browser] = await Promise.all([startStaffedHospital(), startBrowser()]);
  told = createNotifyWorld(hospital.world);
});
afterAll(async () => {
  await browser.close();
  await hospital.close();
});
beforeEach(() => {
  contexts = [];
});
afterEach(async () => {
  for (const context of contexts) await context.close();
  // The demo's way in is asked for and refused, and a fresh proof is asked for: both as they should be.
  expect(complaints.filter((text) => !/status of 4(03|22)/.test(text))).toEqual([]);
});

describe("where alerts reach somebody", () => {
  it("is set and taken back by themselves, with a fresh proof of who they are", async () => {
    const page = await arrive("Dr Dora Doctor", "doctor");
    await goTo(page, "My account");
    await page.getByText("This hospital sends no e-mail at present.").waitFor();
    await page.getByLabel("Mail address").fill(`${ADDRESS},other@hospital.example`);
    await page.getByRole("button", { name: "Send there" }).click();
    // The browser's own word for it: nothing has left the page.
    expect(await page.getByText(ADDRESS).count()).toBe(0);
    await page.getByLabel("Mail address").fill(ADDRESS);
    hospital.world.clock.skewWall(6 * 60_000);
    await page.getByRole("button", { name: "Send there" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "passkey" }).click();
    await page.getByText("Saved. From the next alert on e-mail goes there.").waitFor();
    await page.getByText(ADDRESS).waitFor();
    expect(await lookAtScreen(page, "alerts-contact")).toEqual([]);
    await page.getByRole("button", { name: "Send no e-mail" }).click();
    await page.getByText("No e-mail is sent to you any more.").waitFor();
    expect(await page.getByText(ADDRESS).count()).toBe(0);
  });

  it("is no matter for administrators, who are told of no patient", async () => {
    const page = await arrive("Ada Administrator", "administrator");
    await goTo(page, "My account");
    await page.getByRole("heading", { name: "Passkeys" }).waitFor();
    expect(await page.getByText("Where alerts reach me").count()).toBe(0);
  });
});

describe("who is told next", () => {
  it("is written step by step with its reason, and says what is missing", async () => {
    await hospital.link("Dr Nils Next", "doctor");
    await hospital.link("Nurse Nadia Next", "nurse");
    const page = await arrive("Ada Administrator", "administrator");
    await goTo(page, "Who is told next");
    await page.getByText("Nobody is named yet.").waitFor();
    expect(await lookAtScreen(page, "escalation-none")).toEqual([]);
    await page.getByRole("button", { name: "Change" }).click();
    await page.getByRole("button", { name: "Add a step" }).click();
    await page.getByLabel("Urgent: after so many minutes").fill("0");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Not saved: something above is missing or wrong.").waitFor();
    await page.getByText("A whole number from 1 to 1440.").waitFor();
    await page.getByText("Name at least one person.").waitFor();
    await page.getByLabel("Urgent: after so many minutes").fill("5");
    for (const name of ["Dr Nils Next", "Nurse Nadia Next"]) {
      await page.getByLabel("Add somebody").selectOption(name);
      await page.getByRole("button", { name: "Add somebody" }).click();
    }
    expect(await lookAtScreen(page, "escalation-editor")).toEqual([]);
    await page.getByLabel("Reason").fill(REASON);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved. It holds from now on").waitFor();
    const step = page.getByTestId("escalation-step");
    expect(await step.innerText()).toContain("Nurse Nadia Next");
    expect(await lookAtScreen(page, "escalation")).toEqual([]);
    expect(await told.desk.readEscalation()).toMatchObject({
      steps: [{ urgentAfterMinutes: 5, to: ["Dr Nils Next", "Nurse Nadia Next"] }],
      reason: REASON,
    });
  });

  it("says when somebody named there is gone, and when it was altered", async () => {
    await hospital.desk.disable("Nurse Nadia Next");
    const page = await arrive("Ada Administrator", "administrator");
    await goTo(page, "Who is told next");
    await page.getByText("Nurse Nadia Next (no active doctor or nurse any more").waitFor();
    await hospital.world.tamper("UPDATE escalation_policies SET set_at = set_at + 1");
    await page.reload();
    await page.getByText("Who is told next was changed behind the hospital's back").waitFor();
    expect(await lookAtScreen(page, "escalation-altered")).toEqual([]);
  });
});

describe("system alerts", () => {
  it("are counted beside the link, say what to do, and close (SR-66)", async () => {
    await raise("unreachable");
    await raise("unreachable");
    await raise("certificate");
    const page = await arrive("Ada Administrator", "administrator");
    await page.getByRole("img", { name: "2 system alerts are open" }).waitFor();
    await goTo(page, "System");
    const alerts = page.getByTestId("system-alert");
    await alerts.filter({ hasText: "The server cannot be reached." }).waitFor();
    expect(await lookAtScreen(page, "system-alerts")).toEqual([]);
    const close = page.getByRole("button", { name: "Acknowledge: E-mail about alerts" });
    for (let left = 2; left > 0; left--) {
      await close.first().click();
      await expect.poll(() => alerts.count()).toBe(left - 1);
    }
    await page.getByText("No system alert is open.").waitFor();
    expect(await page.getByRole("img", { name: /system alert/ }).count()).toBe(0);
  });
});
