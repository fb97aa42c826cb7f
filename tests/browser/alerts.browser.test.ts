import type { PersonRole } from "@siphms/api";
import type { Series } from "@siphms/messages";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNotifyWorld } from "../../apps/hospital/src/testing/notify-world.ts";
import { heartRates, sealReadings } from "../../apps/hospital/src/testing/phone-messages.ts";
import { enrolActive, type PhoneSession } from "../../apps/hospital/src/testing/phone.ts";
import { SIGNALS } from "../../apps/console/src/sound/tones.ts";
import { startBrowser, watchedContext } from "../system/browser.ts";
import { tabTo } from "../system/demo-console.ts";
import { lookAtScreen } from "../system/looks.ts";
import { startStaffedHospital, type StaffedHospital } from "../system/staffed-hospital.ts";
import { setUpPasskey } from "../system/staff-pages.ts";
import { VirtualAuthenticator } from "../system/virtual-authenticator.ts";

const PATIENCE_MS = 30_000;
const MINUTE = 60_000;
const IRIS = "Dr Iris Example";
const OLGA = "Dr Olga Oncall";
const ADA = "Ada Alarming";
const WHAT = "Heart rate 140 /min: at or above the limit of 131 /min";

let hospital: StaffedHospital;
let browser: Browser;
const complaints: string[][] = [];
let phone: PhoneSession;
let patient: string;
let iris: Page;
let olga: Page;

/** Somebody at a browser of their own, which writes down what it plays. */
async function arrive(name: string, role: PersonRole): Promise<Page> {
  const watched = await watchedContext(browser, { viewport: { width: 1280, height: 800 } });
  complaints.push(watched.complaints);
  watched.context.setDefaultTimeout(PATIENCE_MS);
  await watched.context.addInitScript(() => {
    const heard: number[] = [];
    Object.assign(globalThis, { heardHz: heard });
    const tone = OscillatorNode.prototype;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own oscillator below
    const { start } = tone;
    tone.start = function (this: OscillatorNode, when?: number) {
      heard.push(this.frequency.value);
      start.call(this, when);
    };
  });
  const page = await watched.context.newPage();
  const authenticator = await VirtualAuthenticator.attach(page);
  await setUpPasskey(page, await hospital.link(name, role));
  await authenticator.answerByItself(false);
  return page;
}

/** How often the signal of a level was played in a window. */
async function rings(page: Page, level: keyof typeof SIGNALS): Promise<number> {
  const first = SIGNALS[level][0]?.frequencyHz;
  const heard = await page.evaluate(() => (globalThis as unknown as { heardHz: number[] }).heardHz);
  const signal = SIGNALS[level].filter(({ frequencyHz }) => frequencyHz === first).length;
  return heard.filter((hz) => hz === first).length / signal;
}

/** Real readings over the protocol, signed and sealed by a phone; what follows from them is there when this ends. */
async function send(...series: readonly Series[]): Promise<void> {
  const outcome = await hospital.world.submit(await sealReadings(phone, series));
  expect(outcome.kind).toBe("answer");
  await hospital.evaluate();
}

const now = () => hospital.world.clock.now();
const card = (page: Page, what = WHAT) => page.getByRole("listitem").filter({ hasText: what });
const toAlerts = (page: Page) => page.getByRole("link", { name: "Alerts" }).first().click();
const row = (page: Page) => page.getByRole("row").filter({ hasText: ADA });

beforeAll(async () => {
  [hospital, browser] = await Promise.all([startStaffedHospital(), startBrowser()]);
  const { world } = hospital;
  await world.clock.advance(Date.now() - world.clock.now());
  iris = await arrive(IRIS, "doctor");
  olga = await arrive(OLGA, "doctor");
  const steps = [{ urgentAfterMinutes: 5, warnAfterMinutes: 30, to: [OLGA] }];
  const policy = { version: 0, steps, reason: "Agreed on the round" };
  await createNotifyWorld(world).desk.setEscalation(policy, "operator");
  patient = await hospital.addPatient({ mrn: "ALERT-1", name: ADA, carer: IRIS });
  phone = await enrolActive(world, patient);
});

