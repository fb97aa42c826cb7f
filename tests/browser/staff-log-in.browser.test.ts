import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startBrowser, watchedContext } from "../system/browser.ts";
import { lookAtScreen } from "../system/looks.ts";
import { startStaffedHospital, type StaffedHospital } from "../system/staffed-hospital.ts";
import {
  beginPassword,
  GOOD_PASSWORD,
  keepCodes,
  setUpPasskey,
  setUpPassword,
  logInByPasskey,
  readSecret,
  signOut,
  typeLogIn,
  type TypedFactors,
} from "../system/staff-pages.ts";
import { VirtualAuthenticator } from "../system/virtual-authenticator.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** Longer than anything here takes, and short enough to say where a test stands still. */
const PATIENCE_MS = 30_000;
const REFUSED = "This did not sign you in.";

let hospital: StaffedHospital;
let browser: Browser;
let context: BrowserContext;
let complaints: string[];
let page: Page;
let people = 0;
let name: string;

const now = (): number => hospital.world.clock.now();
/** A code works once: the next one comes after half a minute. */
const nextCode = async (factors: TypedFactors): Promise<string> => {
  await hospital.world.clock.advance(30 * SECOND);
  return factors.code(now());
};
const isIn = (one: Page = page): Promise<void> =>
  one.getByRole("button", { name: "Sign out", exact: true }).waitFor();
const logIn = async (factors: TypedFactors): Promise<void> => {
  await typeLogIn(page, { ...factors, code: await nextCode(factors) });
  await isIn();
};
/** Lets the same time pass at the hospital and in a page whose clock is the test's. */
const pass = async (ms: number, pages: readonly Page[]): Promise<void> => {
  await hospital.world.clock.advance(ms);
  for (const one of pages) await one.clock.fastForward(ms);
};

beforeAll(async () => {
  hospital = await startStaffedHospital();
  browser = await startBrowser();
});

beforeEach(async () => {
  people += 1;
  name = `Dr Number ${people}`;
  ({ context, complaints } = await watchedContext(browser));
  context.setDefaultTimeout(PATIENCE_MS);
  page = await context.newPage();
});

afterEach(async () => {
  // The browser itself reports answers that say no; nothing else may be wrong, the page's policy least of all.
  expect(complaints.filter((text) => !/status of 4(01|03|22|29)/.test(text))).toEqual([]);
  await context.close();
});

afterAll(async () => {
  await browser.close();
  await hospital.close();
});

describe("setting up and signing in with a passkey", () => {
  it("goes from the link to the console and back in with one button (SR-01, SR-10) [HS-312d]", async () => {
    const authenticator = await VirtualAuthenticator.attach(page);
    await page.goto(await hospital.link(name, "doctor"));
    await page.getByText(`This link is for ${name}, doctor.`).waitFor();
    expect(new URL(page.url()).hash).toBe("");
    expect(await lookAtScreen(page, "set-up")).toEqual([]);
    await page.getByRole("button", { name: "Set up a passkey" }).click();
    await page.getByLabel("Name of this passkey").fill("Ward tablet");
    expect(await lookAtScreen(page, "set-up-passkey")).toEqual([]);
    await page.getByRole("button", { name: "Create the passkey" }).click();
    await isIn();
    await signOut(page, authenticator);
    await logInByPasskey(page, authenticator);
    await isIn();
    await page.getByText(name).first().waitFor();
  });

  it("offers passkeys beside the field for the name, for who picks one there", async () => {
    const authenticator = await VirtualAuthenticator.attach(page);
    await setUpPasskey(page, await hospital.link(name, "doctor"));
    await signOut(page, authenticator);
    await authenticator.answerByItself(true);
    await page.reload();
    await isIn();
  });

  it("leaves the link good when no passkey could be made, and says what happened", async () => {
    const keepsNothing = await VirtualAuthenticator.attach(page, { hasStore: false });
    const link = await hospital.link(name, "doctor");
    await page.goto(link);
    await page.getByRole("button", { name: "Set up a passkey" }).click();
    await page.getByRole("button", { name: "Create the passkey" }).click();
    await page.getByText("The passkey did not answer").waitFor();
    await keepsNothing.remove();
    await VirtualAuthenticator.attach(page);
    await page.getByRole("button", { name: "Create the passkey" }).click();
    await isIn();
    await page.goto("about:blank");
    await page.goto(link);
    await page.getByText("This link does not open anything").waitFor();
    expect(await lookAtScreen(page, "link-used")).toEqual([]);
  });

  it("signs nobody in with a passkey that the hospital does not know any more (SR-09)", async () => {
    const authenticator = await VirtualAuthenticator.attach(page);
    await setUpPasskey(page, await hospital.link(name, "doctor"));
    await signOut(page, authenticator);
    await hospital.desk.disable(name);
    await logInByPasskey(page, authenticator);
    await page.getByText(REFUSED).waitFor();
  });
});

