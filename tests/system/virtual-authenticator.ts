import type { CDPSession, Page } from "playwright-core";

/** A fingerprint reader of the page's browser, with the PRF extension; every question is answered at once. */
export class VirtualAuthenticator {
  readonly #cdp: CDPSession;
  readonly #authenticatorId: string;

  private constructor(cdp: CDPSession, authenticatorId: string) {
    this.#cdp = cdp;
    this.#authenticatorId = authenticatorId;
  }

  /**
   * Adds one. It lives as long as the page.
   *
   * @param options.hasPrf - By default yes; without it is a reader that can say who is there but yields no key.
   * @param options.hasStore - By default yes; without it keeps no passkey and so can make none.
   * @param options.isPlugged - A key that is plugged in, beside the reader: a browser has one reader only.
   */
  static async attach(
    page: Page,
    {
      hasPrf = true,
      hasStore = true,
      isPlugged = false,
    }: {
      readonly hasPrf?: boolean;
      readonly hasStore?: boolean;
      readonly isPlugged?: boolean;
    } = {},
  ): Promise<VirtualAuthenticator> {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("WebAuthn.enable");
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        ctap2Version: "ctap2_1",
        transport: isPlugged ? "usb" : "internal",
        hasResidentKey: hasStore,
        hasUserVerification: true,
        isUserVerified: true,
        hasPrf,
        automaticPresenceSimulation: true,
      },
    });
    return new VirtualAuthenticator(cdp, authenticatorId);
  }

  /** From now on it recognises the finger, or not. One that was not recognised five times locks the reader. */
  async recognise(isUserVerified: boolean): Promise<void> {
    const { authenticatorId } = this.#byId;
    await this.#cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified });
  }

  /**
   * Whether it answers at once, as by default, or leaves questions open, as a person does who is not there. At once means
   * also what a browser only offers beside a field for a name: in a test somebody picks it by themselves.
   */
  async answerByItself(enabled: boolean): Promise<void> {
    const { authenticatorId } = this.#byId;
    await this.#cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled });
  }

  /** Takes it away, as a key is pulled out. */
  async remove(): Promise<void> {
    await this.#cdp.send("WebAuthn.removeVirtualAuthenticator", this.#byId);
  }

  get #byId(): { authenticatorId: string } {
    return { authenticatorId: this.#authenticatorId };
  }
}