afterAll(async () => {
  await browser.close();
  await hospital.close();
});

describe("an alert that nobody looks after", () => {
  it("is not there while values are inside of the limits, and the page says what it is not", async () => {
    await send(heartRates(now(), 72));
    await row(iris).getByText("No alerts").waitFor();
    await toAlerts(iris);
    await iris.getByText("No open alerts.").waitFor();
    await iris.getByText("not a medical device and not for emergencies").waitFor();
    await iris.getByText("National Early Warning Score (NEWS) 2. London: RCP, 2017.").waitFor();
    expect(await lookAtScreen(iris, "alerts-empty")).toEqual([]);
    expect(await iris.title()).toBe("Alerts · SIPHMS console");
    await iris.getByRole("link", { name: "Worklist" }).click();
  });

  it("is on the screen of who has the patient in care, heard, and counted without a name (SR-66)", async () => {
    await iris.clock.install();
    await send(heartRates(now() + 1_000, 140));
    await row(iris).locator(".siphms-need", { hasText: "Urgent" }).waitFor();
    await row(iris).getByRole("img", { name: "Urgent" }).waitFor();
    await expect.poll(() => iris.title()).toBe("(1) Worklist · SIPHMS console");
    await iris.getByRole("img", { name: "1 alert not acknowledged, Urgent" }).waitFor();
    await expect.poll(() => rings(iris, "urgent")).toBe(1);
    // Again and again while nobody acknowledges it.
    await iris.clock.fastForward(10_000);
    await expect.poll(() => rings(iris, "urgent")).toBe(2);
    expect(await rings(iris, "warn")).toBe(0);
    // Nobody else hears or sees anything yet.
    expect(await olga.title()).toBe("Worklist · SIPHMS console");
    expect(await rings(olga, "urgent")).toBe(0);
  });

  it("is handed on to the next person, who hears it and sees the patient (SR-66)", async () => {
    await hospital.world.clock.advance(5 * MINUTE);
    await hospital.evaluate();
    await row(olga).waitFor();
    await expect.poll(() => rings(olga, "urgent")).toBeGreaterThan(0);
    await toAlerts(olga);
    await expect.poll(() => olga.title()).toBe("(1) Alerts · SIPHMS console");
    const found = card(olga);
    for (const text of [ADA, "Not acknowledged", "Handed on at", "limit 131 /min"]) {
      await found.getByText(text).first().waitFor();
    }
    // Who was told, who was shown it, and who has seen it: being told is not seeing.
    await found.getByText(`${IRIS}: console · not shown yet`).waitFor();
    await found.getByText(`${OLGA}: console · shown`).waitFor();
    expect(await found.getByText(`${IRIS} ·`).count()).toBe(0);
    await found.getByText(/from .* to .*: lowest 72\s\/min, highest 140\s\/min/).waitFor();
    expect(await lookAtScreen(olga, "alerts")).toEqual([]);
  });

  it("is acknowledged with the keyboard alone, and from then on still and counted nowhere (SR-66)", async () => {
    const acknowledge = card(olga).getByRole("button", { name: `Acknowledge: ${WHAT}` });
    await olga.getByRole("heading", { name: "Alerts" }).click();
    await tabTo(olga, acknowledge);
    await olga.keyboard.press("Enter");
    await card(olga).getByText(`Looked after by ${OLGA} since`).waitFor();
    // The button is gone, and the focus has gone on.
    const focused = () => olga.evaluate(() => document.activeElement?.textContent);
    await expect.poll(focused).toBe("Resolve");
    for (const page of [iris, olga]) {
      await expect.poll(() => page.title()).not.toContain("(");
      expect(await page.getByRole("img", { name: /not acknowledged/ }).count()).toBe(0);
    }
    const before = await rings(iris, "urgent");
    await iris.clock.fastForward(30_000);
    expect(await rings(iris, "urgent")).toBe(before);
    await row(iris).getByText("1 open, 0 waiting").waitFor();
  });

  it("closes by itself once it is over, and stands in the patient's history (SR-66)", async () => {
    await send(heartRates(now(), 80));
    await olga.getByText("No open alerts.").waitFor();
    // Whoever had the focus on it goes on from the list.
    const list = () => olga.evaluate(() => document.activeElement?.className ?? "");
    await expect.poll(list).toContain("siphms-alert-list");
    await row(iris).getByText("No alerts").waitFor();
    await iris.goto(`${hospital.origin}/patients/${patient}?tab=alerts`);
    const earlier = iris.getByRole("list", { name: "Before" }).getByRole("listitem");
    const first = earlier.filter({ hasText: WHAT }).first();
    await first.getByText(`Looked after by ${OLGA}`).waitFor();
    await first.getByText("Over and acknowledged: closed by itself").waitFor();
    await first.getByText("Who was told, and the values").click();
    await first.getByText("Handed on at").waitFor();
    await first.getByText(/lowest 72\s\/min, highest 140\s\/min/).waitFor();
    expect(await lookAtScreen(iris, "alerts-history")).toEqual([]);
  });
});

