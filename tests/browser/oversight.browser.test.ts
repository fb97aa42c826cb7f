import { randomUUID } from "node:crypto";
import type { PersonRole } from "@siphms/api";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  appendAudit,
  auditNameOfStaff,
  createSequencer,
  type AuditEntry,
} from "../../apps/hospital/src/audit/index.ts";
import { log } from "../../apps/hospital/src/testing/hospital-world.ts";
import { startBrowser, watchedContext } from "../system/browser.ts";
import { lookAtScreen } from "../system/looks.ts";
import { setUpPasskey } from "../system/staff-pages.ts";
import { startStaffedHospital, type StaffedHospital } from "../system/staffed-hospital.ts";
import { VirtualAuthenticator } from "../system/virtual-authenticator.ts";

const PATIENCE_MS = 30_000;
const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;
const NOTE = "Asked the ward about each of them";

let hospital: StaffedHospital;
let browser: Browser;
let contexts: BrowserContext[];
let complaints: string[];

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
  await page.getByRole("heading", { level: 1, name: place }).waitFor();
}

async function actorOf(name: string): Promise<string> {
  await hospital.desk.add({ name, role: "doctor" });
  const { rows } = await hospital.world.database.query("SELECT id FROM staff WHERE name = $1", [
    name,
  ]);
  return auditNameOfStaff(rows[0]?.number("id") ?? 0);
}

const note = (entries: readonly (Partial<AuditEntry> & { readonly actor: string })[]) =>
  hospital.world.database.withTransaction((tx) =>
    appendAudit(
      tx,
      entries.map((entry) => ({
        ...{ at: hospital.world.clock.now(), event: "data.disclosed", object: "patient" },
        ...{ action: "read", outcome: "done", role: "doctor", purpose: "treatment" },
        ...entry,
      })),
    ),
  );

beforeAll(async () => {
  hospital = await startStaffedHospital();
  browser = await startBrowser();
  const many = await actorOf("Dr Maria Many");
  const quiet = await actorOf("Dr Quentin Quiet");
  const relative = await actorOf("Dr Rita Relative");
  const opened = [...Array(60).keys()].map(() => randomUUID());
  const known = await hospital.addPatient({ mrn: "WARD-7", name: "Robert Relative" });
  await note([
    ...opened.map((subject) => ({ actor: many, subject })),
    { actor: quiet, subject: known },
    { actor: relative, subject: known },
    ...[1, 2, 3, 4, 5].map(() => ({
      ...{ actor: quiet, event: "access.refused", object: "GET /api/patients/:patient" },
      ...{ outcome: "refused" as const, detail: { why: "relation" } },
    })),
  ]);
  await createSequencer({ ...hospital.world, log }).run();
  hospital.world.clock.skewWall(WEEK_MS);
});

beforeEach(() => {
  contexts = [];
});

afterEach(async () => {
  // The browser itself reports answers that say no; nothing else may be wrong.
  expect(complaints.filter((text) => !/status of 4(0[0134]|22)/.test(text))).toEqual([]);
  for (const context of contexts) await context.close();
});

afterAll(async () => {
  await browser.close();
  await hospital.close();
});

const ALTER = `UPDATE audit_events SET object = 'messages'
  WHERE id = (SELECT max(id) FROM audit_events WHERE actor = $1 AND event = 'data.disclosed')`;

