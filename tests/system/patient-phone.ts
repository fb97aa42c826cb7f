import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { SIZES, watchedContext } from "./browser.ts";
import type { Installation } from "./installation.ts";
import { seriousFindings } from "./looks.ts";

/** The PIN of every phone of a test. Not one that is refused as easy to guess. */
export const PIN = "739154";

/** Longer than anything takes that a person waits for. */
const WAIT_MS = 40_000;

/** How a phone is opened from its enrolment on. */
export type Method = "PIN" | "Fingerprint or face" | "Both";

/** The patient app as a person has it before them: one page at a phone's size, by the words on its buttons. */
export class PatientPhone {
  readonly page: Page;
  /** Console errors, broken policies and requests that leave this machine. */
  readonly complaints: string[];

  constructor(page: Page, complaints: string[]) {
    this.page = page;
    this.complaints = complaints;
  }

  /** A phone without anything on it. */
  static async fresh(
    browser: Browser,
    options: Parameters<Browser["newContext"]>[0] = {},
  ): Promise<PatientPhone> {
    const { context, complaints } = await watchedContext(browser, {
      ...{ viewport: SIZES.phone, hasTouch: true },
      ...options,
    });
    context.setDefaultTimeout(WAIT_MS);
    return new PatientPhone(await context.newPage(), complaints);
  }

  get context(): BrowserContext {
    return this.page.context();
  }

  /** Takes an invitation that is open already, and shows the six digits. */
  async takeInvitation(method: Method = "PIN"): Promise<string> {
    const { page } = this;
    if (method !== "PIN") await page.getByRole("radio", { name: method, exact: true }).check();
    if (method !== "Fingerprint or face") {
      await page
        .getByLabel("PIN", { exact: true })
        .and(page.locator("input[type=password]"))
        .fill(PIN);
      await page.getByLabel("PIN once more").fill(PIN);
    }
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    return (await page.getByTestId("enrol-code").textContent()) ?? "";
  }

  /** Opens an invitation's link, has staff confirm the digits, and goes in. */
  async enrol(installation: Installation, mrn: string, method: Method = "PIN"): Promise<void> {
    await this.page.goto(await installation.invite(mrn));
    const code = await this.takeInvitation(method);
    await installation.asOperator((operator) => operator.confirm({ mrn, code }));
    await this.press("Access app");
    await this.connection("open");
  }

  /** Presses a button by its word. */
  async press(name: string): Promise<void> {
    await this.page.getByRole("button", { name, exact: true }).click();
  }

  /** Goes to one of the four main screens. */
  async go(tab: "Today" | "Sensors" | "Record" | "Safety"): Promise<void> {
    await this.page.getByRole("navigation").getByRole("button", { name: tab }).click();
    await this.heading(tab === "Record" ? "My record" : tab);
  }

  /** Goes to a screen under "Safety". */
  async goUnder(row: string): Promise<void> {
    await this.go("Safety");
    await this.page.getByRole("button", { name: row }).first().click();
    await this.heading(row);
  }

  /** Waits until the screen has this heading. */
  async heading(name: string): Promise<void> {
    await this.page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
  }

  /** Waits until the strip says so. */
  async connection(state: "open" | "connecting" | "waiting" | "stopped"): Promise<void> {
    await this.page.locator(`[data-testid=connection][data-connection=${state}]`).waitFor();
  }

  /** Waits until the hospital has confirmed everything. */
  async allConfirmed(): Promise<void> {
    await this.page.getByText("All readings are at the hospital").waitFor();
  }

  /** Types the PIN on the lock screen. */
  async unlock(pin: string = PIN): Promise<void> {
    await this.heading("Locked");
    await this.pin.fill(pin);
    await this.press("Unlock");
  }

  /** Types in a heart rate, which is signed and queued at once. */
  async typeHeartRate(bpm: number): Promise<void> {
    await this.go("Today");
    await this.press("Type in");
    await this.heading("Type in a reading");
    await this.page.getByLabel("What did you measure?").selectOption("Heart rate");
    await this.page.getByLabel(/^Value/).fill(String(bpm));
    await this.press("Save and send");
    await this.page.getByText("Saved on this phone").waitFor();
  }

  /** Adds the sensor that {@link answerChooser} chooses. */
  async addSensor(): Promise<void> {
    await this.go("Sensors");
    await this.press("Add a sensor");
    await this.press("Choose the sensor");
  }

  /** The type of each value that the app keeps in the browser's database. */
  async storedKinds(): Promise<string[]> {
    return this.page.evaluate(readDatabases);
  }

  get pin(): Locator {
    return this.page.getByLabel("PIN", { exact: true }).and(this.page.locator("input"));
  }

  /** What axe calls serious or critical on the screen as it is. */
  async seriousFindings(): Promise<string[]> {
    return seriousFindings(this.page);
  }
}

/** Runs in the page: the type of each value in each store of each database. */
async function readDatabases(): Promise<string[]> {
  const kinds: string[] = [];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name ?? "");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error("not opened"));
    });
    for (const store of database.objectStoreNames) {
      const values = await new Promise<unknown[]>((resolve) => {
        const request = database.transaction(store).objectStore(store).getAll();
        request.onsuccess = () => resolve(request.result as unknown[]);
      });
      for (const value of values) kinds.push(Object.prototype.toString.call(value).slice(8, -1));
    }
    database.close();
  }
  return kinds;
}