describe("alerts of a patient", () => {
  it("stand above every part of the page, and are resolved with a note (SR-66)", async () => {
    await send(heartRates(now(), 36));
    await iris.getByRole("tab", { name: "Vital signs" }).click();
    const strip = iris.getByRole("region", { name: "Open alerts of this patient" });
    await strip.getByText("Heart rate 36 /min: at or below the limit of 40 /min").waitFor();
    await iris.getByTestId("latest-heart-rate").getByRole("img", { name: "Urgent" }).waitFor();
    expect(await lookAtScreen(iris, "patient-alert-strip")).toEqual([]);
    await strip.getByRole("link", { name: "All alerts of this patient" }).click();
    await iris.getByRole("tab", { name: "Alerts (1)" }).waitFor();
    const open = card(iris, "Heart rate 36");
    await open.getByText(`${IRIS} ·`).waitFor();
    await open.getByRole("button", { name: /^Resolve/ }).click();
    const dialog = iris.getByRole("dialog");
    await dialog.getByRole("button", { name: "Resolve" }).click();
    await dialog.getByText("Write at least 3 characters.").waitFor();
    expect(await lookAtScreen(iris, "alert-resolve")).toEqual([]);
    await dialog.getByLabel("Note").fill("Athlete, asleep: seen at the bed");
    await dialog.getByRole("button", { name: "Resolve" }).click();
    await dialog.waitFor({ state: "detached" });
    const past = iris.getByRole("list", { name: "Before" }).getByRole("listitem");
    await past.getByText(`Resolved by ${IRIS}`).waitFor();
    await past.getByText("Athlete, asleep: seen at the bed").waitFor();
    await iris.getByRole("tab", { name: "Alerts", exact: true }).waitFor();
  });

  it("that arrived late told nobody, and say so in the history alone", async () => {
    const before = await rings(iris, "urgent");
    expect(before).toBeGreaterThan(0);
    await send(heartRates(now() - 90 * MINUTE, 190));
    const late = iris.getByRole("listitem").filter({ hasText: "Heart rate 190 /min" });
    // Told live, and heard if it were: the history is asked for only now.
    await iris.getByRole("tab", { name: "Vital signs" }).click();
    await iris.getByRole("tab", { name: "Alerts" }).click();
    await late.getByText("arrived late, would have alerted").waitFor();
    expect(await rings(iris, "urgent")).toBe(before);
    expect(await iris.title()).not.toContain("(");
  });
});

