import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SIZES, startBrowser, startKeptBrowser } from "../system/browser.ts";
import { Installation } from "../system/installation.ts";
import { PatientPhone } from "../system/patient-phone.ts";

interface ListedDevice {
  readonly kid: string;
  readonly state: string;
}

let installation: Installation;
beforeAll(async () => {
  installation = await Installation.start();
});
afterAll(() => installation.remove());

describe("the patient app, whatever happens on the way", () => {
  let browser: Browser;
  let phone: PatientPhone;
  let mrn: string;
  let patients = 0;

  const values = async (): Promise<unknown[]> =>
    (await installation.readings(mrn)).map(({ value }) => value).sort();

  async function devices(): Promise<ListedDevice[]> {
    return installation.json<ListedDevice[]>("device", "list", "--mrn", mrn);
  }

  /** Another phone, enrolled and in a session. */
  async function enrolled(): Promise<void> {
    patients += 1;
    mrn = `DELIVERY-${String(patients)}`;
    phone = await PatientPhone.fresh(browser);
    await phone.enrol(installation, mrn);
  }

  beforeAll(async () => {
    browser = await startBrowser();
    await enrolled();
    // The service worker has to hold the app before the network goes.
    await phone.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  });
  afterAll(() => browser.close());

  it("shows each step of a reading's way until it is stored", async () => {
    await phone.typeHeartRate(71);
    await phone.press("Show where it is");
    for (const step of ["measured", "signed", "queued", "at-gateway", "stored"]) {
      await phone.page.locator(`[data-testid=way-${step}][data-state=done]`).waitFor();
    }
    await phone.allConfirmed();
    expect(await installation.readings(mrn)).toMatchObject([
      { kind: "heart-rate", value: 71, unit: "/min", origin: "typed" },
    ]);
    expect(phone.complaints).toEqual([]);
  });

  it("refuses a value that cannot be, and sends nothing of it", async () => {
    await phone.go("Today");
    await phone.press("Type in");
    await phone.page.getByLabel("What did you measure?").selectOption("Heart rate");
    for (const [text, words] of [
      ["", "Type the value"],
      ["seventy", "This is no number"],
      ["999", "outside what is possible"],
      ["0", "nothing was measured"],
    ] as const) {
      await phone.page.getByLabel(/^Value/).fill(text);
      await phone.press("Save and send");
      await phone.page.getByText(words).waitFor();
    }
    expect(await phone.page.getByText("Saved on this phone").count()).toBe(0);
    expect(await values()).toEqual([71]);
  });

  it("starts and measures offline, and delivers when the network is back", async () => {
    await phone.context.setOffline(true);
    await phone.page.reload();
    await phone.unlock();
    await phone.typeHeartRate(72);
    await phone.typeHeartRate(73);
    await phone.page
      .getByText(/Not connected/)
      .first()
      .waitFor();
    expect(await values()).toEqual([71]);
    await phone.context.setOffline(false);
    await phone.allConfirmed();
    expect(await values()).toEqual([71, 72, 73]);
  });

  it("keeps what was measured while gateway and hospital are away, over a reload too", async () => {
    await installation.end("SIGKILL");
    try {
      await phone.connection("waiting");
      await phone.typeHeartRate(74);
      await phone.page.reload();
      await phone.unlock();
      await phone.goUnder("What is waiting");
      await phone.page.getByText("Waiting on this phone").waitFor();
      await phone.page.getByText("The hospital can't be reached").first().waitFor();
    } finally {
      await installation.launch();
    }
    await phone.press("Send now");
    await phone.allConfirmed();
    expect(await values()).toEqual([71, 72, 73, 74]);
  });

  it("lets only one tab lead, and the other go on when the first is closed", async () => {
    const second = await phone.context.newPage();
    await second.goto(installation.appUrl);
    await second.getByRole("heading", { name: "The app is open in another tab" }).waitFor();
    await phone.typeHeartRate(75);
    await phone.allConfirmed();
    await phone.page.close();
    phone = new PatientPhone(second, phone.complaints);
    await phone.unlock();
    await phone.typeHeartRate(76);
    await phone.allConfirmed();
    expect((await values()).slice(-2)).toEqual([75, 76]);
  });

  it("goes over to a new key of the hospital by itself, and shows its fingerprint", async () => {
    await phone.typeHeartRate(77);
    await phone.allConfirmed();
    const { kid } = await installation.json<{ kid: string }>("keys", "rotate", "--identity");
    const groups = Buffer.from(kid, "base64url").toString("hex").match(/.{4}/g)!.join(" ");
    await phone.goUnder("Security");
    await phone.page.getByText(groups).first().waitFor();
    await phone.typeHeartRate(78);
    await phone.allConfirmed();
    expect((await values()).slice(-2)).toEqual([77, 78]);
  });

  it("erases everything when the patient takes this phone away", async () => {
    await enrolled();
    await phone.goUnder("My devices");
    await phone.page.getByRole("button", { name: /^Take away/ }).click();
    await phone.press("Yes, take it away");
    await phone.heading("Everything was erased from this phone");
    expect((await devices()).map(({ state }) => state)).toEqual(["revoked"]);
    expect(await phone.storedKinds()).toEqual([]);
    expect(await phone.page.evaluate(() => Object.keys(sessionStorage))).toEqual([]);
    await phone.press("Connect this phone anew");
    await phone.heading("Connect this phone to your hospital");
  });

  it("keeps what it has when the hospital revokes it, says so, and erases when asked", async () => {
    await enrolled();
    const [own] = await devices();
    await installation.json("device", "revoke", own!.kid);
    await phone.connection("waiting");
    await phone.typeHeartRate(79);
    await phone.goUnder("What is waiting");
    await phone.page.getByText("The hospital does not accept this phone").first().waitFor();
    await phone.go("Safety");
    await phone.press("Erase this phone");
    await phone.page.getByText("One reading is not confirmed yet").waitFor();
    await phone.press("Yes, erase everything");
    await phone.heading("Everything was erased from this phone");
    expect(await values()).toEqual([]);
  });
});

describe("a killed browser", () => {
  let folder: string;
  const options = { viewport: SIZES.phone, locale: "en-GB" };

  /** The browser of a folder, and its process. */
  async function start(): Promise<{ context: BrowserContext; pid: number; phone: PatientPhone }> {
    const context = await startKeptBrowser(folder, options);
    const cdp = await context.browser()!.newBrowserCDPSession();
    const { processInfo } = await cdp.send("SystemInfo.getProcessInfo");
    const pid = processInfo.find(({ type }) => type === "browser")!.id;
    return { context, pid, phone: new PatientPhone(context.pages()[0]!, []) };
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "siphms-profile-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("has everything that it said was saved when it is started again, and sends it once", async () => {
    const first = await start();
    await first.phone.enrol(installation, "KILLED-1");
    await first.phone.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await first.context.setOffline(true);
    for (const bpm of [81, 82, 83]) await first.phone.typeHeartRate(bpm);
    const closed = new Promise((resolve) => first.context.once("close", resolve));
    // At once after the words "Saved on this phone": nothing has time to be written later.
    process.kill(first.pid, "SIGKILL");
    await closed;
    const second = await start();
    await second.phone.page.goto(installation.appUrl);
    await second.phone.unlock();
    await second.phone.allConfirmed();
    const stored = await installation.readings("KILLED-1");
    expect(stored.map(({ value }) => value).sort()).toEqual([81, 82, 83]);
    await second.context.close();
  });
});
