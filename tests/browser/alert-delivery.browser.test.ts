import type { PersonRole } from "@siphms/api";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { NotifyWays } from "../../apps/hospital/src/notify/index.ts";
import { createMailWay } from "../../apps/hospital/src/notify/mail.ts";
import { GIVE_UP_MS } from "../../apps/hospital/src/notify/retries.ts";
import { createWebhookWay } from "../../apps/hospital/src/notify/webhook.ts";
import {
  decodeMailText,
  startMailServer,
  type TestMailServer,
} from "../../apps/hospital/src/testing/mail-server.ts";
import {
  createNotifyWorld,
  type NotifyWorld,
} from "../../apps/hospital/src/testing/notify-world.ts";
import { heartRates, sealReadings } from "../../apps/hospital/src/testing/phone-messages.ts";
import { enrolActive } from "../../apps/hospital/src/testing/phone.ts";
import {
  startWebhookReceiver,
  type WebhookReceiver,
} from "../../apps/hospital/src/testing/webhook-receiver.ts";
import { startBrowser, watchedContext } from "../system/browser.ts";
import { lookAtScreen } from "../system/looks.ts";
import { startStaffedHospital, type StaffedHospital } from "../system/staffed-hospital.ts";
import { setUpPasskey } from "../system/staff-pages.ts";
import { VirtualAuthenticator } from "../system/virtual-authenticator.ts";

/** Longer than anything here takes, and short enough to say where a test stands still. */
const PATIENCE_MS = 30_000;
const MINUTE_MS = 60_000;

let hospital: StaffedHospital;
let told: NotifyWorld;
let mail: TestMailServer;
let receiver: WebhookReceiver;
let browser: Browser;

async function arrive(name: string, role: PersonRole): Promise<Page> {
  const { context } = await watchedContext(browser);
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  await VirtualAuthenticator.attach(page);
  await setUpPasskey(page, await hospital.link(name, role));
  return page;
}

const goTo = (page: Page, place: string): Promise<void> =>
  page.getByRole("link", { name: place }).first().click();

beforeAll(async () => {
  [mail, receiver, browser] = await Promise.all([
    startMailServer(),
    startWebhookReceiver(),
    startBrowser(),
  ]);
  const ways: NotifyWays = {
    email: createMailWay({
      ...{ host: "127.0.0.1", port: mail.port, user: undefined, password: undefined },
      ...{ isSecure: false, isLoopback: true, needsTls: false },
      ...{ from: "siphms@hospital.example", consoleOrigin: "https://console.hospital.example" },
    }),
    webhook: createWebhookWay({
      ...{ url: receiver.url, secrets: [new Uint8Array(32).fill(7)] },
      consoleOrigin: "https://console.hospital.example",
    }),
  };
  hospital = await startStaffedHospital({ ways });
  const { world, alerts } = hospital;
  await world.clock.advance(Date.now() - world.clock.now());
  told = createNotifyWorld(world, ways, (patient) => alerts.changed(patient));
});
afterAll(async () => {
  await browser.close();
  await hospital.close();
  await mail.close();
  await receiver.close();
});

/** A phone's own reading, far beyond its limit; what follows from it is there when this ends. */
async function sendAlarmingReading(patient: string): Promise<void> {
  const { world } = hospital;
  const phone = await enrolActive(world, patient);
  await world.submit(await sealReadings(phone, [heartRates(world.clock.now(), 187)]));
  await hospital.evaluate();
}

describe("an alert that leaves the console", () => {
  const MRN = "LEAVES-4711";
  const NAME = "Leonore Leaving";
  let page: Page;
  let patient: string;

  /** The card says it by itself: nobody loads the page anew. */
  const cardSays = (text: string) =>
    page.getByRole("listitem").filter({ hasText: text }).last().waitFor();

  it("reaches a mail server and a webhook's receiver, says nothing of whom and what, and its card shows it (SR-53, SR-66)", async () => {
    page = await arrive("Dr Lea Letter", "doctor");
    await goTo(page, "My account");
    await page.getByLabel("Mail address").fill("lea@hospital.example");
    await page.getByRole("button", { name: "Send there" }).click();
    await page.getByText("Saved. From the next alert on e-mail goes there.").waitFor();
    patient = await hospital.addPatient({ mrn: MRN, name: NAME, carer: "Dr Lea Letter" });
    await sendAlarmingReading(patient);
    await goTo(page, "Alerts");
    await cardSays("Dr Lea Letter: e-mail · not delivered yet");
    await told.job.run();
    await hospital.alerts.settled();
    await cardSays("Dr Lea Letter: e-mail · delivered");
    await cardSays("127.0.0.1: webhook · delivered");
    expect(await lookAtScreen(page, "alert-told")).toEqual([]);
    expect(mail.mails.map(({ to }) => to)).toEqual([["lea@hospital.example"]]);
    const texts = mail.mails.flatMap(({ text }) => [text, decodeMailText(text)]);
    texts.push(...receiver.posts.map((post) => JSON.stringify(post)));
    expect(texts).toHaveLength(3);
    for (const text of texts) {
      for (const secret of ["Leonore", "Leaving", MRN, patient, "187", "eart", "bpm"]) {
        expect(text).not.toContain(secret);
      }
    }
  });

  it("that a server refuses is tried again, shown as not delivered, and known to administrators (SR-66)", async () => {
    receiver.answer((response) => response.writeHead(500).end());
    const { world } = hospital;
    const { rows } = await world.database.query("SELECT max(id) AS id FROM alerts");
    const alert = {
      id: rows[0]?.number("id") ?? 0,
      patientId: patient,
      channel: "clinical",
    } as const;
    await told.raise({ ...alert, level: "urgent", raised: world.clock.now() });
    for (let waited = 0; waited <= GIVE_UP_MS; waited += MINUTE_MS) {
      await told.job.run();
      world.clock.skewWall(MINUTE_MS);
    }
    await told.job.run();
    await hospital.alerts.settled();
    await cardSays("127.0.0.1: webhook · not delivered (");
    expect(await lookAtScreen(page, "alert-not-delivered")).toEqual([]);
    const administrator = await arrive("Ada Administrator", "administrator");
    await goTo(administrator, "System");
    await administrator.getByText("The webhook's receiver was not told of alerts").waitFor();
  });
});