describe("alerts of several kinds", () => {
  it("stand apart: what was found in patients, and what measures and carries it (SR-66)", async () => {
    const at = now();
    const one = { start: at, deltas: [0], origin: 0 } as const;
    // Respiration, SpO2, temperature and pressure on the wire.
    await send(
      { ...one, kind: 4, values: [26] },
      { ...one, kind: 3, values: [900] },
      { ...one, kind: 5, values: [3950] },
      { ...one, kind: 2, values: [[88, 60, 70]] },
    );
    // A number of the session that never comes.
    phone.seq += 1;
    await send(heartRates(at, 75));
    await hospital.world.clock.advance(5 * MINUTE + 1);
    await send(heartRates(now(), 75));
    // It is looked twice, some minutes apart: a message may only be late.
    await hospital.world.clock.advance(5 * MINUTE + 1);
    await hospital.evaluate();
    await iris
      .getByRole("link", { name: /^Alerts/ })
      .first()
      .click();
    const list = (name: string) => iris.getByRole("list", { name, exact: true });
    const ofPatients = list("Of the patients").getByRole("listitem");
    await ofPatients.getByText("NEWS2 at least 11, 5 of 7").waitFor();
    await ofPatients
      .getByText("Points: respiration 3, SpO₂ 3, systolic pressure 3, temperature 2.")
      .waitFor();
    await ofPatients.getByText("Missing: oxygen, consciousness.").waitFor();
    const ofDevices = list("Of devices and data").getByRole("listitem");
    await ofDevices.getByText("1 message is missing").waitFor();
    await ofDevices.getByText("Warning · Device or data").waitFor();
    expect(await ofDevices.getByText("NEWS2").count()).toBe(0);
    await expect.poll(() => rings(iris, "urgent")).toBeGreaterThan(0);
    expect(await lookAtScreen(iris, "alerts-many")).toEqual([]);
  });
});

describe("the sound", () => {
  it("waits for a press, says so, and is off in every window of the browser once it is switched off", async () => {
    const second = await iris.context().newPage();
    // What drives the browser counts as a press in it.
    await second.addInitScript(() => {
      Object.defineProperty(navigator, "userActivation", { value: { hasBeenActive: false } });
    });
    await second.goto(`${hospital.origin}/alerts`);
    const waits = second.getByText("Alerts can't be heard yet");
    await waits.waitFor();
    expect(await lookAtScreen(second, "alerts-silent")).toEqual([]);
    await second.getByRole("button", { name: "Switch sound on" }).click();
    await waits.waitFor({ state: "detached" });
    await iris.getByRole("button", { name: /^Sound on/ }).waitFor();
    await second.getByRole("button", { name: /^Sound on/ }).click();
    for (const page of [second, iris]) {
      await page.getByRole("button", { name: /^Sound off/ }).waitFor();
    }
    await second.reload();
    await second.getByRole("button", { name: /^Sound off/ }).waitFor();
    expect(await waits.count()).toBe(0);
    await second.close();
  });
});

describe("alerts that are not known", () => {
  it("are never shown as none: the page says that some may be missing, and asks again", async () => {
    await iris.route("**/api/alerts", (route) => route.abort());
    await iris.goto(`${hospital.origin}/alerts`);
    await iris.getByText("Alerts may be missing here").waitFor();
    expect(await iris.getByText("No open alerts.").count()).toBe(0);
    expect(await lookAtScreen(iris, "alerts-unknown")).toEqual([]);
    await iris.getByRole("link", { name: "Worklist" }).click();
    await row(iris).getByText("Not known").waitFor();
    await iris.unroute("**/api/alerts");
    await iris.getByRole("button", { name: "Try again" }).click();
    await row(iris).locator(".siphms-need", { hasText: "Urgent" }).waitFor();
    // What the browser itself reports of answers that say no.
    const expected = /ERR_FAILED|status of 4(01|09|22)/;
    expect(complaints.flat().filter((text) => !expected.test(text))).toEqual([]);
  });
});
