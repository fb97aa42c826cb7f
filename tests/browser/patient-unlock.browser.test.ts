import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startBrowser } from "../system/browser.ts";
import { Installation } from "../system/installation.ts";
import { PatientPhone, PIN } from "../system/patient-phone.ts";
import { VirtualAuthenticator } from "../system/virtual-authenticator.ts";

const WRONG = "826043";

describe("the lock of the patient app", () => {
  let installation: Installation;
  let browser: Browser;
  let phone: PatientPhone;
  let patients = 0;

  const enrolled = async (method: "PIN" | "Both"): Promise<PatientPhone> => {
    patients += 1;
    await phone.enrol(installation, `LOCK-${String(patients)}`, method);
    return phone;
  };

  beforeAll(async () => {
    installation = await Installation.start();
    browser = await startBrowser();
  });
  afterEach(() => phone.context.close());
  afterAll(async () => {
    await browser.close();
    await installation.remove();
  });

  it("opens with the right PIN, after a reload too, and shows nothing before", async () => {
    phone = await PatientPhone.fresh(browser);
    await enrolled("PIN");
    await phone.press("Lock");
    await phone.unlock();
    await phone.connection("open");
    await phone.page.reload();
    await phone.heading("Locked");
    expect(await phone.page.content()).not.toContain("Ada Example");
    expect(await phone.page.getByTestId("connection").count()).toBe(0);
    await phone.unlock();
    await phone.connection("open");
    expect(phone.complaints).toEqual([]);
  });

  it("keeps no private key and nothing readable in the browser's database (SR-54) [HS-312a2iv]", async () => {
    phone = await PatientPhone.fresh(browser);
    await enrolled("PIN");
    await phone.typeHeartRate(77);
    await phone.allConfirmed();
    const kinds = await phone.storedKinds();
    expect(kinds.length).toBeGreaterThan(3);
    expect([...new Set(kinds)]).toEqual(["Uint8Array"]);
  });

  it("stays shut for a wrong PIN, and makes the next tries wait, over a reload too (SR-12)", async () => {
    phone = await PatientPhone.fresh(browser);
    await enrolled("PIN");
    await phone.press("Lock");
    for (let wrong = 1; (await phone.page.getByRole("timer").count()) === 0; wrong++) {
      expect(wrong, "no wait after five wrong PINs").toBeLessThanOrEqual(5);
      await phone.unlock(WRONG);
      await phone.page.getByRole("alert").getByText("This PIN is wrong").waitFor();
    }
    expect(await phone.page.getByRole("button", { name: "Unlock" }).isDisabled()).toBe(true);
    await phone.page.reload();
    await phone.page.getByRole("timer").waitFor();
    expect(await phone.pin.isDisabled()).toBe(true);
    expect(await phone.page.getByTestId("connection").count()).toBe(0);
  });

  it("opens with a fingerprint, stays shut for a strange finger, and still opens with the PIN (SR-13)", async () => {
    phone = await PatientPhone.fresh(browser);
    const reader = await VirtualAuthenticator.attach(phone.page);
    await enrolled("Both");
    await phone.press("Lock");
    await phone.press("Use fingerprint or face");
    await phone.connection("open");
    await phone.press("Lock");
    await reader.recognise(false);
    await phone.press("Use fingerprint or face");
    await phone.page.getByRole("alert").getByText("did not recognise you").waitFor();
    await phone.heading("Locked");
    await phone.unlock(PIN);
    await phone.connection("open");
  });

  it("tells after the tenth wrong PIN that it opens nothing any more, and offers to begin anew (SR-12)", async () => {
    phone = await PatientPhone.fresh(browser);
    // The waits between tries are longer than a test: the app's clock is turned instead.
    await phone.page.clock.install();
    await enrolled("PIN");
    await phone.press("Lock");
    for (let wrong = 1; wrong <= 10; wrong++) {
      await phone.unlock(WRONG);
      if (wrong === 10) break;
      await phone.page.getByRole("alert").getByText("This PIN is wrong").waitFor();
      if (wrong >= 6) await phone.page.getByText(/tries are left|One try is left/).waitFor();
      await phone.page.clock.fastForward("24:00:00");
    }
    await phone.heading("The PIN opens nothing any more");
    await phone.press("Erase and connect anew");
    await phone.press("Yes, erase everything on this phone");
    await phone.heading("Everything was erased from this phone");
  });
});
