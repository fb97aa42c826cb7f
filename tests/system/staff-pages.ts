import type { Page } from "playwright-core";
import type { VirtualAuthenticator } from "./virtual-authenticator.ts";
import { totpApp } from "../../apps/hospital/src/testing/log-in-world.ts";

/** What somebody has who set up password and app. */
export interface TypedFactors {
  readonly name: string;
  readonly password: string;
  /** What the app shows at a time. */
  readonly code: (now: number) => string;
  readonly recoveryCodes: readonly string[];
}

/** A password that nobody guesses first. */
export const GOOD_PASSWORD = "otters sleep holding hands";

/** Sets up a passkey by a link; the page's authenticator answers. Ends signed in. */
export async function setUpPasskey(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByRole("button", { name: "Set up a passkey" }).click();
  await page.getByRole("button", { name: "Create the passkey" }).click();
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

/** Opens a link and reads the secret that an app would scan. */
export async function beginPassword(page: Page, link: string): Promise<(now: number) => string> {
  await page.goto(link);
  await page.getByRole("button", { name: "Set up a password and an app" }).click();
  return readSecret(page);
}

/** What an app shows that has scanned the code on the screen. */
export async function readSecret(page: Page): Promise<(now: number) => string> {
  const secret = await page.getByTestId("totp-secret").innerText();
  return totpApp(secret.replaceAll(/\s/g, ""));
}

/** Sets up password and app by a link. Ends signed in. */
export async function setUpPassword(
  page: Page,
  { link, name, now }: { readonly link: string; readonly name: string; readonly now: number },
): Promise<TypedFactors> {
  const code = await beginPassword(page, link);
  await page.getByLabel("New password").fill(GOOD_PASSWORD);
  await page.getByLabel("Code that the app shows").fill(code(now));
  await page.getByRole("button", { name: "Set password and app" }).click();
  const recoveryCodes = await keepCodes(page);
  return { name, password: GOOD_PASSWORD, code, recoveryCodes };
}

/** Reads the recovery codes on the screen and says that they are kept. */
export async function keepCodes(page: Page): Promise<readonly string[]> {
  const list = page.getByRole("list", { name: "Your recovery codes" });
  await list.waitFor();
  const codes = await list.getByRole("listitem").allInnerTexts();
  await page.getByRole("button", { name: "I have kept them" }).click();
  return codes;
}

/** Fills in name, password and code, and sends them. */
export async function typeLogIn(
  page: Page,
  typed: { readonly name: string; readonly password: string; readonly code: string },
): Promise<void> {
  await page.getByLabel("Name").fill(typed.name);
  await page.getByRole("textbox", { name: "Password" }).fill(typed.password);
  await page.getByRole("textbox", { name: "Code" }).fill(typed.code);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/**
 * Signs out and waits for the log-in.
 *
 * @param authenticator - Of the page, where it has one: else it would answer at once what is only offered.
 */
export async function signOut(page: Page, authenticator?: VirtualAuthenticator): Promise<void> {
  await authenticator?.answerByItself(false);
  const offered = authenticator === undefined ? undefined : await passkeyAskedFor(page);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await offered?.();
}

/** Watches for the page's next question to an authenticator: one that answers by itself from then on leaves it open. */
async function passkeyAskedFor(page: Page): Promise<() => Promise<void>> {
  const watch = await page.evaluateHandle(() => {
    const state = { asked: false };
    const { credentials } = navigator;
    const get = credentials.get.bind(credentials);
    credentials.get = (options) => {
      state.asked = true;
      return get(options);
    };
    return state;
  });
  return async () => {
    await page.waitForFunction(({ asked }) => asked, watch);
  };
}

/** Presses the button for passkeys, and the finger on the reader. */
export async function logInByPasskey(
  page: Page,
  authenticator: VirtualAuthenticator,
): Promise<void> {
  await authenticator.answerByItself(true);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
}