describe("the audit search [HS-308a1D, HS-312b]", () => {
  it("finds who looked at whom by keys alone, page by page, with the place in the log (SR-58)", async () => {
    const page = await arrive("Otto Officer", "privacy-officer");
    await goTo(page, "Audit search");
    await page.getByText("Say what to search for").waitFor();
    const from = page.getByLabel("From");
    await from.fill("2026-01-01T00:00");
    await page.getByLabel("Person").selectOption({ label: "Dr Maria Many" });
    await page.getByLabel("What was done").selectOption({ label: "Looked at" });
    await from.press("Enter");
    const entries = page.getByTestId("audit-entry");
    await entries.nth(49).waitFor();
    await entries
      .first()
      .getByText(/^No\. \d+ in the log$/)
      .waitFor();
    await from.focus();
    expect(await lookAtScreen(page, "audit")).toEqual([]);
    await page.getByRole("button", { name: "Show older entries" }).press("Enter");
    await entries.nth(59).waitFor();
    await page.getByText("These are all.").waitFor();
    expect(await entries.count()).toBe(60);
  });

  it("finds by record number, which stands in no address, and says what is wrong with a question (SR-53)", async () => {
    const page = await arrive("Olga Officer", "privacy-officer");
    await goTo(page, "Audit search");
    const search = page.getByRole("button", { name: "Search" });
    await page.getByLabel("Until").fill("2020-01-01T00:00");
    await page.getByLabel("What was done").selectOption({ label: "Stored readings of a device" });
    await search.click();
    await page.getByText("This is before the beginning.").waitFor();
    await page.getByText("Readings are found for one patient only.").waitFor();
    await page.getByLabel("From").fill("2026-01-01T00:00");
    await page.getByLabel("Until").fill("");
    await page.getByLabel("What was done").selectOption({ label: "Looked at" });
    const mrn = page.getByLabel("Patient (MRN)");
    await mrn.fill("NOBODY");
    await search.click();
    await page.getByText("There is no patient with this MRN.").waitFor();
    await mrn.fill("WARD-7");
    await search.click();
    await page.getByText("Patient WARD-7").nth(1).waitFor();
    await page.getByTestId("audit-entry").getByText("Dr Rita Relative").waitFor();
    expect(page.url()).not.toContain("WARD");
    expect(await page.content()).not.toContain("Robert");
  });

  it("warns of entries that somebody changed in the database", async () => {
    await hospital.world.tamper(ALTER, [await actorOf("Dr Quentin Quiet")]);
    const page = await arrive("Otis Officer", "privacy-officer");
    await goTo(page, "Audit search");
    await page.getByLabel("From").fill("2026-01-01T00:00");
    await page.getByLabel("Person").selectOption({ label: "Dr Quentin Quiet" });
    await page.getByRole("button", { name: "Search" }).click();
    await page.getByText("Don't rely on them.").waitFor();
    await page.getByTestId("audit-entry").getByText("Changed in the database").waitFor();
    expect(await lookAtScreen(page, "audit-altered")).toEqual([]);
  });
});

describe("the weekly review [HS-308a1D]", () => {
  it("says who stands out and why, opens what is behind it, and is closed with a note once the week is over", async () => {
    const page = await arrive("Olaf Officer", "privacy-officer");
    await goTo(page, "Weekly review");
    const standsOut = (name: string, what: string) =>
      page.getByTestId("standing-out").filter({ hasText: name }).getByText(what).waitFor();
    await standsOut("Dr Maria Many", "Records opened: 60");
    await standsOut("Dr Quentin Quiet", "Tries without a care relation: 5");
    await standsOut("Dr Rita Relative", "Same last name: 1");
    expect(await lookAtScreen(page, "activity")).toEqual([]);
    await page
      .getByTestId("standing-out")
      .getByRole("button", { name: "Tries without a care relation of Dr Quentin Quiet: 5." })
      .press("Enter");
    const heading = "Dr Quentin Quiet: Tries without a care relation";
    await page.getByRole("heading", { name: heading }).waitFor();
    await page.getByTestId("audit-entry").nth(4).waitFor();
    expect(await page.getByTestId("audit-entry").count()).toBe(5);
    expect(await lookAtScreen(page, "activity-entries")).toEqual([]);
    await page.getByRole("button", { name: "Back to the week" }).press("Enter");
    const close = page.getByRole("button", { name: "Close the week as reviewed" });
    await page.getByLabel("Note").fill("short");
    await close.click();
    await page.getByText("Write at least 10 characters.").waitFor();
    await page.getByLabel("Note").fill(NOTE);
    await close.click();
    await page.getByText("Closed. It is on record.").waitFor();
    await page.getByText(NOTE).waitFor();
    await page.getByText(/^Reviewed .* by Olaf Officer$/).waitFor();
    expect(await close.count()).toBe(0);
    expect(await lookAtScreen(page, "activity-reviewed")).toEqual([]);
    await page.getByLabel("Week", { exact: true }).selectOption({ index: 0 });
    await page.getByText("This week is not over").waitFor();
    expect(await close.count()).toBe(0);
  });
});
