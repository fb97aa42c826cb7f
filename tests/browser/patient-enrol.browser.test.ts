import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startBrowser } from "../system/browser.ts";
import { Installation } from "../system/installation.ts";
import { PatientPhone, PIN } from "../system/patient-phone.ts";
import { writeQrFilm, writeQrPicture } from "../system/qr-picture.ts";
import { VirtualAuthenticator } from "../system/virtual-authenticator.ts";

describe("enrolling in the patient app", () => {
  let installation: Installation;
  let browser: Browser;
  let folder: string;
  let phone: PatientPhone;
  let patients = 0;
  const nextMrn = (): string => `ENROL-${String((patients += 1))}`;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "siphms-enrol-"));
    installation = await Installation.start();
    browser = await startBrowser();
  });
  afterEach(() => phone.context.close());
  afterAll(async () => {
    await browser.close();
    await installation.remove();
    rmSync(folder, { recursive: true });
  });

  it("shows an invitation's hospital and its key, and takes the link out of the address at once", async () => {
    phone = await PatientPhone.fresh(browser);
    const link = await installation.invite(nextMrn());
    expect(link).toContain("#");
    await phone.page.goto(link);
    await phone.page.getByText("Fingerprint of the hospital's key").waitFor();
    await phone.page.getByText("Demonstration Hospital").waitFor();
    expect(phone.page.url()).toBe(`${installation.appUrl}/`);
    expect(await phone.page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
    expect(phone.complaints).toEqual([]);
  });

  it("goes by link to six digits, and only after staff confirmed those into the app", async () => {
    phone = await PatientPhone.fresh(browser);
    const mrn = nextMrn();
    await phone.page.goto(await installation.invite(mrn));
    const code = await phone.takeInvitation();
    expect(code).toMatch(/^\d{6}$/);
    const other = code === "000000" ? "111111" : "000000";
    const confirmed = installation.asOperator((operator) => operator.confirm({ mrn, code: other }));
    await expect(confirmed).rejects.toThrow();
    expect(await phone.page.getByTestId("enrol-code").textContent()).toBe(code);
    expect(await phone.page.getByRole("button", { name: "Access app" }).count()).toBe(0);
    await installation.asOperator((operator) => operator.confirm({ mrn, code }));
    await phone.page.getByText("signature of Demonstration Hospital was verified").waitFor();
    await phone.press("Access app");
    await phone.heading("Today");
    await phone.connection("open");
    expect(phone.complaints).toEqual([]);
  });

  it("reads the code that is held before the camera", async () => {
    const film = join(folder, "code.y4m");
    const mrn = nextMrn();
    writeQrFilm(await installation.invite(mrn), film);
    const watching = await startBrowser({ cameraFile: film });
    try {
      phone = await PatientPhone.fresh(watching, { permissions: ["camera"] });
      await phone.page.goto(installation.appUrl);
      await phone.press("Scan the code with the camera");
      await phone.page.getByText("Demonstration Hospital").waitFor();
      const code = await phone.takeInvitation();
      await installation.asOperator((operator) => operator.confirm({ mrn, code }));
      await phone.press("Access app");
      await phone.connection("open");
      expect(phone.complaints).toEqual([]);
    } finally {
      await watching.close();
    }
  });

  it("reads a picture of the code, and says so where there is none in it", async () => {
    phone = await PatientPhone.fresh(browser);
    const [right, wrong] = [join(folder, "code.png"), join(folder, "empty.png")];
    await writeQrPicture(await installation.invite(nextMrn()), right);
    await phone.page.goto(installation.appUrl);
    await phone.page.screenshot({ path: wrong });
    const field = phone.page.locator("input[type=file]");
    await field.setInputFiles(wrong);
    await phone.page.getByRole("alert").getByText("There is no code in this picture").waitFor();
    await field.setInputFiles(right);
    await phone.page.getByText("Demonstration Hospital").waitFor();
    expect(await phone.takeInvitation()).toMatch(/^\d{6}$/);
    expect(phone.complaints).toEqual([]);
  });

  it("calls other links, no links and broken links no invitation", async () => {
    phone = await PatientPhone.fresh(browser);
    await phone.page.goto(installation.appUrl);
    const field = phone.page.getByLabel("Or paste the link of the invitation");
    for (const text of ["https://example.org/", "not a link", "http://localhost/enrol#AAAA"]) {
      await phone.page.reload();
      await field.fill(text);
      await phone.press("Go on");
      await phone.page.getByRole("alert").getByText("This is no invitation").waitFor();
    }
  });

  it("says that an invitation was used already", async () => {
    phone = await PatientPhone.fresh(browser);
    const link = await installation.invite(nextMrn());
    await phone.page.goto(link);
    await phone.takeInvitation();
    const other = await PatientPhone.fresh(browser);
    await other.page.goto(link);
    await other.page
      .getByLabel("PIN", { exact: true })
      .and(other.page.locator("input[type=password]"))
      .fill(PIN);
    await other.page.getByLabel("PIN once more").fill(PIN);
    await other.press("Connect");
    await other.page.getByRole("alert").getByText("does not take this invitation").waitFor();
    await other.context.close();
  });

  it("refuses two PINs that differ, a short one, and one that is easy to guess", async () => {
    phone = await PatientPhone.fresh(browser);
    await phone.page.goto(await installation.invite(nextMrn()));
    for (const [first, second, words] of [
      [PIN, "739155", "The two PINs differ"],
      ["73915", "73915", "6 to 12 digits"],
      ["111111", "111111", "easy to guess"],
    ] as const) {
      await phone.pin.fill(first);
      await phone.page.getByLabel("PIN once more").fill(second);
      await phone.press("Connect");
      await phone.page.getByRole("alert").getByText(words).waitFor();
    }
    expect(await phone.page.getByTestId("enrol-code").count()).toBe(0);
  });

  it("is opened by a fingerprint alone where that was chosen", async () => {
    phone = await PatientPhone.fresh(browser);
    await VirtualAuthenticator.attach(phone.page);
    await phone.enrol(installation, nextMrn(), "Fingerprint or face");
    await phone.press("Lock");
    await phone.heading("Locked");
    expect(await phone.pin.count()).toBe(0);
    await phone.press("Use fingerprint or face");
    await phone.connection("open");
    expect(phone.complaints).toEqual([]);
  });

  it("makes nothing of a finger that is not recognised", async () => {
    phone = await PatientPhone.fresh(browser);
    const reader = await VirtualAuthenticator.attach(phone.page);
    await phone.page.goto(await installation.invite(nextMrn()));
    await phone.page.getByRole("radio", { name: "Fingerprint or face" }).check();
    await reader.recognise(false);
    await phone.press("Connect");
    await phone.page.getByRole("alert").getByText("did not recognise you").waitFor();
    expect(await phone.page.getByTestId("enrol-code").count()).toBe(0);
    // A reader that did not know a finger five times is locked; the PIN is the other way.
    await phone.page.getByRole("radio", { name: "PIN", exact: true }).check();
    expect(await phone.takeInvitation()).toMatch(/^\d{6}$/);
  });

  it("says so where a reader can keep no key", async () => {
    phone = await PatientPhone.fresh(browser);
    await VirtualAuthenticator.attach(phone.page, { hasPrf: false });
    await phone.page.goto(await installation.invite(nextMrn()));
    await phone.page.getByRole("radio", { name: "Fingerprint or face" }).check();
    await phone.press("Connect");
    await phone.page.getByRole("alert").getByText("can't keep a key for this app").waitFor();
  });
});