describe("setting up and signing in with password and code", () => {
  it("says the rules before, refuses in words, shows recovery codes once, and signs in (SR-05) [HS-308a5D]", async () => {
    const code = await beginPassword(page, await hospital.link(name, "doctor"));
    await page.getByText("At least 8 characters, at most 256.").waitFor();
    const password = page.getByLabel("New password");
    const typedCode = page.getByLabel("Code that the app shows");
    const set = page.getByRole("button", { name: "Set password and app" });
    expect(await password.getAttribute("autocomplete")).toBe("new-password");
    expect(await typedCode.getAttribute("autocomplete")).toBe("one-time-code");
    await set.click();
    await page.getByText("fewer than 8 characters").waitFor();
    await page.getByText("The code of the app has six digits.").waitFor();
    expect(await lookAtScreen(page, "set-up-password")).toEqual([]);
    await password.fill("password1");
    await typedCode.fill(code(now()));
    await set.click();
    await page.getByText("This password is easy to guess").waitFor();
    await password.fill(GOOD_PASSWORD);
    await typedCode.fill("000000");
    await set.click();
    await page.getByText("The code isn't right.").waitFor();
    await typedCode.fill(code(now()));
    await set.click();
    await page.getByRole("list", { name: "Your recovery codes" }).waitFor();
    expect(await lookAtScreen(page, "recovery-codes")).toEqual([]);
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    expect((await download).suggestedFilename()).toBe("siphms-recovery-codes.txt");
    const recoveryCodes = await keepCodes(page);
    expect(recoveryCodes).toHaveLength(10);
    await isIn();
    await signOut(page);
    const logInCode = await nextCode({ name, password: GOOD_PASSWORD, code, recoveryCodes });
    await typeLogIn(page, { name, password: GOOD_PASSWORD, code: logInCode });
    await isIn();
  });

  it("answers a used code, a wrong password and an unknown name with the same words (SR-09)", async () => {
    const link = await hospital.link(name, "doctor");
    const factors = await setUpPassword(page, { link, name, now: now() });
    await isIn();
    await signOut(page);
    const code = await nextCode(factors);
    await typeLogIn(page, { ...factors, code });
    await isIn();
    await signOut(page);
    const told = page.getByRole("alert");
    await typeLogIn(page, { ...factors, code });
    await told.waitFor();
    const words = await told.innerText();
    expect(words).toContain(REFUSED);
    expect(await page.getByRole("textbox", { name: "Code" }).inputValue()).toBe("");
    expect(await lookAtScreen(page, "log-in-refused")).toEqual([]);
    for (const wrong of [
      { ...factors, password: "another password that is wrong", code: await nextCode(factors) },
      { ...factors, name: "Dr Nobody At All", code: factors.code(now()) },
    ]) {
      await typeLogIn(page, wrong);
      await page.getByRole("button", { name: "Sign in", exact: true }).isEnabled();
      await expect.poll(() => told.innerText()).toBe(words);
    }
    await logIn(factors);
  });

  it("takes a recovery code once, however it is typed (SR-11)", async () => {
    const link = await hospital.link(name, "doctor");
    const factors = await setUpPassword(page, { link, name, now: now() });
    await isIn();
    await signOut(page);
    const typed = (factors.recoveryCodes[0] ?? "").toUpperCase().replaceAll("-", " ");
    await typeLogIn(page, { ...factors, code: typed });
    await isIn();
    await page.getByRole("link", { name: "My account" }).click();
    await page.getByText("A recovery code was used.").waitFor();
    await signOut(page);
    await typeLogIn(page, { ...factors, code: typed });
    await page.getByText(REFUSED).waitFor();
  });

  it("asks nobody about what can be no code, and says until when too many tries wait (SR-08) [HS-308a5C]", async () => {
    await page.goto(hospital.origin);
    await typeLogIn(page, { name, password: "", code: "12345" });
    await page.getByText("Fill this in.").waitFor();
    await page.getByText("A code has six digits; a recovery code").waitFor();
    expect(await lookAtScreen(page, "log-in")).toEqual([]);
    const waits = page.getByText("There were too many tries. It goes on at");
    for (let tries = 0; tries < 8 && !(await waits.isVisible()); tries++) {
      const answer = page.waitForResponse((response) => response.request().method() === "POST");
      await typeLogIn(page, { name, password: "a wrong password", code: "123456" });
      await answer;
    }
    await waits.waitFor();
  });

  it("can be used with keys alone", async () => {
    const link = await hospital.link(name, "doctor");
    const factors = await setUpPassword(page, { link, name, now: now() });
    await isIn();
    await signOut(page);
    const code = await nextCode(factors);
    const until = async (label: string): Promise<void> => {
      const isThere = (): Promise<boolean> =>
        page
          .getByRole("textbox", { name: label })
          .evaluate((element) => element === document.activeElement);
      for (let tabs = 0; tabs < 12 && !(await isThere()); tabs++) await page.keyboard.press("Tab");
      expect(await isThere()).toBe(true);
    };
    await until("Name");
    await page.keyboard.type(name);
    await until("Password");
    await page.keyboard.type(factors.password);
    await until("Code");
    await page.keyboard.type(code);
    await page.keyboard.press("Enter");
    await isIn();
  });
});

describe("a fresh proof for dangerous acts (SR-20)", () => {
  it("is asked for after five minutes, given up without harm, refused when wrong, and the act goes on", async () => {
    const link = await hospital.link(name, "doctor");
    const factors = await setUpPassword(page, { link, name, now: now() });
    await isIn();
    await page.getByRole("link", { name: "My account" }).click();
    await page.getByText("10 recovery codes are left.").waitFor();
    await hospital.world.clock.advance(5 * MINUTE);
    const renew = page.getByRole("button", { name: "Make new recovery codes" });
    await renew.click();
    const dialog = page.getByRole("dialog", { name: "Prove that it is still you" });
    await dialog.waitFor();
    expect(await lookAtScreen(page, "step-up")).toEqual([]);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await page.getByRole("alert").count()).toBe(0);
    await renew.click();
    await dialog.getByRole("textbox", { name: "Password" }).fill(factors.password);
    await dialog.getByRole("textbox", { name: "Code" }).fill("000000");
    await dialog.getByRole("button", { name: "Go on" }).click();
    await dialog.getByText("This was not right.").waitFor();
    await dialog.getByRole("textbox", { name: "Code" }).fill(factors.code(now()));
    await dialog.getByRole("button", { name: "Go on" }).click();
    const made = await keepCodes(page);
    expect(made).toHaveLength(10);
    expect(made).not.toEqual(factors.recoveryCodes);
  });
});

describe("what somebody signs in with", () => {
  it("is changed after a fresh proof by passkey, which goes on with the act (SR-11, SR-20)", async () => {
    await VirtualAuthenticator.attach(page);
    await setUpPasskey(page, await hospital.link(name, "doctor"));
    await page.getByRole("link", { name: "My account" }).click();
    await hospital.world.clock.advance(5 * MINUTE);
    await page.getByRole("button", { name: "Set up password and app" }).click();
    const stepUp = page.getByRole("dialog", { name: "Prove that it is still you" });
    await stepUp.getByRole("button", { name: "Use your passkey" }).click();
    await stepUp.waitFor({ state: "detached" });
    const code = await readSecret(page);
    await page.getByLabel("New password").fill(GOOD_PASSWORD);
    await page.getByLabel("Code that the app shows").fill(code(now()));
    expect(await lookAtScreen(page, "account-password")).toEqual([]);
    await page.getByRole("button", { name: "Set password and app" }).click();
    expect(await keepCodes(page)).toHaveLength(10);
    await page.getByText("10 recovery codes are left.").waitFor();
  });
});

describe("a screen that nobody looks after [HS-312a2iii]", () => {
  async function open(one: Page): Promise<void> {
    await one.goto(hospital.origin);
    await isIn(one);
  }

  it("asks in time, goes on when somebody is there, and else empties itself in every window (SR-17)", async () => {
    const authenticator = await VirtualAuthenticator.attach(page);
    await page.clock.install();
    await setUpPasskey(page, await hospital.link(name, "doctor"));
    await authenticator.answerByItself(false);
    await hospital.addPatient({ mrn: "IDLE-1", name: "Ada Example", carer: name });
    await page.reload();
    await page.getByText("Ada Example").first().waitFor();
    const second = await context.newPage();
    await second.clock.install();
    await open(second);
    await second.getByText("Ada Example").first().waitFor();
    const both = [page, second];
    const asks = (one: Page) => one.getByRole("dialog", { name: "Are you still there?" });
    await pass(13 * MINUTE + SECOND, both);
    await asks(page).waitFor();
    await asks(second).waitFor();
    expect(await lookAtScreen(page, "idle")).toEqual([]);
    await asks(page).getByRole("button", { name: "Stay signed in" }).click();
    await asks(page).waitFor({ state: "detached" });
    // The other window has heard of it.
    await asks(second).waitFor({ state: "detached" });
    await pass(13 * MINUTE + SECOND, both);
    await asks(page).waitFor();
    await pass(2 * MINUTE, both);
    for (const one of both) {
      await one.getByText("because nothing was done for a while").waitFor();
      expect(await one.content()).not.toContain("Ada Example");
    }
    const answer = await page.request.get(`${hospital.origin}/api/patients`);
    expect(answer.status()).toBe(401);
  });

  it("stays open while somebody types, and says ten minutes before that it ends whatever is done", async () => {
    await VirtualAuthenticator.attach(page);
    // What the page asks by itself as ten minutes pass would be answered between the two clocks.
    await page.route(/\/api\/(alerts|live|staff-notices)$/, (route) => route.abort());
    await page.clock.install();
    await setUpPasskey(page, await hospital.link(name, "doctor"));
    const isTold = () => page.waitForResponse((answer) => answer.url().endsWith("/api/session"));
    const firstTold = isTold();
    await page.getByRole("link", { name: "Emergency access" }).click();
    await firstTold;
    const reason = page.getByLabel("Why you need it");
    for (let hours = 0; hours < 12 * 6 - 1; hours++) {
      const told = isTold();
      await pass(10 * MINUTE, [page]);
      await reason.press("a");
      await told;
    }
    await page.getByText("twelve hours after you signed in").waitFor();
    expect(await lookAtScreen(page, "session-end")).toEqual([]);
    await page.getByRole("button", { name: "Understood" }).click();
    expect(await page.getByText("twelve hours after you signed in").count()).toBe(0);
    expect(await page.getByRole("dialog").count()).toBe(0);
    complaints = complaints.filter((text) => !text.includes("ERR_FAILED"));
  });

  it("is empty although the hospital was not reached, says that the session goes on, and ends it when it is there again", async () => {
    const authenticator = await VirtualAuthenticator.attach(page);
    await setUpPasskey(page, await hospital.link(name, "doctor"));
    await authenticator.answerByItself(false);
    const end = (): Promise<void> =>
      page.getByRole("button", { name: "Sign out", exact: true }).click();
    await page.route("**/api/session", async (route) =>
      route.request().method() === "DELETE" ? route.abort() : route.continue(),
    );
    await end();
    await page.getByText("Your session has not ended").waitFor();
    expect(await page.getByText(/^You are signed out/).count()).toBe(0);
    expect(await lookAtScreen(page, "sign-out-not-reached")).toEqual([]);
    const asked = await page.request.get(`${hospital.origin}/api/session`);
    expect(asked.status()).toBe(200);
    complaints.splice(0);
    await page.unroute("**/api/session");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText(/^You are signed out/).waitFor();
    const again = await page.request.get(`${hospital.origin}/api/session`);
    expect(again.status()).toBe(401);
  });

  it("empties the other windows when one signs out, or signs out everywhere", async () => {
    const authenticator = await VirtualAuthenticator.attach(page);
    await setUpPasskey(page, await hospital.link(name, "doctor"));
    const second = await context.newPage();
    await open(second);
    await signOut(page, authenticator);
    await second.getByRole("heading", { name: "Sign in" }).waitFor();
    await logInByPasskey(page, authenticator);
    await isIn();
    await isIn(second);
    await second.getByRole("link", { name: "My account" }).click();
    await second.getByRole("button", { name: "Sign out everywhere" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  });
});
